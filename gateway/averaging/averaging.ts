import type { FactorCode } from '../../device-profiles/factors.ts';
import type { Cancel, Clock, LocalTime, WallTime } from '../clock.ts';
import type { Mark, Reading } from '../reading/reading.ts';
import { Labels, type LabelsState } from '../record/labels.ts';
import type { AuditRecord, GapRecord, PeriodRecord } from '../record/record.ts';
import { clockJumped, type ExpectedSeries, type MinuteRule, notRunning, SeriesMinute } from './minute.ts';

const minute = 60_000;
/**
 * The readings of a poll are handed over together, each with the moment of its own answer. This covers a poll of several
 * requests that began before the minute ended: half a dozen long ones at 9600 baud.
 */
export const usualGrace = 900;
/** Where nodes tell of a minute when it has ended: their clocks are whole seconds, and a radio may send again. */
export const graceOfNodes = 8000;
/** A longer stretch without the gateway is one gap, not a row of empty minutes. */
const longestRow = 60 * minute;

/** What averaging tells about itself. */
export type AveragingEvent = {
  /** A reading whose minute is closed already; it stays in the samples but changes no minute. */
  readonly kind: 'reading-after-close';
  readonly instrument: string;
  readonly count: number;
};

export interface AveragingOptions {
  readonly series: readonly ExpectedSeries[];
  readonly rule: MinuteRule;
  readonly clock: Clock;
  readonly localTime: LocalTime;
  /** How long after its end a minute is closed, milliseconds; without it, {@link usualGrace}. */
  readonly grace?: number;
  /** What earlier runs accounted for. */
  readonly said: LabelsState;
  /** Called once per series and minute, in the order of time; and for gaps and clock jumps. */
  readonly emit: (records: readonly (PeriodRecord | GapRecord | AuditRecord)[]) => void;
  readonly observe: (event: AveragingEvent) => void;
}

/**
 * The clock moved: see `ClockShift`. Both are the same moment, but after a sleep, or while no gateway ran (`stopped`):
 * that lies between them.
 */
export interface Moved {
  readonly cause: 'suspended' | 'stopped' | 'set' | 'corrected';
  readonly before: WallTime;
  readonly after: WallTime;
  /** Who vouches for the time now. */
  readonly source: string | null;
}

const seriesKey = (point: string, factor: string): string => `${point} ${factor}`;

/**
 * Turns readings into minutes. Minutes are closed by the clock against what the site expects, so that every expected
 * minute yields a record, also when nothing came. Time in which no gateway ran becomes a gap.
 *
 * When the clock is set forward, the labels that it jumped over are empty minutes, or one gap when there are many. When it
 * is set back, labels that were said already are said again with a higher revision, since the later clock is the better
 * one; but the minute into whose midst it falls keeps what was said of it, so that no part of a minute ever takes the
 * place of a whole one.
 */
export class Averaging {
  readonly #options: AveragingOptions;
  readonly #labels: Labels;
  readonly #last = new Map<string, number>();
  /** The minute that begins at `#from`, and the one after it: readings of both come in during the grace. */
  #open: Map<string, SeriesMinute>;
  #next: Map<string, SeriesMinute>;
  #from: WallTime;
  /** Why the open minute is not seen whole. */
  #partial: Mark | null = notRunning;
  #cancel: Cancel = () => {};

  constructor(options: AveragingOptions) {
    this.#options = options;
    this.#labels = new Labels(options.said);
    this.#open = this.#blank();
    this.#next = this.#blank();
    this.#from = options.localTime.minuteStart(options.clock.wall());
  }

  /** Start of the minute that is open: everything before it is closed. */
  get from(): WallTime {
    return this.#from;
  }

  /** What is accounted for, and how: for whoever goes on from here. */
  get labels(): Labels {
    return this.#labels;
  }

  /** Milliseconds from the end of a minute until it is closed. */
  get grace(): number {
    return this.#options.grace ?? usualGrace;
  }

  /** Whether the site expects minutes of it. */
  expects(point: string, factor: FactorCode): boolean {
    return this.#open.has(seriesKey(point, factor));
  }

  /**
   * A minute that was closed before these readings of one series came: what was said of it together with them, with the
   * next revision; where a gap stands for it, or nothing (revision 0), the first word on it. Null where that cannot be
   * combined. Whoever asks makes the record durable; its label is taken to be said from now on.
   */
  revise(
    from: WallTime,
    said: PeriodRecord | { readonly gap: number },
    readings: readonly Reading[],
  ): PeriodRecord | null {
    const { series, rule, localTime } = this.#options;
    const [first] = readings;
    const one = series.find(({ point, factor }) => point === first?.point && factor === first.factor);
    if (one === undefined) return null;
    const minutes = new SeriesMinute(one);
    const isFirst = 'gap' in said;
    if (!isFirst && !minutes.goOnFrom(said)) return null;
    for (const reading of readings) minutes.add(reading);
    const revision = (isFirst ? said.gap : said.revision) + 1;
    this.#labels.take({ say: [from, from + minute], revision });
    return minutes.close(from, rule, localTime, isFirst ? notRunning : null, null, revision);
  }

  /** Begins now, and closes minutes by the clock from now on. */
  start(): void {
    this.begin(this.#options.clock.wall());
    this.goOn();
  }

  /**
   * A run of the gateway begins at this moment; the time since the last label that was said is a gap. Where that label
   * lies ahead by more than a minute, the clock was set back while no gateway ran.
   */
  begin(at: WallTime, reason: GapRecord['reason'] = 'gateway-not-running'): void {
    const { localTime, emit } = this.#options;
    this.#open = this.#blank();
    this.#next = this.#blank();
    const { until } = this.#labels;
    const start = localTime.minuteStart(at);
    this.#from = start;
    this.#partial = notRunning;
    if (until === null || until === start) return;
    if (until < start) emit([this.#gap(until as WallTime, start, reason)]);
    else if (until - at > minute) this.#goBack(until as WallTime, at, { cause: 'set', source: null });
    else this.#from = until as WallTime;
  }

  /** What a run held goes on from here, within the labels that are said already. */
  resume(at: WallTime): void {
    const { until } = this.#labels;
    this.#from = (until ?? this.#options.localTime.minuteStart(at)) as WallTime;
    this.#partial = null;
  }

  /** Closes minutes by the clock from now on. */
  goOn(): void {
    const { clock } = this.#options;
    const wait = this.#from + minute + this.grace - clock.wall();
    this.#cancel = clock.after(Math.min(Math.max(wait, 1), minute), () => {
      this.closeUntil((clock.wall() - this.grace) as WallTime);
      this.goOn();
    });
  }

  /** Stops at once; the minute that is open stays for the next start to account for. */
  stop(): void {
    this.#cancel();
  }

  take(readings: readonly Reading[]): void {
    let tooLate = 0;
    for (const reading of readings) {
      if (reading.at >= this.#from + 2 * minute) this.closeUntil((reading.at - minute) as WallTime);
      const key = seriesKey(reading.point, reading.factor);
      // What happens now and then has samples but no minutes, and comes when it is known.
      if (!this.#open.has(key)) continue;
      const minutes = reading.at < this.#from + minute ? this.#open : this.#next;
      if (reading.at < this.#from) tooLate++;
      else minutes.get(key)?.add(reading);
    }
    const instrument = readings[0]?.instrument;
    if (tooLate > 0 && instrument !== undefined) {
      this.#options.observe({ kind: 'reading-after-close', instrument, count: tooLate });
    }
  }

  /** Closes every minute that ended by then. */
  closeUntil(wall: WallTime): void {
    while (this.#from + minute <= wall) {
      const far = wall - this.#from > longestRow;
      this.#closeOne();
      if (far) this.#skipTo(this.#options.localTime.minuteStart(wall), 'gateway-not-running', notRunning);
    }
  }

  /** The clock moved: minutes go on by its present time. */
  moved({ cause, before, after, source }: Moved): void {
    const { localTime } = this.#options;
    this.closeUntil(localTime.minuteStart(before));
    if (after < before) {
      this.#goBack(before, after, { cause, source });
      return;
    }
    const isPassed = cause === 'suspended' || cause === 'stopped';
    const mark = isPassed ? notRunning : clockJumped;
    this.#partial = mark;
    if (!isPassed) this.#tellJump(before, after, { cause, source }, false);
    const landing = localTime.minuteStart(after);
    if (landing <= this.#from) return;
    this.#closeOne();
    this.#partial = mark;
    if (isPassed) {
      this.#skipTo(landing, cause === 'stopped' ? 'gateway-not-running' : 'suspended', mark);
    } else if (landing - this.#from > longestRow) {
      this.#skipTo(landing, 'clock-jumped', mark);
    } else {
      while (this.#from < landing) {
        this.#closeOne();
        this.#partial = mark;
      }
    }
  }

  /** Readings that lie at or after `after` by the old time are dropped from their minute: by the new one they are older. */
  #goBack(before: WallTime, after: WallTime, who: Pick<Moved, 'cause' | 'source'>): void {
    const { localTime } = this.#options;
    const landing = localTime.minuteStart(after);
    const isSaid = this.#labels.isSaid(landing);
    const goesOn = (isSaid ? landing + minute : landing) as WallTime;
    this.#open = this.#blank();
    this.#next = this.#blank();
    const isBack = goesOn < (this.#labels.until ?? goesOn);
    if (isBack) this.#labels.take({ back: goesOn });
    this.#from = goesOn;
    this.#partial = isSaid ? null : clockJumped;
    this.#tellJump(before, after, who, isBack);
  }

  #blank(): Map<string, SeriesMinute> {
    return new Map(this.#options.series.map((one) => [seriesKey(one.point, one.factor), new SeriesMinute(one)]));
  }

  #closeOne(): void {
    const { series, rule, localTime, emit } = this.#options;
    const revision = this.#labels.revisionOf(this.#from, this.#from + minute);
    const records = series.map((one) => {
      const key = seriesKey(one.point, one.factor);
      const open = this.#open.get(key) as SeriesMinute;
      const record = open.close(this.#from, rule, localTime, this.#partial, this.#last.get(key) ?? null, revision);
      if (open.last !== null) this.#last.set(key, open.last);
      return record;
    });
    this.#labels.take({ say: [this.#from, this.#from + minute] });
    this.#from = (this.#from + minute) as WallTime;
    this.#partial = null;
    this.#open = this.#next;
    this.#next = this.#blank();
    emit(records);
  }

  /** Leaves out the labels up to `to`, with one gap. */
  #skipTo(to: WallTime, reason: GapRecord['reason'], mark: Mark): void {
    if (to <= this.#from) return;
    this.#options.emit([this.#gap(this.#from, to, reason)]);
    this.#from = to;
    this.#open = this.#blank();
    this.#next = this.#blank();
    this.#partial = mark;
  }

  #tellJump(
    before: WallTime,
    after: WallTime,
    { cause, source }: Pick<Moved, 'cause' | 'source'>,
    isBack: boolean,
  ): void {
    const { localTime, emit } = this.#options;
    const stamp = (time: number): string => localTime.stamp(time as WallTime);
    const { again } = this.#labels;
    const said = again && { revision: again.revision, from: stamp(again.from), to: stamp(again.to) };
    const back = isBack ? { continues: stamp(this.#from), ...(said && { again: said }) } : {};
    const details = { expected: stamp(before), found: stamp(after), cause, source, ...back };
    emit([{ kind: 'audit', at: stamp(after), who: 'gateway', action: 'clock-jumped', details, revision: 1 }]);
  }

  #gap(from: WallTime, to: WallTime, reason: GapRecord['reason']): GapRecord {
    const { localTime } = this.#options;
    const revision = this.#labels.revisionOf(from, to);
    this.#labels.take({ say: [from, to] });
    const basis = reason === 'suspended' || reason === 'clock-jumped' ? 'observed' : 'inferred';
    return { kind: 'gap', from: localTime.stamp(from), to: localTime.stamp(to), reason, basis, revision };
  }
}
