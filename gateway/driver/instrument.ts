import type { CatalogueEntry } from '../../device-profiles/catalogue.ts';
import type { Decoded, Known } from '../../device-profiles/decode.ts';
import type { VariantChoice } from '../../device-profiles/modbus/choose-variant.ts';
import { readsOf } from '../../device-profiles/modbus/reads.ts';
import {
  type Cadence,
  isComputed,
  type ModbusProfile,
  type ModbusRead,
  type Profile,
  type ProfilePoint,
  pointsOf,
} from '../../device-profiles/profile.ts';
import type { Monotonic, WallTime } from '../clock.ts';
import { type Mark, normal, type Origin, type Reading, type Reason } from '../reading/reading.ts';
import type { Silence } from './back-off.ts';
import type { Outcome } from './events.ts';
import type { OverheardExchange } from './listening/bus-listener.ts';
import type { InstrumentSettings } from './settings.ts';

/** An instrument of the site with the profile it was resolved to. */
export interface Instrument {
  readonly settings: InstrumentSettings;
  readonly profile: Profile;
  /** Variants of the profile, where which one it is has to be found out at the instrument. */
  readonly choices?: readonly VariantChoice[];
  /** See {@link originOfInstrument}. */
  readonly origin: Origin;
}

/** The instrument of the site that has this entry of the catalogue for its profile. */
export function instrumentOf(
  settings: InstrumentSettings & { readonly simulated: boolean },
  { profile, choices }: Pick<CatalogueEntry, 'profile' | 'choices'>,
): Instrument {
  return { settings, profile, choices, origin: originOfInstrument(profile, settings.simulated) };
}

/** Where an instrument's values come from: made up, where the site says so; foreign, where it relays what others measured. */
export function originOfInstrument(profile: Profile, isSimulated: boolean): 'measured' | 'foreign' | 'simulated' {
  if (isSimulated) return 'simulated';
  return profile.protocol === 'hj212' ? profile.origin : 'measured';
}

/** A moment on both scales. */
export interface Moment {
  readonly at: WallTime;
  readonly monotonic: Monotonic;
}

/**
 * One conversation partner, as the line's loop sees it. Points of one cadence are polled together, those of another
 * apart from them; polls of different cadences may be under way side by side.
 */
export interface Driver {
  readonly instrument: Instrument;
  /** True for an instrument that talks by itself: the line is its own, and it is heard all the time. */
  readonly talksUnasked: boolean;
  /** Slave address; null where there is none. */
  readonly address: number | null;
  /** True if its check sums come high byte first. */
  readonly swapsCheckSums: boolean;
  /** The cadences that its points have; none when the site wants no point of it. */
  readonly cadences: readonly Cadence[];
  /** The earliest moment at which `step` may be called. */
  readyAt(): Monotonic;
  /**
   * True if another `step` of this cadence may begin while earlier steps of it are under way; asked only where the line
   * takes several requests at once.
   */
  canStep(cadence: Cadence): boolean;
  /** How long it is left alone because it keeps silent; null when there is no reason to. A `step` after that is a probe. */
  silence(): Silence | null;
  /**
   * Does one thing on the line, such as one request, and resolves to the readings of every point of the cadence when
   * the poll is complete, else to null. A line that is lost completes the poll. `demanded`: somebody waits for it.
   */
  step(cadence: Cadence, demanded: boolean): Promise<readonly Reading[] | null>;
  /** Gives up the poll that is under way, if any: what was not read is marked as lost with the line. */
  abandon(cadence: Cadence): readonly Reading[];
  /** A period in which the silent instrument was not asked: every point of the cadence, empty, with what is known. */
  leaveOut(cadence: Cadence): readonly Reading[];
  /** What a request of another master and its answer say of this instrument; nothing where they say nothing of it. */
  overhear(exchange: OverheardExchange): readonly Reading[];
  /** Every point of the cadence, empty, since the line may only be listened to and nothing was heard of it. */
  unheard(cadence: Cadence): readonly Reading[];
  /** The link was opened anew. */
  reset(): void;
  /**
   * Ends what was begun when it was connected, before the link is closed, where its profile says how; for one that has
   * nothing to end it is absent.
   */
  readonly farewell?: (() => Promise<void>) | undefined;
}

/** What the site states of an instrument, for the meaning of what it says. */
export function knownOf({ settings }: Instrument): Known {
  return { parameters: settings.parameters ?? {}, auxiliaries: new Map() };
}

/** Which values of an instrument the site wants, and where they belong. */
export interface Wanted {
  readonly settings: Pick<InstrumentSettings, 'fitted' | 'point' | 'channels' | 'parameters'>;
}

/** The monitoring point that a point of the profile is read for; undefined when the site does not want it. */
export function pointOf({ settings }: Wanted, point: ProfilePoint): string | undefined {
  if (point.optional && !settings.fitted?.includes(point.id)) return undefined;
  return point.channel === undefined ? settings.point : settings.channels?.[point.channel];
}

/** The points of the profile that the site wants. */
export function wantedPoints<Point extends ProfilePoint>(instrument: Wanted, points: readonly Point[]): Point[] {
  return points.filter((point) => pointOf(instrument, point) !== undefined);
}

/** What must be read, again and again, for the points that the site wants. */
export function wantedReads(instrument: Wanted & { readonly profile: ModbusProfile }): ModbusRead[] {
  const { profile } = instrument;
  return readsOf(profile, wantedPoints(instrument, pointsOf(profile)));
}

/** What is made of several measured values is computed; parts in which one value comes are not. */
export function originOf<Of extends Origin>(origin: Of, point: ProfilePoint): Of | 'computed' {
  return origin === 'measured' && isComputed(point) && point.join === undefined ? 'computed' : origin;
}

/** What a failed transaction means for the values it should have brought. */
const reasonOf: Readonly<Record<Exclude<Outcome, 'ok'>, Reason>> = {
  'no-bytes': 'no-answer',
  echo: 'no-answer',
  short: 'garbled',
  crc: 'garbled',
  junk: 'garbled',
  'foreign-slave': 'foreign-answer',
  'foreign-function': 'foreign-answer',
  'foreign-length': 'foreign-answer',
  exception: 'refused',
  'wrong-time': 'wrong-time',
  'line-lost': 'line-lost',
};

/** The mark of a value that a failed transaction did not bring: no communication, as observed. */
export function markOfFailure(outcome: Exclude<Outcome, 'ok'>): Mark {
  return { flag: 'B', reason: reasonOf[outcome], basis: 'observed' };
}

/** The mark of a value that the instrument is known to refuse, where it was not asked for it again. */
export const knownRefusal: Mark = { flag: 'B', reason: 'refused', basis: 'inferred' };

/** The mark of what can only be heard, and was not: a stream that has gone quiet, a line of another master. */
export const notHeard: Mark = { flag: 'B', reason: 'listening', basis: 'observed' };

/** What the instrument says of itself explains more than what its number looks like. */
function markOfDecoded(decoded: Decoded): Mark {
  const { state } = decoded;
  if (state !== undefined && state.flag !== 'N') {
    return { flag: state.flag, reason: state.unknown ? 'status-unknown' : 'instrument-status', basis: 'observed' };
  }
  if (decoded.value !== null || decoded.reason === 'not-applicable') return normal;
  // The instrument does not say that it warms up; it is concluded from a frame of zeros.
  if (decoded.reason === 'warm-up') return { flag: 'D', reason: 'warm-up', basis: 'inferred' };
  const reason = decoded.reason === 'beyond-precision' ? 'not-a-number' : decoded.reason;
  return { flag: 'D', reason, basis: 'observed' };
}

/**
 * The reading of a decoded point; none when the site does not want the point, or when it means nothing just then, such as
 * an A/L ratio while nobody fills up.
 */
export function readingOf(instrument: Instrument, point: ProfilePoint, decoded: Decoded, moment: Moment): Reading[] {
  const isMeaningless = decoded.value === null && decoded.reason === 'not-applicable' && decoded.state === undefined;
  if (isMeaningless) return [];
  return build(instrument, point, decoded.value, markOfDecoded(decoded), moment);
}

/** The fact that a point has no value; none when the site does not want the point. */
export function missing(instrument: Instrument, point: ProfilePoint, mark: Mark, moment: Moment): Reading[] {
  return build(instrument, point, null, mark, moment);
}

function build(
  instrument: Instrument,
  point: ProfilePoint,
  value: number | null,
  mark: Mark,
  { at, monotonic }: Moment,
): Reading[] {
  const place = pointOf(instrument, point);
  if (place === undefined) return [];
  const { settings } = instrument;
  const origin = originOf(instrument.origin, point);
  return [{ instrument: settings.id, point: place, factor: point.factor, at, monotonic, value, mark, origin }];
}
