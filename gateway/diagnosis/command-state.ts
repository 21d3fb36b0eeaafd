import type { CommandEvent } from '../command/port.ts';
import type { CommandsPicture } from '../http/picture.ts';

/** Commands that are shown. */
const mostShown = 10;

/** The current picture of what platforms asked. */
export class CommandState {
  /** Oldest first. */
  #last: CommandsPicture['last'] = [];
  #fault: string | null = null;
  #retired: CommandsPicture['retired'] = [];
  #isReading = true;
  #trial: CommandsPicture['trial'] = null;

  event(event: CommandEvent & { kind: 'command' | 'command-fault' | 'site-trial' | 'uplinks-retired' }): void {
    if (event.kind === 'command-fault') {
      this.fault(event.message);
      return;
    }
    if (event.kind === 'site-trial') {
      this.#trial = event.trial;
      return;
    }
    if (event.kind === 'uplinks-retired') {
      this.#retired = event.retired.map((one) => ({ ...one }));
      this.#isReading = event.isReading;
      return;
    }
    const { kind: _, isOld: __, ...told } = event;
    const others = this.#last.filter(({ id, who }) => id !== told.id || who !== told.who);
    this.#last = [...others, told].slice(-mostShown);
  }

  fault(message: string): void {
    this.#fault = message;
  }

  picture(): CommandsPicture {
    return {
      last: this.#last.toReversed(),
      trial: this.#trial,
      retired: this.#retired,
      isReading: this.#isReading,
      fault: this.#fault,
    };
  }
}
