import type { Cancel, Clock, LocalTime, Monotonic, WallTime } from '../clock.ts';
import type { Reading } from '../reading/reading.ts';
import type { AuditRecord, GapRecord, PeriodRecord } from '../record/record.ts';
import { type ExpectedSeries, type MinuteRule, SeriesMinute } from './minute.ts';

const minute = 60_000;
/**
 * The readings of a poll are handed over together, each with the moment of its own answer. This covers a poll of several
 * requests that began before the minute ended: half a dozen long ones at 9600 baud.
 */
const grace = 900;
/** A longer stretch without the gateway is one gap, not a row of empty minutes. */
const longestRow = 60 * minute;
/** Wall and monotonic time drift apart by far less than this between two looks; more means somebody set the clock. */
const jumpThreshold = 1000;

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
  /** End of what earlier runs accounted for; null when there is nothing. */
  readonly coveredUntil: WallTime | null;
  /** Called once per series and minute, in the order of time; and for gaps and clock jumps. */
  readonly emit: (records: readonly (PeriodRecord | GapRecord | AuditRecord)[]) => void;
  readonly observe: (event: AveragingEvent) => void;
}

const seriesKey = (point: string, factor: string): string => `${point} ${factor}`;

/**
 * Turns readings into minutes. Minutes are closed by the clock against what the site expects, so that every expected
 * minute yields a record, also when nothing came. Time in which no gateway ran becomes a gap.
 */
export class Averaging {
  readonly #options: AveragingOptions;
  readonly #last = new Map<string, number>();
  /** The minute that begins at `#from`, and the one after it: readings of both come in during the grace. */
  #open: Map<string, SeriesMinute>;
  #next: Map<string, SeriesMinute>;
  #from: WallTime;
  #partial = true;
  #cancel: Cancel = () => {};
  #seen: { wall: WallTime; monotonic: Monotonic };

  constructor(options: AveragingOptions) {
    this.#options = options;
    this.#open = this.#blank();
    this.#next = this.#blank();
    this.#from = options.localTime.minuteStart(options.clock.wall());
    this.#seen = { wall: options.clock.wall(), monotonic: options.clock.monotonic() };
  }

  start(): void {
    const { clock, coveredUntil, localTime, emit } = this.#options;
    this.#from = localTime.minuteStart(clock.wall());
    if (coveredUntil !== null && coveredUntil > this.#from) this.#from = coveredUntil;
    if (coveredUntil !== null && coveredUntil < this.#from) emit([this.#gap(coveredUntil, this.#from)]);
    this.#arm();
  }

  /** Stops at once; the minute that is open stays for the next start to account for. */
  stop(): void {
    this.#cancel();
  }

  take(readings: readonly Reading[]): void {
    let tooLate = 0;
    for (const reading of readings) {
      if (reading.at >= this.#from + 2 * minute) this.#closeUntil((reading.at - minute) as WallTime);
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

  #blank(): Map<string, SeriesMinute> {
    return new Map(this.#options.series.map((one) => [seriesKey(one.point, one.factor), new SeriesMinute(one)]));
  }

  #arm(): void {
    const { clock } = this.#options;
    const wait = this.#from + minute + grace - clock.wall();
    // Looked at every minute at least, so that a clock that was set forward is noticed within one.
    this.#cancel = clock.after(Math.min(Math.max(wait, 1), minute), () => {
      this.#watchClock();
      this.#closeUntil((clock.wall() - grace) as WallTime);
      this.#arm();
    });
  }

  #closeUntil(wall: WallTime): void {
    const { localTime } = this.#options;
    while (this.#from + minute <= wall) {
      if (wall - this.#from > longestRow) {
        this.#closeOne();
        const now = localTime.minuteStart(wall);
        this.#options.emit([this.#gap(this.#from, now)]);
        this.#from = now;
        this.#partial = true;
      } else {
        this.#closeOne();
      }
    }
  }

  #closeOne(): void {
    const { series, rule, localTime, emit } = this.#options;
    const records = series.map((one) => {
      const key = seriesKey(one.point, one.factor);
      const open = this.#open.get(key) as SeriesMinute;
      const record = open.close(this.#from, rule, localTime, this.#partial, this.#last.get(key) ?? null);
      if (open.last !== null) this.#last.set(key, open.last);
      return record;
    });
    this.#from = (this.#from + minute) as WallTime;
    this.#partial = false;
    this.#open = this.#next;
    this.#next = this.#blank();
    emit(records);
  }

  #watchClock(): void {
    const { clock, localTime, emit } = this.#options;
    const wall = clock.wall();
    const monotonic = clock.monotonic();
    const expected = (this.#seen.wall + (monotonic - this.#seen.monotonic)) as WallTime;
    this.#seen = { wall, monotonic };
    if (Math.abs(wall - expected) < jumpThreshold) return;
    const details = { expected: localTime.stamp(Math.round(expected) as WallTime), found: localTime.stamp(wall) };
    emit([{ kind: 'audit', at: localTime.stamp(wall), who: 'gateway', action: 'clock-jumped', details, revision: 1 }]);
  }

  #gap(from: WallTime, to: WallTime): GapRecord {
    const { localTime } = this.#options;
    return {
      kind: 'gap',
      from: localTime.stamp(from),
      to: localTime.stamp(to),
      reason: 'gateway-not-running',
      basis: 'inferred',
      revision: 1,
    };
  }
}
