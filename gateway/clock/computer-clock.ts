/** How much a computer's clock gains or loses at most while nobody disciplines it, as a share. */
export const ownDrift = 100 / 1_000_000;
/** Milliseconds: farther than this apart, the system's clock was set; nearer, it was slewed, and we follow without a word. */
export const jumpThreshold = 1000;
