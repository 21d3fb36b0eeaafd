/** How far a counter came between two of its readings, or that it was set back and nobody knows. */
type CounterStep = { readonly increase: number; readonly rolledOver: boolean } | { readonly reset: true };

/** What of its span a counter may come on from one reading to the next for a smaller reading to be a new beginning. */
const likelyStep = 0.1;

/**
 * Tells a counter that began again at 0 from one that was reset or exchanged: it rolled over if it stood in the last tenth
 * before `rollover` and stands in the first tenth now, so that the way over the end is the short one. Any other step back is
 * a reset: how much went through is then not known, and no number is made up for it. Both readings and `rollover` in one unit;
 * `rollover` is null where it is not known.
 */
export function counterStep(before: number, after: number, rollover: number | null): CounterStep {
  if (after >= before) return { increase: after - before, rolledOver: false };
  if (rollover === null) return { reset: true };
  const isNearEnd = before >= rollover * (1 - likelyStep) && before <= rollover;
  const isNearStart = after >= 0 && after <= rollover * likelyStep;
  return isNearEnd && isNearStart ? { increase: rollover - before + after, rolledOver: true } : { reset: true };
}
