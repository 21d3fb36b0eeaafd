import type { Readable } from 'node:stream';

/** One entry that the gateway said is durable. */
interface LedgerEntry {
  readonly stream: string;
  readonly epoch: string;
  readonly seq: number;
  readonly hash: string;
}

/** Names an entry the same way on every side of a comparison. */
export const entryKey = ({ stream, epoch, seq }: Omit<LedgerEntry, 'hash'>): string => `${stream} ${epoch} ${seq}`;

/**
 * The oracle outside the gateway: what it wrote to the descriptor it was handed, each line the moment after a commit.
 * A killed gateway cannot take any of it back.
 */
export class Ledger {
  readonly #hashes = new Map<string, string>();
  /** Keys that were told twice with different hashes: the gateway contradicted itself. */
  readonly contradictions: string[] = [];
  #waiting: { readonly stream: string; readonly resolve: () => void }[] = [];
  #rest = '';

  /** Goes on reading until the stream ends; resolves then. Several runs of one gateway share one ledger. */
  async read(stream: Readable): Promise<void> {
    stream.setEncoding('utf8');
    for await (const chunk of stream) this.#take(String(chunk));
    // A line that was cut off by a kill was never a word of the gateway.
    this.#rest = '';
  }

  /** Resolves when the next entry of that stream is told. */
  next(stream: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ stream, resolve });
    });
  }

  get size(): number {
    return this.#hashes.size;
  }

  /** Key to chain hash, in the order in which the entries were committed. */
  get hashes(): ReadonlyMap<string, string> {
    return this.#hashes;
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const [stream = '', epoch = '', seq = '', hash = ''] = line.split(' ');
      if (!/^[0-9a-f]{64}$/.test(hash)) throw new Error(`not a line of a ledger: ${line}`);
      const key = entryKey({ stream, epoch, seq: Number(seq) });
      const known = this.#hashes.get(key);
      if (known !== undefined && known !== hash) this.contradictions.push(key);
      this.#hashes.set(key, hash);
      this.#tell(stream);
    }
  }

  #tell(stream: string): void {
    if (this.#waiting.length === 0) return;
    for (const waiting of this.#waiting) if (waiting.stream === stream) waiting.resolve();
    this.#waiting = this.#waiting.filter((waiting) => waiting.stream !== stream);
  }
}
