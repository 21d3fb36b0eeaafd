import type { LocalTime, Monotonic, WallTime } from '../clock.ts';
import type { InstrumentCondition, InstrumentSays, Outcome, Transaction, VariantFound } from '../driver/events.ts';
import type { InstrumentPicture, MinutePicture, ValuePicture } from '../http/picture.ts';
import type { Reading } from '../reading/reading.ts';
import type { PeriodRecord } from '../record/record.ts';
import { BoardState } from './board-state.ts';
import { noCounts } from './counters.ts';
import type { InstrumentDescription, SeriesDescription } from './sources.ts';

/** The current picture of one instrument. */
export class InstrumentState {
  readonly #description: InstrumentDescription;
  readonly #readings = new Map<string, Reading>();
  readonly #minutes = new Map<string, MinutePicture>();
  readonly #counters = noCounts();
  #condition: InstrumentPicture['condition'];
  #lastAnswerAt: WallTime | null = null;
  #lastOutcome: Outcome | null = null;
  #lastException: number | null = null;
  #late = 0;
  #says: InstrumentSays['says'] = [];
  #variant: Pick<VariantFound, 'variant' | 'fitting'> | undefined;

  /** Of a board with pins. */
  readonly board: BoardState | undefined;

  constructor(description: InstrumentDescription) {
    this.#description = description;
    this.board = description.board && new BoardState(description.board);
    this.#condition = description.leftOut ? 'left-out' : 'starting';
  }

  /** Still starting counts as sound; a left-out or silent instrument does not. */
  get isSound(): boolean {
    return this.#condition === 'answering' || this.#condition === 'starting';
  }

  transaction({ outcome, at, exception, late }: Transaction): void {
    this.#counters[outcome]++;
    this.#lastOutcome = outcome;
    this.#lastException = exception;
    this.#late += late > 0 ? 1 : 0;
    if (outcome === 'ok') this.#lastAnswerAt = at;
  }

  condition({ condition }: InstrumentCondition): void {
    this.#condition = condition;
  }

  /** Condition tells only of changes: a board may come and go in between, and what its contacts said then is not so now. */
  linkClosed(link: string): void {
    if (link === this.#description.link) this.board?.lost();
  }

  told(event: InstrumentSays | VariantFound): void {
    if (event.kind === 'instrument-says') this.#says = event.says;
    else this.#variant = event;
  }

  reading(reading: Reading): void {
    this.#readings.set(key(reading), reading);
    // A board and a node have no transactions to tell of; a node's late rows do not make its last answer an older one.
    if (this.#lastOutcome !== null || reading.value === null) return;
    if (this.#lastAnswerAt === null || reading.at > this.#lastAnswerAt) this.#lastAnswerAt = reading.at;
  }

  minute(record: PeriodRecord): void {
    const { from, average, count, expected, flag, reason } = record;
    this.#minutes.set(key(record), { from, average, count, expected, flag, reason });
  }

  picture(now: Monotonic, localTime: LocalTime): InstrumentPicture {
    const { series, leftOut: _, board: __, ...described } = this.#description;
    return {
      ...described,
      condition: this.#condition,
      faults: [...described.faults],
      lastAnswerAt: this.#lastAnswerAt === null ? null : localTime.stamp(this.#lastAnswerAt),
      lastOutcome: this.#lastOutcome,
      lastException: this.#lastException,
      values: series.map((one) => this.#value(one, now, localTime)),
      counters: { ...this.#counters },
      late: this.#late,
      says: [...this.#says],
      ...(this.board && { board: this.board.picture(localTime) }),
      ...(this.#variant && { variant: { found: this.#variant.variant, fitting: [...this.#variant.fitting] } }),
    };
  }

  #value(series: SeriesDescription, now: Monotonic, localTime: LocalTime): ValuePicture {
    const reading = this.#readings.get(key(series));
    const lastMinute = this.#minutes.get(key(series));
    return {
      ...series,
      value: reading?.value ?? null,
      at: reading === undefined ? null : localTime.stamp(reading.at),
      age: reading === undefined ? null : Math.max(0, Math.round(now - reading.monotonic)),
      flag: reading?.mark.flag ?? null,
      reason: reading?.mark.reason ?? null,
      basis: reading?.mark.basis ?? null,
      ...(lastMinute === undefined ? {} : { lastMinute }),
    };
  }
}

const key = ({ point, factor }: { point: string; factor: string }): string => `${point} ${factor}`;
