import { createHash } from 'node:crypto';

/** An outage shorter than this, milliseconds, is one gateway's own: nobody comes back with it. */
export const shortestOutage = 60_000;
/** Share of the time that was missed over which the backlogs of a region begin. */
const share = 0.1;

/** A gateway's own place among all, 0 up to 1, by its name: the same after every outage, and even over a region. */
export function placeOf(gateway: string, uplink: string): number {
  return createHash('sha256').update(`${gateway}|${uplink}`).digest().readUInt32BE() / 2 ** 32;
}

/**
 * How long the backlog waits after a connect, milliseconds: after a regional outage a thousand gateways would otherwise
 * begin in the same second. Fresh minutes do not wait. `held`: age of the oldest entry held; `longest`: of the wait;
 * `place`: 0 up to 1, see {@link placeOf}.
 */
export function spreadOf(held: number, longest: number, place: number): number {
  if (held < shortestOutage) return 0;
  return Math.min(longest, held * share) * place;
}
