import { type Outcome, outcomes } from '../driver/events.ts';

export type Counters = Record<Outcome, number>;

/** A fresh set of counters, one per outcome. */
export function noCounts(): Counters {
  return Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Counters;
}
