const minute = 60_000;

/** A stretch of simulated time, milliseconds. */
export interface Stretch {
  readonly from: number;
  to: number;
}

/** When the gateway ran, and by how much its stamps were off the truth: what only the rig knows of it. */
export class GatewayTimes {
  /** Runs; the last one may go on. `isCut`: it ended by a loss of power, so that what was not durable is gone. */
  readonly runs: { readonly from: number; to: number; isCut: boolean }[] = [];
  /** Stretches of its own wall time that it jumped over, or went through twice. */
  readonly disturbed: Stretch[] = [];
  /** When there was no room on the disk. */
  readonly full: Stretch[] = [];
  /** Wall time in which the site did not name what stands at that point. */
  readonly unexpected: (Stretch & { readonly point: string })[] = [];
  /** From when on it knew the time, or did not. */
  readonly #known: { readonly at: number; readonly isKnown: boolean }[] = [];
  readonly #errors: { readonly at: number; readonly error: number }[] = [];

  started(at: number): void {
    this.runs.push({ from: at, to: Number.POSITIVE_INFINITY, isCut: false });
    this.noteKnown(at, false);
  }

  ended(at: number, isCut: boolean): void {
    const run = this.runs.at(-1);
    if (run !== undefined) Object.assign(run, { to: at, isCut });
  }

  noteKnown(at: number, isKnown: boolean): void {
    this.#known.push({ at, isKnown });
  }

  /** Whether it knew the time at that moment. */
  isKnownAt(at: number): boolean {
    return this.#known.findLast((one) => one.at <= at)?.isKnown ?? false;
  }

  /** Whether a run that lasted from one moment to the other ever knew the time: else what it measured has none. */
  everKnew({ from, to }: Stretch): boolean {
    return this.isKnownAt(from) || this.#known.some(({ at, isKnown }) => isKnown && at >= from && at < to);
  }

  /** Its stamps are off by so much from that moment on; `truth`: what time it truly is. */
  noteError(at: number, error: number, truth: number): void {
    const before = this.#errors.at(-1)?.error ?? error;
    if (this.#errors.length > 0 && Math.abs(before - error) < 500) return;
    this.#errors.push({ at, error });
    if (before === error) return;
    const [low, high] = [Math.min(before, error), Math.max(before, error)];
    this.disturbed.push({ from: truth + low - 130_000, to: truth + high + 130_000 });
  }

  /** By how much a stamp may be off that was made at any moment between these. */
  errorsBetween(from: number, to: number): number[] {
    // What was measured before the time was known got its stamp when it was.
    const before = this.#errors.findLast(({ at }) => at <= from) ?? this.#errors[0];
    const known = this.isKnownAt(from) ? from : (this.#known.find((one) => one.isKnown && one.at > from)?.at ?? from);
    const later = this.#errors.filter(({ at }) => at > from && at <= Math.max(to, known));
    return [...(before === undefined ? [] : [before]), ...later].map(({ error }) => error);
  }

  /** Whether that moment of its own wall time is one whose minute may have been said twice, or jumped over. */
  isDisturbed(wall: number): boolean {
    return this.disturbed.some(({ from, to }) => from <= wall && wall <= to);
  }

  /**
   * Whether what was measured then may be gone since its run ended before it was durable: `window` milliseconds before a
   * loss of power, the moment of an orderly stop, and as long as there was no room for it.
   */
  mayBeLost(at: number, window: number): boolean {
    const run = this.runAt(at);
    if (run === undefined || !this.everKnew(run) || run.to - at < (run.isCut ? window : 1000)) return true;
    return this.full.some(({ from, to }) => from - window <= at && from < run.to && run.to <= to + minute);
  }

  /** Whether there was no room at any moment between these, by true wall time. */
  wasFull(from: number, to: number, origin: number): boolean {
    return this.full.some((one) => one.from + origin < to && from < one.to + origin + minute);
  }

  /** Whether the site named what stands at that point then, by wall time. */
  isExpected(point: string, wall: number): boolean {
    return !this.unexpected.some(
      (one) => one.point === point && one.from - 120_000 <= wall && wall <= one.to + 120_000,
    );
  }

  /** The run in which that moment lies. */
  runAt(at: number): (Stretch & { readonly isCut: boolean }) | undefined {
    return this.runs.find(({ from, to }) => from <= at && at < to);
  }
}
