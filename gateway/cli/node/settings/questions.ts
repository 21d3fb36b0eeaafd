import type { Sentence } from '../../../site/check-site.ts';
import { askUnseen } from '../../ask-unseen.ts';
import { Dialogue } from '../../dialogue.ts';
import { say, type Terminal } from '../../terminal.ts';

/** Questions of which some answers are secret: at a terminal those are typed unseen. */
export class Questions {
  readonly #terminal: Terminal;
  readonly #signal: AbortSignal;
  #dialogue: Dialogue | undefined;

  constructor(terminal: Terminal, signal: AbortSignal) {
    this.#terminal = terminal;
    this.#signal = signal;
  }

  /** Undefined when nothing comes any more. */
  async ask(question: Sentence): Promise<string | undefined> {
    this.#dialogue ??= new Dialogue(this.#terminal, this.#signal);
    const answer = await this.#dialogue.ask(question);
    // Two readers of one terminal would take each other's keys.
    if (this.#terminal.input.isTTY) this.close();
    return answer;
  }

  async askSecret(question: Sentence): Promise<string | undefined> {
    return this.#terminal.input.isTTY ? askUnseen(this.#terminal, question) : this.ask(question);
  }

  /**
   * Asks until the answer can be understood, and says each time what is wanted; undefined when nothing comes any more.
   *
   * @param understood the answer as it is used, undefined for one that cannot be
   */
  async askFor<Value>(
    question: Sentence,
    understood: (answer: string) => Value | undefined,
    wanted: Sentence,
    isSecret = false,
  ): Promise<Value | undefined> {
    for (;;) {
      const answer = await (isSecret ? this.askSecret(question) : this.ask(question));
      if (answer === undefined) return undefined;
      const value = understood(answer);
      if (value !== undefined) return value;
      this.#terminal.complain(say(wanted, this.#terminal.language));
    }
  }

  close(): void {
    this.#dialogue?.close();
    this.#dialogue = undefined;
  }
}
