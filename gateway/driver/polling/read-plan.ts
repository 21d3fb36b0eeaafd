import { contains, endOf, type Span } from '../../../device-profiles/plan/span.ts';
import { planRequests, planUnits, readUnits, requestOf } from '../../../device-profiles/plan.ts';
import { type Cadence, cadences } from '../../../device-profiles/profile.ts';
import type { Clock } from '../../clock.ts';
import type { PlanChanged } from '../events.ts';
import { wantedReads } from '../instrument.ts';
import type { PointRequest, PointUnit } from './gathering.ts';
import type { ModbusInstrument } from './poll-values.ts';
import { type Refusal, Refusals } from './refusals.ts';
import type { Tolerances } from './tolerances.ts';

interface ReadPlanOptions {
  readonly instrument: ModbusInstrument;
  readonly clock: Clock;
  readonly tolerances: Tolerances;
  readonly observe: (event: PlanChanged) => void;
}

/** A refused span that is tried again, and what it brings if it is a unit's. */
interface Trial {
  readonly refusal: Refusal;
  readonly request: PointRequest;
}

/**
 * Which requests read an instrument: the best that the profile allows and the instrument itself does not refuse. What it
 * refuses is learned, remembered, and forgotten when it is answered after all.
 *
 * Every refusal rules out at least one request that was planned, and no refusal rules out a request that the instrument
 * would answer; so the plans come to an end at the best one that it answers.
 */
export class ReadPlan {
  readonly #instrument: ModbusInstrument;
  readonly #clock: Clock;
  readonly #tolerances: Tolerances;
  readonly #observe: (event: PlanChanged) => void;
  readonly #units: ReadonlyMap<Cadence, readonly PointUnit[]>;
  readonly #refusals: Refusals;
  /** Which request the next probe tries. */
  readonly #first = new Map<Cadence, number>();
  readonly #compiled = new Map<Cadence, readonly PointRequest[]>();
  /** What was told last. */
  #told: readonly Span[];

  constructor({ instrument, clock, tolerances, observe }: ReadPlanOptions) {
    this.#instrument = instrument;
    this.#clock = clock;
    this.#tolerances = tolerances;
    this.#observe = observe;
    const units = readUnits(wantedReads(instrument), instrument.profile);
    this.#units = Map.groupBy(units, ({ cadence }) => cadence);
    const { id, every } = instrument.settings;
    const isUnit = (span: Span): boolean => units.some((unit) => isSame(unit, span));
    this.#refusals = new Refusals({ clock, shortest: every, isUnit, known: tolerances.of(id) });
    this.#told = this.#refusals.spans;
  }

  /** The cadences of what is read. */
  get cadences(): readonly Cadence[] {
    return cadences.filter((cadence) => this.#units.has(cadence));
  }

  /** Everything that is read at this cadence, what is refused included. */
  units(cadence: Cadence): readonly PointUnit[] {
    return this.#units.get(cadence) ?? [];
  }

  /** What is asked at this cadence. */
  requests(cadence: Cadence): readonly PointRequest[] {
    const before = this.#compiled.get(cadence);
    if (before) return before;
    const requests = planUnits(this.#instrument.profile, this.units(cadence), this.#refusals.spans);
    this.#compiled.set(cadence, requests);
    return requests;
  }

  /** The requests of a poll, for a probe beginning with another one than the last time. */
  inTurn(cadence: Cadence, isProbe: boolean): readonly PointRequest[] {
    const requests = this.requests(cadence);
    // One that refuses silently may be silent at everything but a single value.
    const isPicky = isProbe && this.#instrument.profile.quirks.silentRefusal;
    const choice = isPicky ? [...requests, ...this.singles(cadence)] : requests;
    const first = ((this.#first.get(cadence) ?? 0) + (isProbe ? 1 : 0)) % Math.max(1, choice.length);
    this.#first.set(cadence, first);
    const single = first < requests.length ? undefined : choice[first];
    return single ? [single, ...requests] : [...requests.slice(first), ...requests.slice(0, first)];
  }

  /** Requests of one unit each, for those units that are asked together with others. */
  singles(cadence: Cadence): readonly PointRequest[] {
    const together = this.requests(cadence).filter(({ units }) => units.length > 1);
    return together.flatMap(({ units }) => units.map((unit) => requestOf([unit])));
  }

  isRefused(span: Span): boolean {
    return this.#refusals.isRefused(span);
  }

  wasAnswered(span: Span): boolean {
    return this.#refusals.wasAnswered(span);
  }

  /** Requests for those of the units that are not refused by themselves; halves, while longer ones are refused. */
  divide(units: readonly PointUnit[]): PointRequest[] {
    const possible = units.filter((unit) => !this.isRefused(unit));
    if (possible.length === 0) return [];
    const whole = requestOf(possible);
    if (!this.isRefused(whole)) return [whole];
    const middle = middleOf(possible);
    return [...this.divide(possible.slice(0, middle)), ...this.divide(possible.slice(middle))];
  }

  refuse(span: Span): void {
    if (this.#refusals.refuse(span)) this.#compiled.clear();
  }

  answer({ functionCode, start, count }: Span): void {
    if (this.#refusals.answer({ functionCode, start, count })) this.#compiled.clear();
  }

  triedInVain(refusal: Refusal): void {
    this.#refusals.triedInVain(refusal);
  }

  doubt(span: Span): void {
    this.#refusals.doubt(span);
  }

  /** The link was opened anew, or the instrument was silent for a while: units that it refused are tried again. */
  retryUnits(): void {
    this.#refusals.retryUnits();
  }

  /**
   * What is to be tried again in a poll of this cadence, but for what was tried in it; what has waited longest comes
   * first. `unitsAtOnce`: refused units need not be due.
   */
  trial(cadence: Cadence, unitsAtOnce: boolean, tried: ReadonlySet<Refusal>): Trial | undefined {
    const now = this.#clock.monotonic();
    const [refusal] = this.#refusals.spans
      .filter((one) => !tried.has(one) && this.#triedIn(one).includes(cadence))
      .filter((one) => one.due <= now || (unitsAtOnce && this.#unitsOf(one).length > 0))
      .sort((a, b) => a.due - b.due);
    if (!refusal) return undefined;
    const { functionCode, start, count } = refusal;
    const units = this.#unitsOf(refusal).filter((unit) => unit.cadence === cadence);
    const reads = units.flatMap((unit) => unit.reads);
    return { refusal, request: { functionCode, start, count, cadence, units, reads } };
  }

  /** Tells, and has remembered, what has changed since this was last called. */
  tell(): void {
    const { spans } = this.#refusals;
    const refused = spans.filter((span) => !this.#told.some((one) => isSame(one, span)));
    const answered = this.#told.filter((span) => !this.isRefused(span));
    this.#told = spans;
    if (refused.length + answered.length === 0) return;
    const { id } = this.#instrument.settings;
    this.#tolerances.note(id, spans.map(plain));
    const requests = this.cadences.flatMap((cadence) => this.requests(cadence));
    const at = this.#clock.wall();
    const lists = { refused: refused.map(plain), answered: answered.map(plain), requests: requests.map(plain) };
    this.#observe({ kind: 'plan-changed', instrument: id, ...lists, at });
  }

  /** The cadences whose polls try the span again: those of its unit, else the most frequent one that reads in it. */
  #triedIn(refusal: Refusal): readonly Cadence[] {
    const own = this.#unitsOf(refusal).map(({ cadence }) => cadence);
    if (own.length > 0) return own;
    const reading = this.cadences.find((cadence) => this.units(cadence).some((unit) => contains(refusal, unit)));
    return this.cadences.filter((cadence, index) => (reading === undefined ? index === 0 : cadence === reading));
  }

  /** The units of exactly this span. */
  #unitsOf(span: Span): PointUnit[] {
    return [...this.#units.values()].flat().filter((unit) => isSame(unit, span));
  }
}

/** Where to cut the units, at least two, so that the longer half is as short as can be. */
function middleOf(units: readonly PointUnit[]): number {
  let middle = 1;
  let shortest = Number.POSITIVE_INFINITY;
  for (let index = 1; index < units.length; index += 1) {
    const halves = [units.slice(0, index), units.slice(index)];
    const longer = Math.max(...halves.map((half) => requestOf(half).count));
    if (longer >= shortest) continue;
    shortest = longer;
    middle = index;
  }
  return middle;
}

function isSame(a: Span, b: Span): boolean {
  return a.functionCode === b.functionCode && a.start === b.start && endOf(a) === endOf(b);
}

function plain({ functionCode, start, count }: Span): Span {
  return { functionCode, start, count };
}

/** The requests that read what the site wants of this instrument, as long as it refuses none. */
export function requestsOf(instrument: ModbusInstrument): PointRequest[] {
  return planRequests(instrument.profile, wantedReads(instrument));
}
