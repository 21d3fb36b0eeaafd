import type { Raw } from '../../device-profiles/decode.ts';
import type { Profile, ProfilePoint } from '../../device-profiles/profile.ts';
import { everythingUnder } from '../../device-profiles/value/leaning.ts';
import type { Monotonic } from '../clock.ts';

/** Points that the instrument renews together. */
interface Group {
  readonly refresh: number;
  readonly points: ReadonlySet<string>;
  /** Everything that their answer holds. */
  readonly ids: readonly string[];
}

/** Of the refresh time, how much earlier than it a poll may find a new value: no poll comes to the millisecond. */
const slack = 0.1;

/**
 * Tells new samples from answers that an instrument only repeats because it was asked faster than it measures: an answer
 * identical in all its registers within the refresh time is the sample that is there already.
 */
export class NewSamples {
  readonly #groups: readonly Group[];
  readonly #last = new Map<Group, { readonly answer: string; readonly at: Monotonic }>();

  /** `points`: those of one cadence, which are polled together. */
  constructor(profile: Profile, points: readonly ProfilePoint[]) {
    const slow = points.filter(({ refreshSeconds }) => refreshSeconds !== undefined);
    this.#groups = [...Map.groupBy(slow, ({ refreshSeconds = 0 }) => refreshSeconds)].map(([seconds, group]) => ({
      refresh: seconds * 1000,
      points: new Set(group.map(({ id }) => id)),
      ids: [...everythingUnder(profile, group)].sort(),
    }));
  }

  /** Ids of the points whose answer at this moment is none that is new. */
  repeated(raws: ReadonlyMap<string, Raw>, at: Monotonic): ReadonlySet<string> {
    const repeated = new Set<string>();
    for (const group of this.#groups) {
      const answer = group.ids.map((id) => String(raws.get(id))).join();
      const last = this.#last.get(group);
      const isNew = last === undefined || last.answer !== answer || at - last.at >= group.refresh * (1 - slack);
      if (isNew) this.#last.set(group, { answer, at });
      else for (const id of group.points) repeated.add(id);
    }
    return repeated;
  }
}
