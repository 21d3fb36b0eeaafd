import type { Cadence } from '../../../device-profiles/profile.ts';
import type { Monotonic } from '../../clock.ts';
import type { Reading } from '../../reading/reading.ts';
import type { Driver } from '../instrument.ts';
import { periodOf } from '../settings.ts';
import type { Schedule, Task } from './schedule.ts';

/** A read from outside the schedule: every cadence of one instrument, and who waits for it. */
export class Demand {
  readonly #readings: Reading[] = [];
  readonly #resolve: (readings: readonly Reading[]) => void;
  #open: number;

  constructor(parts: number, resolve: (readings: readonly Reading[]) => void) {
    this.#open = parts;
    this.#resolve = resolve;
    if (parts === 0) resolve([]);
  }

  /** One cadence has been read; the last one answers. */
  give(readings: readonly Reading[]): void {
    this.#readings.push(...readings);
    this.#open -= 1;
    if (this.#open === 0) this.#resolve(this.#readings);
  }
}

/** How much one poll counts towards what is usual. */
const weight = 0.2;

/** The points of one cadence of one instrument, in the line's schedule. */
export class Turn implements Task {
  readonly driver: Driver;
  readonly cadence: Cadence;
  /** Milliseconds between two polls. */
  readonly period: number;
  readonly allowance: number;
  due: number;
  /** Who waits for a poll outside the schedule. */
  demands: Demand[] = [];
  #poll: 'none' | 'scheduled' | 'demanded' = 'none';
  /** The last period of a seldom cadence brought nothing: it is made up for when the instrument answers again. */
  #owing = false;
  /** The link was lost over the poll before, which left nothing. */
  #wasCutOff = false;
  #busy = 0;
  #usual = 0;
  #probe = 0;
  #steppedAt = Number.NEGATIVE_INFINITY;

  constructor(driver: Driver, cadence: Cadence, due: number) {
    this.driver = driver;
    this.cadence = cadence;
    const { every } = driver.instrument.settings;
    this.period = periodOf(cadence, every);
    this.allowance = Math.min(this.period, periodOf('slow', every));
    this.due = due;
  }

  get isSeldom(): boolean {
    return this.cadence !== 'fast';
  }

  /** When the instrument is ready, if it makes us wait; else any moment does. */
  get #ownReadyAt(): number {
    const readyAt = this.driver.readyAt();
    return readyAt > this.#steppedAt ? readyAt : Number.NEGATIVE_INFINITY;
  }

  get isUnderWay(): boolean {
    return this.#poll !== 'none';
  }

  get isDemanded(): boolean {
    return this.demands.length > 0;
  }

  /** True if the link was lost over this poll and the one before: once more would be a gap of which nobody is told. */
  get isCutOffAgain(): boolean {
    return this.isUnderWay && this.#wasCutOff;
  }

  /** Share of the line's time that it needs. */
  get needed(): number {
    return this.usual / Math.max(this.driver.silence()?.pause ?? 0, this.period);
  }

  /** Usual time on the line of one poll, or of one attempt while the instrument keeps silent, milliseconds. */
  get usual(): number {
    return this.driver.silence() ? this.#probe : this.#usual;
  }

  /** True if this period passes without asking, because the instrument keeps silent. */
  isLeftOut(schedule: Schedule, now: Monotonic): boolean {
    const silence = this.driver.silence();
    if (!silence || this.isUnderWay || this.isDemanded || !schedule.isDue(this, now)) return false;
    // The attempt is made in the period that is nearest to the end of the pause.
    const early = this.driver.instrument.settings.every / 2;
    return now + early < silence.until || now >= this.passesAt(schedule);
  }

  /** The moment at which a period ends in which a silent instrument could not be asked, for lack of a gap on the line. */
  passesAt(schedule: Schedule): number {
    if (!this.driver.silence() || this.isUnderWay || this.isDemanded) return Number.POSITIVE_INFINITY;
    return schedule.momentOf(this.due + this.period);
  }

  /** The deadline on the schedule's time; an attempt at a silent instrument is in less of a hurry than a poll. */
  deadline(schedule: Schedule): number {
    const silence = this.driver.silence();
    const deadline = schedule.deadlineOf(this, this.#ownReadyAt);
    return silence ? Math.max(deadline, schedule.timeAt(silence.until) + silence.pause) : deadline;
  }

  begin(schedule: Schedule, now: Monotonic): void {
    if (this.isUnderWay) return;
    const scheduled = schedule.isDue(this, now) || !this.isDemanded;
    this.#poll = scheduled ? 'scheduled' : 'demanded';
    if (scheduled) schedule.begin(this, this.#ownReadyAt, now);
  }

  /** One step on the line is over. */
  stepped(began: Monotonic, now: Monotonic): void {
    this.#busy += now - began;
    this.#steppedAt = now;
  }

  /** The poll is complete; true if it was one of the schedule. */
  end(schedule: Schedule, readings: readonly Reading[], now: Monotonic): boolean {
    const scheduled = this.#poll === 'scheduled';
    this.#wasCutOff = false;
    const probe = this.driver.silence() !== null;
    this.#poll = 'none';
    const before = probe ? this.#probe : this.#usual;
    const usual = before === 0 ? this.#busy : before + (this.#busy - before) * weight;
    if (probe) this.#probe = usual;
    else this.#usual = usual;
    this.#busy = 0;
    if (scheduled) this.advance(schedule, readings, now);
    return scheduled;
  }

  /** A poll that the schedule asked for is done or given up: on to the next. */
  advance(schedule: Schedule, readings: readonly Reading[], now: Monotonic): void {
    // A refusal is the instrument's last word; what did not come otherwise may come another time.
    this.#owing = readings.some(({ mark }) => mark.flag === 'B' && mark.reason !== 'refused');
    if (this.driver.talksUnasked) this.due = schedule.timeAt(now) + this.period;
    else if (!this.isSeldom || !this.#owing) this.due += this.period;
    else this.due = schedule.timeAt(now) + this.allowance;
  }

  /** The line is lost or the instrument is left alone: this period has passed with nothing. */
  pass(schedule: Schedule, readings: readonly Reading[], now: Monotonic): void {
    this.#poll = 'none';
    this.#wasCutOff = false;
    this.#busy = 0;
    this.advance(schedule, readings, now);
    schedule.leaveOutMissed(this, now);
  }

  /** The instrument answers again: what its seldom polls missed is asked for now. */
  catchUp(schedule: Schedule, now: Monotonic): void {
    if (!this.isSeldom || !this.#owing || this.isUnderWay) return;
    this.#owing = false;
    this.due = Math.min(this.due, schedule.timeAt(now));
  }

  /** The link was opened anew: a poll that was under way begins again. */
  reset(schedule: Schedule, now: Monotonic): void {
    this.#wasCutOff = this.isUnderWay;
    this.#poll = 'none';
    if (this.cadence === 'once') this.due = Math.min(this.due, schedule.timeAt(now));
  }
}
