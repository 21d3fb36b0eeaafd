import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { StoreEvent, StoreRefusal } from './port.ts';
import type {
  CommittedPart,
  FromThread,
  LastSeqs,
  OwnCommit,
  Question,
  Questions,
  ThreadOptions,
  ToThread,
} from './worker-messages.ts';

/** What a question came to: its answer, or why the database would not. */
type Outcome<Q extends Question> = { readonly answer: Questions[Q]['answer'] } | { readonly fault: string };

/** Where the streams stood when the store was opened. */
export interface Opened {
  readonly last: LastSeqs;
  /** The first entries of the epoch that the opening began, if it began one. */
  readonly begun: readonly CommittedPart[];
}

type Settle = (outcome: Outcome<Question>) => void;

/** The near end of the store's thread: questions go in, answers come out in the same order. */
export class DatabaseThread {
  /** What the opening came to; rejects when the thread cannot even start. */
  readonly opened: Promise<Opened | StoreRefusal>;
  /** The store went on in a new file; set before the first turn of the event loop after `opened`. */
  onMoved: (opened: Opened) => void = () => undefined;
  /** The thread committed something by itself; set like `onMoved`. */
  onOwnCommit: (commit: OwnCommit) => void = () => undefined;
  readonly #worker: Worker;
  readonly #open = new Map<number, Settle>();
  #idle: (() => void)[] = [];
  #next = 1;
  #gone: string | undefined;
  readonly #tell: (event: StoreEvent) => void;

  /** Starts the thread, which opens the database. */
  constructor(options: ThreadOptions, tell: (event: StoreEvent) => void) {
    this.#tell = tell;
    // A thread does not inherit the compile cache by itself; without it, it would load the type stripper, some 35 MB.
    const cache = getCompileCacheDir();
    this.#worker = new Worker(new URL('./sqlite/store-worker.ts', import.meta.url), {
      workerData: options,
      // Flags of the process are about its own entry point (`--input-type`, `--inspect-brk`), not about the thread's.
      execArgv: [],
      env: cache === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: dirname(cache) },
      // The thread holds one commit or one span at a time.
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 },
    });
    let opened = false;
    this.opened = new Promise((resolve, reject) => {
      this.#worker.on('message', (message: FromThread) => {
        if (message.kind === 'opened') {
          opened = true;
          resolve(message);
        } else if (message.kind === 'refused') resolve(message.refusal);
        else if (message.kind === 'event') tell(message.event);
        else if (message.kind === 'moved') this.onMoved(message);
        else if (message.kind === 'committed') this.onOwnCommit(message.commit);
        else if (message.kind === 'answer') this.#settle(message.id, { answer: message.answer });
        else this.#settle(message.id, { fault: message.message });
      });
      this.#worker.on('error', (error) => {
        reject(error);
        // Whether its last commit was made is not known here; a new process finds out when it proves the tail.
        if (opened) throw error;
      });
      this.#worker.on('exit', () => this.#lost("the store's thread has ended"));
    });
  }

  /** Asks, and waits for the answer. Never rejects: a thread that is gone is a fault as well. */
  ask<Q extends Question>(question: Q, ask: Questions[Q]['ask']): Promise<Outcome<Q>> {
    if (this.#gone !== undefined) return Promise.resolve({ fault: this.#gone });
    const id = this.#next++;
    return new Promise((resolve) => {
      // A question of kind Q is answered with an answer of kind Q; ids do not carry that type across the wire.
      this.#open.set(id, resolve as Settle);
      this.#worker.postMessage({ id, question, ask } as ToThread);
    });
  }

  /** The answer, or undefined when the database would not; that is told. */
  async answer<Q extends Question>(question: Q, ask: Questions[Q]['ask']): Promise<Questions[Q]['answer'] | undefined> {
    const outcome = await this.ask(question, ask);
    if ('answer' in outcome) return outcome.answer;
    this.#tell({ kind: 'store-fault', message: `${question} failed: ${outcome.fault}` });
    return undefined;
  }

  /** The answer; throws when the database would not, which is told: nothing held is not what a fault means. */
  async answerOrThrow<Q extends Question>(question: Q, ask: Questions[Q]['ask']): Promise<Questions[Q]['answer']> {
    const answer = await this.answer(question, ask);
    if (answer === undefined) throw new Error(`the store did not answer: ${question}`);
    return answer;
  }

  /** Resolves when every question has its answer, and so has every question that those answers led to. */
  async idle(): Promise<void> {
    while (this.#open.size > 0) {
      await new Promise<void>((resolve) => {
        this.#idle.push(resolve);
      });
      // One turn of the event loop lets everybody who waited for an answer go on.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** Ends the thread; ask `close` before. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(id: number, outcome: Outcome<Question>): void {
    const settle = this.#open.get(id);
    this.#open.delete(id);
    settle?.(outcome);
    if (this.#open.size > 0) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }

  #lost(why: string): void {
    this.#gone ??= why;
    for (const id of [...this.#open.keys()]) this.#settle(id, { fault: this.#gone });
  }
}
