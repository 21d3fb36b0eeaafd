import type { Cancel, Clock } from '../../clock.ts';

/** Something that waits for a time, and may be told another time while it waits. */
export class Hold {
  readonly #clock: Clock;
  readonly #over: () => void;
  #cancel: Cancel | null = null;

  /** `over` is called when the time has come. */
  constructor(clock: Clock, over: () => void) {
    this.#clock = clock;
    this.#over = over;
  }

  get isUp(): boolean {
    return this.#cancel !== null;
  }

  /** Waits so many milliseconds from now, whatever it was told before. */
  set(milliseconds: number): void {
    this.end();
    this.#cancel = this.#clock.after(milliseconds, () => {
      this.#cancel = null;
      this.#over();
    });
  }

  /** Waits no more; nobody is called. */
  end(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
