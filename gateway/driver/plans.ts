import { type Cadence, type Profile, type ProfilePoint, pointsOf } from '../../device-profiles/profile.ts';
import { cadenceOf, everythingUnder } from '../../device-profiles/value/leaning.ts';
import { type Instrument, wantedPoints } from './instrument.ts';

/** What the site wants of an instrument at one cadence: the points, and the requests that bring them. */
export interface AskingPlan<Request> {
  readonly points: readonly ProfilePoint[];
  readonly requests: readonly Request[];
}

/** A plan for each cadence. `ask` gives the requests for everything that points of one lean on, by the ids of that. */
export function plansByCadence<Request>(
  instrument: Instrument & { readonly profile: Profile },
  ask: (needed: ReadonlySet<string>) => readonly Request[],
): Map<Cadence, AskingPlan<Request>> {
  const { profile } = instrument;
  const wanted = wantedPoints(instrument, pointsOf(profile));
  const plans = new Map<Cadence, AskingPlan<Request>>();
  for (const [cadence, points] of Map.groupBy(wanted, (point) => cadenceOf(profile, point))) {
    plans.set(cadence, { points, requests: ask(everythingUnder(profile, points)) });
  }
  return plans;
}
