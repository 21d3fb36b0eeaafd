import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import type { Answer, Question } from './child-program.ts';

/** Milliseconds that a program may take to end. */
const patience = 5000;

/** A process of this bench, asked over its own channel; see child-program.ts for the other side. */
export class Program {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #ended: Promise<unknown>;
  #asked = 0;

  private constructor(file: string, plan: unknown, nodeOptions: readonly string[]) {
    this.#name = basename(file);
    // What it prints belongs to nobody's figures.
    this.#child = fork(file, [JSON.stringify(plan)], {
      stdio: ['ignore', 2, 2, 'ipc'],
      execArgv: [...process.execArgv, ...nodeOptions],
    });
    this.#ended = once(this.#child, 'exit');
  }

  /** Starts the program; resolves to it and to what it tells when it is ready. */
  static async start<Ready>(
    file: string,
    plan: unknown,
    nodeOptions: readonly string[] = [],
  ): Promise<{ program: Program; ready: Ready }> {
    const program = new Program(file, plan, nodeOptions);
    return { program, ready: (await program.#answerTo(0)) as Ready };
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async ask<T>(word: string): Promise<T> {
    this.#asked += 1;
    const answer = this.#answerTo(this.#asked);
    this.#child.send({ number: this.#asked, word } satisfies Question);
    return (await answer) as T;
  }

  /** Tells it to end by closing its channel; what does not end within a few seconds is killed. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const enough = setTimeout(() => this.#child.kill('SIGKILL'), patience);
    await this.#ended;
    clearTimeout(enough);
  }

  #answerTo(number: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const fail = (code: number | null): void => reject(new Error(`${this.#name} ended with ${code}`));
      const take = (message: Answer): void => {
        if (message.number !== number) return;
        this.#child.off('message', take);
        this.#child.off('exit', fail);
        resolve(message.answer);
      };
      this.#child.on('message', take);
      this.#child.once('exit', fail);
    });
  }
}
