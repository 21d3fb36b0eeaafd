/** Something that is done again and again on one line. */
export interface Task {
  /** Milliseconds between two times; infinite for what is done once. */
  readonly period: number;
  /** How long after its due time it should be done, milliseconds; finite, and at most the period. */
  readonly allowance: number;
  /** When it is to be done next, on the schedule's own time. */
  due: number;
}

/** What all tasks together ask for. */
interface Demanded {
  /** Share of the line's time; above 1 it cannot be carried. */
  readonly needed: number;
  /** How long it takes to do every task once, milliseconds. */
  readonly round: number;
}

/**
 * When a line does what: the earliest deadline first.
 *
 * While the line can carry what is asked, a task that missed its times, because something else held the line, leaves
 * them out; nothing is made up for.
 *
 * When it cannot, the schedule's own time is held back, so that it never gets further ahead of the work than one round.
 * With that, earliest-deadline-first serves every task at the same share of its rate (A. Cervin et al.,
 * Feedback-Feedforward Scheduling of Control Tasks, Real-Time Systems 23, 2002: the periods are stretched alike);
 * leaving out times one by one would favour the tasks that are done seldom.
 */
export class Schedule {
  #heldBack = 0;
  #demanded: Demanded = { needed: 0, round: 0 };

  /** What is asked for by now. */
  weigh(demanded: Demanded): void {
    this.#demanded = demanded;
  }

  /** Milliseconds that the schedule has been held back in all. */
  get heldBack(): number {
    return this.#heldBack;
  }

  /** The schedule's time at a moment of the clock. */
  timeAt(moment: number): number {
    return moment - this.#heldBack;
  }

  /** The moment of the clock at which the schedule's time will be this, if the line keeps up until then. */
  momentOf(time: number): number {
    return time + this.#heldBack;
  }

  /** True if the task is to be done now. */
  isDue({ due }: Task, now: number): boolean {
    return due <= this.timeAt(now);
  }

  /**
   * The deadline of a task that could not be done before `readyAt` (a moment of the clock) for a reason of its own,
   * such as a gap that its instrument wants: that is not the line's fault.
   */
  deadlineOf({ due, allowance }: Task, readyAt: number): number {
    return Math.max(due, this.timeAt(readyAt)) + allowance;
  }

  /** Something is done now whose deadline is this, the earliest of all. */
  keep(deadline: number, now: number): void {
    const { needed, round } = this.#demanded;
    if (needed > 1) this.#heldBack += Math.max(0, this.timeAt(now) - deadline - round);
  }

  /** A task begins, which could not be done before `readyAt` for a reason of its own. */
  begin(task: Task, readyAt: number, now: number): void {
    this.leaveOutMissed(task, this.#demanded.needed > 1 ? readyAt : now);
  }

  /** Leaves out the times of a task before this moment, but for the last. */
  leaveOutMissed(task: Task, moment: number): void {
    const late = this.timeAt(moment) - task.due;
    if (late >= task.period) task.due += Math.floor(late / task.period) * task.period;
  }
}
