/** Something that is done again and again on one line. */
export interface Task {
  /** Milliseconds between two times; infinite for what is done once. */
  readonly period: number;
  /** How long after its due time it should be done, milliseconds; finite, and at most the period. */
  readonly allowance: number;
  /** When it is to be done next, on the schedule's own time. */
  due: number;
}

/**
 * When a line does what: the earliest deadline first.
 *
 * The schedule has its own time, which runs with the clock while the line keeps up and is held back when a deadline
 * was missed, so that it never gets ahead of the work. With that, earliest-deadline-first serves every task at the
 * same share of its rate when more is asked than the line can carry (A. Cervin et al., Feedback-Feedforward Scheduling
 * of Control Tasks, Real-Time Systems 23, 2002: under overload the periods are stretched alike), the order and the
 * distances between the tasks are kept, and after a block nothing is made up for.
 */
export class Schedule {
  #heldBack = 0;

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

  /** A task begins whose deadline is this: if that has passed, the schedule is held back to it. */
  begin(deadline: number, now: number): void {
    this.#heldBack += Math.max(0, this.timeAt(now) - deadline);
  }

  /** Leaves out the times that a task has missed for a reason of its own, but for the last. */
  leaveOutMissed(task: Task, readyAt: number): void {
    const late = this.timeAt(readyAt) - task.due;
    if (late >= task.period) task.due += Math.floor(late / task.period) * task.period;
  }
}
