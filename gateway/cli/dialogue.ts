import { createInterface, type Interface } from 'node:readline';
import type { Sentence } from '../site/check-site.ts';
import { say, type Terminal } from './terminal.ts';

/** Questions to whoever sits at the terminal, one after the other. */
export class Dialogue {
  readonly #terminal: Terminal;
  readonly #lines: Interface;
  readonly #waiting: ((line: string | undefined) => void)[] = [];
  readonly #early: string[] = [];
  #isOver = false;

  /** `signal`: raised at Ctrl-C; whoever is asked then says nothing. */
  constructor(terminal: Terminal, signal: AbortSignal) {
    this.#terminal = terminal;
    this.#lines = createInterface({ input: terminal.input, terminal: false });
    this.#lines.on('line', (line) => {
      const next = this.#waiting.shift();
      if (next) next(line.trim());
      else this.#early.push(line.trim());
    });
    this.#lines.on('close', () => this.close());
    if (signal.aborted) this.close();
    else signal.addEventListener('abort', () => this.close(), { once: true });
  }

  /** The answer, without spaces around it; undefined when the input has ended. */
  ask(question: Sentence): Promise<string | undefined> {
    this.#terminal.complain(say(question, this.#terminal.language));
    if (this.#early.length > 0) return Promise.resolve(this.#early.shift());
    if (this.#isOver) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** True for a yes; anything else is none. */
  async confirms(question: Sentence): Promise<boolean> {
    const answer = await this.ask({ en: `${question.en} [y/N]`, zh: `${question.zh} [y/N]` });
    return /^(y|yes|是)$/i.test(answer ?? '');
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#lines.close();
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }
}
