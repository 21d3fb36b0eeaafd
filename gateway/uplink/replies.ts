import type { BrokerConnection, Message } from './broker.ts';

/** Replies that wait for the broker at most. A platform that misses one asks again with the same command. */
const mostWaiting = 64;

/** Answers to commands on their way out: in order, one at a time, kept over a lost connection. */
export class Replies {
  readonly #dropped: () => void;
  readonly #waiting: Message[] = [];
  #connection: BrokerConnection | null = null;
  #isSending = false;

  /** `dropped` is called for every one that found no room. */
  constructor(dropped: () => void) {
    this.#dropped = dropped;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  add(message: Message): void {
    if (this.#waiting.length >= mostWaiting) {
      // The one in front may be on its way.
      this.#waiting.splice(1, 1);
      this.#dropped();
    }
    this.#waiting.push(message);
    void this.#send();
  }

  open(connection: BrokerConnection): void {
    this.#connection = connection;
    this.#isSending = false;
    void this.#send();
  }

  close(): void {
    this.#connection = null;
  }

  async #send(): Promise<void> {
    const connection = this.#connection;
    if (connection === null || this.#isSending) return;
    this.#isSending = true;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const { outcome } = await connection.publish(next);
      // Lost with its connection: the next one begins with it again.
      if (this.#connection !== connection || outcome === 'lost') return;
      if (outcome === 'refused') this.#dropped();
      this.#waiting.shift();
    }
    this.#isSending = false;
  }
}
