/**
 * The wall clock of a node: the epoch second at which this boot began, as far as the gateway told a time. Undefined until
 * then; nobody guesses it. Whole seconds throughout, since an ESP32's singles could not hold an epoch otherwise.
 *
 * @noSelf
 */
export interface Clock {
  /** Epoch second at which this boot began; undefined while no time was told. */
  zero(): number | undefined;
  /** Epoch second now. */
  epoch(): number | undefined;
  /** The gateway's `time`. True if it moved the zero; false too if it is no time at all. */
  set(payload: string): boolean;
}

/** Epoch seconds that can be true: after 2023, and within 31 bits (until 2038). */
const EARLIEST = 1700000000;
const LATEST = 2147483647;

/** A difference up to this is the rounding of two clocks that count whole seconds, and moves nothing. */
const ROUNDING = 1;

/** @param uptime whole seconds since this boot, never going back */
export function openClock(uptime: () => number): Clock {
  let zero: number | undefined;
  return {
    zero: () => zero,
    epoch: () => (zero === undefined ? undefined : zero + uptime()),
    set: (payload) => {
      const [digits] = string.match(payload, '^%[(%d+)%]$');
      const told = tonumber(digits);
      if (told === undefined || told < EARLIEST || told > LATEST) return false;
      const moved = told - uptime();
      if (zero !== undefined && moved - zero <= ROUNDING && zero - moved <= ROUNDING) return false;
      zero = moved;
      return true;
    },
  };
}
