import { type Known, type Raw, unpackModbusData } from '../../../device-profiles/decode.ts';
import { readsOf } from '../../../device-profiles/modbus/reads.ts';
import type { Span } from '../../../device-profiles/plan/span.ts';
import type { ReadUnit } from '../../../device-profiles/plan.ts';
import { type Cadence, type ProfilePoint, pointsOf } from '../../../device-profiles/profile.ts';
import { cadenceOf, eventOf } from '../../../device-profiles/value/leaning.ts';
import { unknownCodes } from '../../../device-profiles/value/slots.ts';
import type { Clock, LocalTime, WallTime } from '../../clock.ts';
import type { Reading } from '../../reading/reading.ts';
import type { InstrumentSays, UnknownParameters } from '../events.ts';
import { type Moment, markOfFailure, wantedPoints } from '../instrument.ts';
import { NewSamples } from './new-samples.ts';
import { type ModbusInstrument, PollValues } from './poll-values.ts';
import { StatedStates } from './stated-states.ts';

interface InstrumentValuesOptions {
  readonly instrument: ModbusInstrument;
  readonly clock: Clock;
  /** The zone in which the instrument's own clock runs; without it, its times are not believed. */
  readonly localTime?: LocalTime | undefined;
  readonly observe: (event: InstrumentSays | UnknownParameters) => void;
}

/** An event that the instrument dates further from the gateway's time than this has a clock that nobody set, milliseconds. */
const longestAgo = 31 * 24 * 3_600_000;
const furthestAhead = 10 * 60_000;

/** Everything that polls of one instrument have in common: what is known of it, and what its last polls brought. */
export class InstrumentValues {
  readonly #options: InstrumentValuesOptions;
  readonly #points: ReadonlyMap<Cadence, readonly ProfilePoint[]>;
  readonly #samples = new Map<Cadence, NewSamples>();
  readonly #states: StatedStates;
  /** The last raw values of everything that was overheard. */
  readonly #overheard = new Map<string, Raw>();
  #known: Known;
  #lastUnknown = '[]';

  constructor(options: InstrumentValuesOptions) {
    const { settings, profile } = options.instrument;
    this.#options = options;
    this.#states = new StatedStates({ ...options, instrument: settings.id });
    this.#known = { parameters: settings.parameters ?? {}, auxiliaries: new Map() };
    const wanted = wantedPoints(options.instrument, pointsOf(profile));
    this.#points = Map.groupBy(wanted, (point) => cadenceOf(profile, point));
    for (const [cadence, points] of this.#points) this.#samples.set(cadence, new NewSamples(profile, points));
  }

  /** What was read when the instrument was connected. */
  know(auxiliaries: ReadonlyMap<string, Raw>): void {
    this.#known = { ...this.#known, auxiliaries };
  }

  begin(cadence: Cadence): PollValues {
    return new PollValues(this.#options.instrument, this.#points.get(cadence) ?? []);
  }

  /** A poll is complete: the readings of every point of the cadence that has a new sample, or none. */
  conclude(cadence: Cadence, values: PollValues): Reading[] {
    const { instrument, clock } = this.#options;
    const decoded = values.decode(this.#known);
    if (decoded.size > 0) {
      this.#states.note(cadence, decoded.values());
      this.#tellUnknown(values);
    }
    const repeated = this.#samples.get(cadence)?.repeated(values.raws, clock.monotonic(), values.read) ?? new Set();
    return values.readings(decoded, repeated, (point, read) => {
      const at = eventOf(instrument.profile, point)?.at;
      return at === undefined ? read : this.#ownMoment(values.raws.get(at), read);
    });
  }

  /**
   * What another master was answered: these units of ours, or null where it was refused. Points that lean on other
   * answers take what was heard of those last; of a point whose own registers are not among the units nothing is said.
   */
  overhear(units: readonly ReadUnit[], { functionCode, start, count }: Span, data: Uint8Array | null, at: Moment) {
    const reads = units.flatMap((unit) => unit.reads);
    const heard = new Set(reads.map(({ id }) => id));
    const { profile } = this.#options.instrument;
    const readings: Reading[] = [];
    for (const [cadence, wanted] of this.#points) {
      const points = wanted.filter((point) => readsOf(profile, [point]).some(({ id }) => heard.has(id)));
      const values = new PollValues(this.#options.instrument, points, this.#overheard);
      const block = data && unpackModbusData(functionCode, data, count);
      if (block) values.take(reads, block, start, at);
      else values.miss(reads, markOfFailure('exception'), at);
      for (const id of heard) {
        const raw = values.raws.get(id);
        if (raw === undefined) this.#overheard.delete(id);
        else this.#overheard.set(id, raw);
      }
      readings.push(...this.conclude(cadence, values));
    }
    return readings;
  }

  /** The moment that the instrument gives to an event, where its clock can be right. */
  #ownMoment(text: Raw | undefined, read: Moment): Moment {
    const own = typeof text === 'string' ? this.#options.localTime?.momentOf(text) : undefined;
    const isBelieved = own !== undefined && own > read.at - longestAgo && own < read.at + furthestAhead;
    return isBelieved ? { at: Math.min(own, read.at) as WallTime, monotonic: read.monotonic } : read;
  }

  #tellUnknown(values: PollValues): void {
    const { instrument, clock, observe } = this.#options;
    const codes = unknownCodes(instrument.profile, values.raws);
    if (instrument.profile.slots.length === 0 || JSON.stringify(codes) === this.#lastUnknown) return;
    this.#lastUnknown = JSON.stringify(codes);
    observe({ kind: 'unknown-parameters', instrument: instrument.settings.id, at: clock.wall(), codes });
  }
}
