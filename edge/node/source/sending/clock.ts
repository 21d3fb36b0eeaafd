import type { Kept } from '../core.ts';

/** Epoch seconds that can be true: after 2023, and within 31 bits (until 2038). */
const EARLIEST = 1700000000;
const LATEST = 2147483647;

/**
 * The gateway told the time: moves the zero of this boot, but not for the rounding of two clocks that count whole seconds
 * (a second either way). Whole seconds throughout: an ESP32's singles could not hold an epoch otherwise.
 */
export function setClock(kept: Kept, payload: string, uptime: number): void {
  const [digits] = string.match(payload, '^%[(%d+)%]$');
  const told = tonumber(digits);
  if (told === undefined || told < EARLIEST || told > LATEST) return;
  const zero = told - uptime;
  if (kept.zero !== undefined && zero - kept.zero <= 1 && kept.zero - zero <= 1) return;
  kept.zero = zero;
  // Rows of this boot in flash may have been written before it was known.
  if (kept.oldest <= kept.newest) {
    section<typeof import('../keeping/boots-writing.ts')>('keeping/boots-writing').keepZero(kept);
  }
}
