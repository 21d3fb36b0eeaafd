import type { Reading } from '../reading/reading.ts';

/** What brings the readings of the instruments behind one link: a line that polls, a board, the nodes of a broker. */
export interface Acquisition {
  start(): void;
  stop(): Promise<void>;
  /** Reads an instrument now, apart from its turn; told to the asker alone. */
  read(instrument: string): Promise<readonly Reading[]>;
}
