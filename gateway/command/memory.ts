import type { Reply } from '../contract/reply.ts';
import type { Journal, KeptCommand } from './journal.ts';
import type { Sender } from './port.ts';

/** Commands without a signature that are remembered. */
const mostUnsigned = 50;

/** A command that was taken in; `key` is null where it has no signature. */
export type TakenCommand = Omit<KeptCommand, 'key'> & { readonly key: string | null };

/** What is known of a command that came before. */
interface Known {
  readonly digest: string;
  /** Its last reply; null while there is none. */
  readonly reply: Reply | null;
}

/**
 * Which commands were taken in, so that none is done twice. Those without a signature are remembered for as long as the
 * gateway runs: they change nothing.
 */
export class CommandMemory {
  readonly #journal: Journal;
  readonly #unsigned = new Map<string, Known>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  find({ uplink, key }: Sender, id: string): Known | undefined {
    return key === null ? this.#unsigned.get(`${uplink} ${id}`) : this.#journal.find(key, id);
  }

  /** Resolves when it is durable that it was taken in; rejects where it cannot be. */
  async take(taken: TakenCommand): Promise<void> {
    const { key, uplink, id, digest, reply } = taken;
    if (key !== null) return this.#journal.take({ ...taken, key });
    if (this.#unsigned.size >= mostUnsigned) this.#unsigned.delete(this.#unsigned.keys().next().value ?? '');
    this.#unsigned.set(`${uplink} ${id}`, { digest, reply });
  }

  /** Keeps its last reply; rejects where that cannot be durable. */
  async conclude({ key, uplink, id, digest }: TakenCommand, reply: Reply): Promise<void> {
    if (key !== null) return this.#journal.conclude(key, reply);
    this.#unsigned.set(`${uplink} ${id}`, { digest, reply });
  }
}
