import { type FactorCode, factors } from '../../device-profiles/factors.ts';
import { counterStep } from '../../device-profiles/value/counter.ts';
import type { LocalTime, WallTime } from '../clock.ts';
import { type Mark, normal, type Origin, type Reading } from '../reading/reading.ts';
import type { PeriodRecord } from '../record/record.ts';
import { Accumulator, round } from './accumulator.ts';

/** One series that the site expects, and how often. */
export interface ExpectedSeries {
  readonly point: string;
  readonly factor: FactorCode;
  readonly instrument: string;
  /** Milliseconds between samples. */
  readonly every: number;
  readonly origin: Origin;
  /** For a counter: the reading at which it begins again; null where that is not known. */
  readonly rollover?: number | null;
  /** True when the instrument was left out because the site file is at fault for it. */
  readonly leftOut: boolean;
}

/**
 * When a minute counts as normal: at least `minimumValid` valid samples (HJ 212-2017 annex D asks for 12 of samples at
 * most 5 s apart), or, for an instrument that is asked less often, `share` of what it could give (the same annex's
 * 75 % rule for flue gas).
 */
export interface MinuteRule {
  readonly minimumValid: number;
  readonly share: number;
}

/** Why the gateway did not see the whole of a minute. */
export const notRunning: Mark = { flag: 'B', reason: 'gateway-not-running', basis: 'observed' };
export const clockJumped: Mark = { flag: 'B', reason: 'clock-jumped', basis: 'observed' };
const tooFew: Mark = { flag: 'B', reason: 'too-few-samples', basis: 'inferred' };
/** Of values that their source says it made of too little: where it stands on a minute, these are what the minute shows. */
const madeOfTooLittle: Mark = { flag: 'B', reason: 'too-few-samples', basis: 'observed' };
const configuration: Mark = { flag: 'B', reason: 'configuration', basis: 'observed' };
const noDirection: Mark = { flag: 'D', reason: 'not-a-number', basis: 'inferred' };

const isThin = ({ reason, basis }: Pick<PeriodRecord, 'reason' | 'basis'>): boolean =>
  reason === 'too-few-samples' && basis === 'observed';

/** One series within one minute. */
export class SeriesMinute {
  readonly #series: ExpectedSeries;
  readonly #valid: Accumulator;
  readonly #overRange: Accumulator;
  /** Values that a source made of too little. */
  readonly #thin: Accumulator;
  readonly #marks = new Map<string, { mark: Mark; times: number }>();

  constructor(series: ExpectedSeries) {
    this.#series = series;
    this.#valid = new Accumulator(factors[series.factor].average);
    this.#overRange = new Accumulator(factors[series.factor].average);
    this.#thin = new Accumulator(factors[series.factor].average);
  }

  /**
   * Goes on from what was said of this minute when it was closed. What did not count then is known only by the mark that
   * it led to, so it stands for whatever was missing. False where the numbers cannot be combined.
   */
  goOnFrom(said: PeriodRecord): boolean {
    const { flag, reason, basis, count } = said;
    if (flag !== 'N' && reason !== null && basis !== null) {
      this.#note({ flag, reason, basis }, Math.max(1, this.#expected - count));
    }
    const wasThin = isThin({ reason, basis });
    const counted = flag === 'T' ? this.#overRange : wasThin ? this.#thin : this.#valid;
    return counted.goOn(said, count);
  }

  /** Last valid value, for a counter's increase; null when there was none. */
  get last(): number | null {
    return this.#valid.last;
  }

  add({ value, mark }: Reading): void {
    if (mark.flag === 'N' && value !== null) {
      this.#valid.add(value);
      return;
    }
    if (mark.flag === 'T' && value !== null) this.#overRange.add(value);
    if (isThin(mark) && value !== null) this.#thin.add(value);
    this.#note(mark, 1);
  }

  #note(mark: Mark, times: number): void {
    const key = `${mark.flag}|${mark.reason}|${mark.basis}`;
    const kept = this.#marks.get(key);
    if (kept === undefined) this.#marks.set(key, { mark, times });
    else kept.times += times;
  }

  get #expected(): number {
    return Math.max(1, Math.floor(60_000 / this.#series.every));
  }

  #needed(rule: MinuteRule): number {
    return Math.min(rule.minimumValid, Math.ceil(this.#expected * rule.share));
  }

  /**
   * Closes the minute. `partial`: why the gateway did not see the whole of it, null when it did. `previousLast`: the
   * counter's last reading before it. Averages keep two digits more than the factor is written with.
   */
  close(
    from: WallTime,
    rule: MinuteRule,
    localTime: LocalTime,
    partial: Mark | null,
    previousLast: number | null,
    revision: number,
  ): PeriodRecord {
    const { point, factor, origin, rollover = null } = this.#series;
    const { average: way, decimals } = factors[factor];
    const expected = this.#expected;
    let mark = this.#mark(rule, partial);
    // Values above the range, or made of too little, are real measurements; where there is nothing better they are shown
    // under their mark.
    const lesser = mark.flag === 'T' ? this.#overRange : isThin(mark) ? this.#thin : this.#valid;
    const counted = this.#valid.count === 0 ? lesser : this.#valid;
    const result = counted.result(decimals + 2);
    if (result.average === null && counted.count > 0 && mark.flag === 'N') mark = noDirection;
    return {
      kind: 'minute',
      point,
      factor,
      from: localTime.stamp(from),
      ...result,
      ...(way === 'counter' ? { total: increase(previousLast, counted.last, rollover, decimals) } : {}),
      count: counted.count,
      expected,
      ...mark,
      revision,
      origin,
    };
  }

  #mark(rule: MinuteRule, partial: Mark | null): Mark {
    if (this.#series.leftOut) return configuration;
    if (this.#valid.count >= this.#needed(rule)) return normal;
    // Something was measured, if too little: that says more than why the rest is missing.
    if (this.#valid.count === 0 && this.#overRange.count === 0 && this.#thin.count > 0) return madeOfTooLittle;
    const told = [...this.#marks.values()].sort((a, b) => b.times - a.times)[0];
    const missing =
      this.#expected - this.#valid.count - [...this.#marks.values()].reduce((sum, { times }) => sum + times, 0);
    if (partial !== null && missing > (told?.times ?? 0)) return partial;
    // Values that count are there, so the mark must not speak of those that do not.
    return told !== undefined && isThin(told.mark) ? tooFew : (told?.mark ?? partial ?? tooFew);
  }
}

function increase(
  before: number | null,
  after: number | null,
  rollover: number | null,
  decimals: number,
): number | null {
  if (before === null || after === null) return null;
  const step = counterStep(before, after, rollover);
  return 'increase' in step ? round(step.increase, decimals + 2) : null;
}
