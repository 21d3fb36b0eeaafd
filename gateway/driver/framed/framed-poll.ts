import type { Decoded, Raw } from '../../../device-profiles/decode.ts';
import { messageOf } from '../../../device-profiles/framed/messages.ts';
import { decodeFramed, readFrame } from '../../../device-profiles/framed/read-frame.ts';
import { type Cadence, type FramedProfile, isComputed, type ProfilePoint } from '../../../device-profiles/profile.ts';
import type { FramedMessage } from '../../../device-profiles/shape/framed.ts';
import { everythingUnder } from '../../../device-profiles/value/leaning.ts';
import type { Mark, Reading } from '../../reading/reading.ts';
import { type Instrument, knownOf, type Moment, markOfFailure, missing, readingOf } from '../instrument.ts';
import { type AskingPlan, plansByCadence } from '../plans.ts';
import type { NewSamples } from '../polling/new-samples.ts';

export type FramedInstrument = Instrument & { readonly profile: FramedProfile };

/** What the site wants of an instrument, by how often: the messages that hold it. */
export function framedPlansOf(instrument: FramedInstrument): Map<Cadence, AskingPlan<FramedMessage>> {
  const { profile } = instrument;
  return plansByCadence(instrument, (needed) => {
    const places = [...profile.points, ...profile.auxiliaries].filter(({ id }) => needed.has(id));
    const ids = new Set(places.map((place) => messageOf(profile, place)?.id));
    return profile.messages.filter(({ id }) => ids.has(id));
  });
}

type Note = (decoded: Iterable<Decoded>) => void;

/** What the frames of one poll brought, be they asked for or heard. */
export class FramedValues {
  readonly #instrument: FramedInstrument;
  readonly #points: readonly ProfilePoint[];
  readonly #note: Note;
  readonly #read = new Map<string, Raw | null>();
  readonly #moments = new Map<string, Moment>();
  readonly #failures = new Map<string, { readonly mark: Mark; readonly moment: Moment }>();
  /** Messages that said there is nothing new. */
  readonly #empty = new Set<string>();

  /** `note`: is told what the instrument says of itself, where anything was read of it. */
  constructor(instrument: FramedInstrument, points: readonly ProfilePoint[], note: Note = () => undefined) {
    this.#instrument = instrument;
    this.#points = points;
    this.#note = note;
  }

  /** A frame came; null: there is nothing new since the last. */
  take(message: FramedMessage, frame: Uint8Array | null, moment: Moment): void {
    this.#moments.set(message.id, moment);
    if (frame === null) this.#empty.add(message.id);
    else for (const [id, raw] of readFrame(this.#instrument.profile, message, frame)) this.#read.set(id, raw);
  }

  fail({ id }: FramedMessage, mark: Mark, moment: Moment): void {
    this.#failures.set(id, { mark, moment });
  }

  /** Every point, with its value or the reason for none; none of what is not new. */
  readings(end: Moment, samples?: NewSamples): readonly Reading[] {
    const { profile } = this.#instrument;
    const decoded = decodeFramed(profile, this.#points, this.#read, knownOf(this.#instrument));
    if (this.#read.size > 0) this.#note(decoded.values());
    const raws = new Map([...this.#read].flatMap(([id, raw]) => (raw === null ? [] : [[id, raw] as const])));
    const repeated = samples?.repeated(raws, end.monotonic);
    return this.#points.flatMap((point) => {
      if (repeated?.has(point.id)) return [];
      const messages = this.#messagesUnder(point);
      const value = decoded.get(point.id);
      if (value) return readingOf(this.#instrument, point, value, this.#momentOf(point, messages) ?? end);
      const failure = messages.map((id) => this.#failures.get(id)).find((one) => one !== undefined);
      if (!failure && messages.some((id) => this.#empty.has(id))) return [];
      const { mark, moment } = failure ?? { mark: markOfFailure('no-bytes'), moment: end };
      return missing(this.#instrument, point, mark, moment);
    });
  }

  /** The moment of the point's own answer; of one that is made of several, the latest. */
  #momentOf(point: ProfilePoint, messages: readonly string[]): Moment | undefined {
    const own = isComputed(point)
      ? []
      : [messageOf(this.#instrument.profile, 'message' in point ? point : {})?.id ?? ''];
    return latest((own.length > 0 ? own : messages).flatMap((id) => this.#moments.get(id) ?? []));
  }

  #messagesUnder(point: ProfilePoint): string[] {
    const { profile } = this.#instrument;
    const under = everythingUnder(profile, [point]);
    const places = [...profile.points, ...profile.auxiliaries].filter(({ id }) => under.has(id));
    return [...new Set(places.flatMap((place) => messageOf(profile, place)?.id ?? []))];
  }
}

function latest(moments: readonly Moment[]): Moment | undefined {
  return moments.reduce<Moment | undefined>(
    (a, b) => (a === undefined || b.monotonic > a.monotonic ? b : a),
    undefined,
  );
}
