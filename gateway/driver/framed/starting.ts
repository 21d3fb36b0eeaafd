import type { Outcome } from '../events.ts';
import type { FramedConversation } from './framed-conversation.ts';
import type { FramedInstrument } from './framed-poll.ts';

/** Sees that an instrument is started once it is connected, and stopped when the gateway lets go; only where the site allows it. */
export class Starting {
  readonly #instrument: FramedInstrument;
  readonly #conversation: FramedConversation;
  #done = 0;
  #wasStarted = false;

  constructor(instrument: FramedInstrument, conversation: FramedConversation) {
    this.#instrument = instrument;
    this.#conversation = conversation;
  }

  get #steps() {
    return this.#instrument.settings.mayStart === true ? this.#instrument.profile.start : [];
  }

  get isDone(): boolean {
    return this.#done >= this.#steps.length;
  }

  /** It may have lost its power: what was said to it is said again. */
  again(): void {
    this.#done = 0;
  }

  /** Says the next thing. */
  async next(): Promise<Outcome> {
    const step = this.#steps[this.#done];
    const outcome = step ? await this.#conversation.perform(step) : 'ok';
    if (outcome === 'ok') this.#done += 1;
    if (this.isDone) this.#wasStarted = true;
    return outcome;
  }

  /** What is said at the end; undefined where nothing was started. */
  get farewell(): (() => Promise<void>) | undefined {
    const { stop } = this.#instrument.profile;
    if (this.#steps.length === 0 || stop.length === 0) return undefined;
    return async () => {
      if (this.#done === 0 && !this.#wasStarted) return;
      for (const step of stop) await this.#conversation.perform(step);
    };
  }
}
