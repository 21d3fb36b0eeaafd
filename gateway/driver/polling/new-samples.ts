import type { Raw } from '../../../device-profiles/decode.ts';
import { rawIdsOf } from '../../../device-profiles/modbus/reads.ts';
import type { Profile, ProfilePoint } from '../../../device-profiles/profile.ts';
import type { Monotonic } from '../../clock.ts';

interface Has {
  has(id: string): boolean;
}

/** Points that the instrument renews together. */
interface Group {
  /** Milliseconds; infinite for what stands there until something happens. */
  readonly refresh: number;
  /** For an event that tells its own time: the auxiliary value that holds it. */
  readonly time?: string | undefined;
  readonly points: ReadonlySet<string>;
  /** Everything that their answer holds. */
  readonly ids: readonly string[];
}

/** Of the refresh time, how much earlier than it a poll may find a new value: no poll comes to the millisecond. */
const slack = 0.1;

/**
 * Tells new samples from answers that an instrument only repeats because it was asked faster than it measures: an answer
 * identical in all its registers within the refresh time is the sample that is there already. What belongs to an event
 * is new once for each event.
 */
export class NewSamples {
  readonly #groups: readonly Group[];
  readonly #last = new Map<Group, { readonly answer: string; readonly at: Monotonic }>();

  /** `points`: those of one cadence, which are polled together. */
  constructor(profile: Profile, points: readonly ProfilePoint[]) {
    const slow = points.filter(({ refreshSeconds }) => refreshSeconds !== undefined);
    const renewed = [...Map.groupBy(slow, ({ refreshSeconds = 0 }) => refreshSeconds)].map(([seconds, group]) =>
      groupOf(profile, group, seconds * 1000),
    );
    const happening = profile.events.flatMap((event) => {
      const own = points.filter(({ id }) => event.points.includes(id));
      return own.length === 0 ? [] : [groupOf(profile, own, Number.POSITIVE_INFINITY, event.at)];
    });
    this.#groups = [...renewed, ...happening];
  }

  /** Ids of the points whose answer at this moment is none that is new. `read`: what of the raw values came just now. */
  repeated(raws: ReadonlyMap<string, Raw>, at: Monotonic, read: Has = raws): ReadonlySet<string> {
    const repeated = new Set<string>();
    for (const group of this.#groups) {
      const isConcerned = group.ids.some((id) => read.has(id));
      if (isConcerned && !this.#isNew(group, raws, at)) for (const id of group.points) repeated.add(id);
    }
    return repeated;
  }

  #isNew(group: Group, raws: ReadonlyMap<string, Raw>, at: Monotonic): boolean {
    const { ids, refresh, time } = group;
    // A time that is none: nothing has happened yet.
    if (time !== undefined && typeof raws.get(time) !== 'string') return false;
    // Of an answer that is not whole nothing is concluded, and an event needs all of it.
    if (!ids.every((id) => raws.has(id))) return refresh < Number.POSITIVE_INFINITY;
    const answer = ids.map((id) => String(raws.get(id))).join();
    const last = this.#last.get(group);
    if (last !== undefined && last.answer === answer && at - last.at < refresh * (1 - slack)) return false;
    this.#last.set(group, { answer, at });
    // What stood there when it was first read happened at some time before, which only its own time could tell.
    return last !== undefined || refresh < Number.POSITIVE_INFINITY || time !== undefined;
  }
}

function groupOf(profile: Profile, points: readonly ProfilePoint[], refresh: number, time?: string): Group {
  const ids = rawIdsOf(profile, points).sort();
  return { refresh, time, ids, points: new Set(points.map(({ id }) => id)) };
}
