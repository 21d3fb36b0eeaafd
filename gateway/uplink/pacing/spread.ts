/** An outage shorter than this, milliseconds, is one gateway's own: nobody comes back with it. */
const shortest = 60_000;
/** Share of the time that was missed over which the backlogs of a region begin. */
const share = 0.1;

/**
 * How long the backlog waits after a connect, milliseconds: after a regional outage a thousand gateways would otherwise
 * begin in the same second. Fresh minutes do not wait. `held`: age of the oldest entry held; `longest`: of the wait.
 */
export function spreadOf(held: number, longest: number, random: () => number): number {
  if (held < shortest) return 0;
  return Math.min(longest, held * share) * random();
}
