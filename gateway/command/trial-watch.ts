import type { Cancel, Clock } from '../clock.ts';
import type { CommandEvent, Trial } from './port.ts';

interface TrialWatchOptions {
  readonly trial: Trial;
  /** Milliseconds until the platform has to be reached. */
  readonly left: number;
  readonly clock: Clock;
  /** Makes the change stay, and tells so. */
  readonly confirm: () => Promise<void>;
  /** Puts the former document back, and has the gateway start anew. */
  readonly rollBack: (why: string) => Promise<void>;
  readonly observe: (event: CommandEvent) => void;
}

/** Tries again when the medium did not take the decision, milliseconds. */
const again = 5000;

/** Watches a site change on trial: whichever comes first, word of the platform or the end of its time, decides. */
export class TrialWatch {
  readonly #options: TrialWatchOptions;
  readonly #end: number;
  #cancel: Cancel = () => {};
  #isDeciding = false;

  constructor(options: TrialWatchOptions) {
    const { clock, left, observe, trial } = options;
    this.#options = options;
    this.#end = clock.monotonic() + left;
    observe({ kind: 'site-trial', trial });
    this.#arm(left);
  }

  /** The platform that asked for the change has what the gateway said with the new document. */
  reached(): void {
    void this.#decide(this.#options.confirm);
  }

  stop(): void {
    this.#cancel();
    this.#isDeciding = true;
  }

  #arm(delay: number): void {
    this.#cancel = this.#options.clock.after(delay, () => {
      const { left, rollBack } = this.#options;
      void this.#decide(() => rollBack(`nothing reached the platform within ${Math.round(left / 1000)} s`));
    });
  }

  async #decide(how: () => Promise<void>): Promise<void> {
    if (this.#isDeciding) return;
    this.#isDeciding = true;
    this.#cancel();
    try {
      await how();
    } catch (error) {
      const message = `a site change could not be decided: ${(error as Error).message}; it is tried again`;
      this.#options.observe({ kind: 'command-fault', message });
      this.#isDeciding = false;
      this.#arm(Math.max(again, this.#end - this.#options.clock.monotonic()));
    }
  }
}
