import type { Monotonic, WallTime } from '../../clock.ts';
import type { Outcome, Transaction } from '../../driver/events.ts';

/** Transactions that are held of one link. */
export const ringSize = 200;
/** Bytes of a request and of what came back that are held of each. */
const bytesKept = 64;

/** The numbers of a transaction; one that is null is held as NaN. */
const figures = [
  'address',
  'generation',
  'at',
  'monotonic',
  'bytesSent',
  'bytesReceived',
  'firstByte',
  'lastByte',
  'longestGap',
  'expected',
  'duration',
  'exception',
  'junkBefore',
  'junkAfter',
  'echoed',
  'late',
] as const satisfies readonly (keyof Transaction)[];

/** A transaction with its number on its link, counted from 1 since the gateway started. */
export interface Numbered {
  readonly number: number;
  readonly transaction: Transaction;
}

/**
 * The newest transactions of one link. Bytes and numbers are copied into blocks of memory made once, about 60 kB a
 * link: held as they were told, each would keep alive the buffer of the link that its bytes were cut from.
 *
 *     #bytes    place 0: sent 64 | received 64    place 1: sent 64 | received 64 …
 *     #lengths  place 0: sent, received           place 1 …
 *     #figures  place 0: one for each name above  place 1 …
 */
export class TraceRing {
  readonly #link: string;
  readonly #bytes = new Uint8Array(ringSize * 2 * bytesKept);
  readonly #lengths = new Uint8Array(ringSize * 2);
  readonly #figures = new Float64Array(ringSize * figures.length);
  readonly #instruments: (string | null)[] = new Array(ringSize).fill(null);
  readonly #outcomes: Outcome[] = new Array(ringSize).fill('ok');
  #total = 0;

  constructor(link: string) {
    this.#link = link;
  }

  /** Transactions since the start. */
  get total(): number {
    return this.#total;
  }

  /** How many of them are no longer held. */
  get overwritten(): number {
    return Math.max(0, this.#total - ringSize);
  }

  add(transaction: Transaction): void {
    const place = this.#total % ringSize;
    this.#total++;
    this.#instruments[place] = transaction.instrument;
    this.#outcomes[place] = transaction.outcome;
    this.#keep(place * 2, transaction.sent);
    this.#keep(place * 2 + 1, transaction.received);
    let at = place * figures.length;
    for (const figure of figures) this.#figures[at++] = transaction[figure] ?? Number.NaN;
  }

  /** What is held of the transactions after number `after`, the newest `limit` of them, newest last. */
  newest(limit: number, after = 0): Numbered[] {
    const first = Math.max(after, this.overwritten, this.#total - limit);
    return Array.from({ length: Math.max(0, this.#total - first) }, (_, more) => this.#taken(first + more));
  }

  #keep(side: number, bytes: Uint8Array): void {
    const kept = bytes.length > bytesKept ? bytes.subarray(0, bytesKept) : bytes;
    this.#bytes.set(kept, side * bytesKept);
    this.#lengths[side] = kept.length;
  }

  #kept(side: number): Uint8Array {
    return this.#bytes.slice(side * bytesKept, side * bytesKept + (this.#lengths[side] ?? 0));
  }

  #taken(index: number): Numbered {
    const place = index % ringSize;
    const base = place * figures.length;
    const figure = (name: (typeof figures)[number]): number =>
      this.#figures[base + figures.indexOf(name)] ?? Number.NaN;
    const orNull = (name: (typeof figures)[number]): number | null => {
      const value = figure(name);
      return Number.isNaN(value) ? null : value;
    };
    const transaction: Transaction = {
      kind: 'transaction',
      link: this.#link,
      generation: figure('generation'),
      instrument: this.#instruments[place] ?? null,
      address: orNull('address'),
      at: figure('at') as WallTime,
      monotonic: figure('monotonic') as Monotonic,
      sent: this.#kept(place * 2),
      received: this.#kept(place * 2 + 1),
      bytesSent: figure('bytesSent'),
      bytesReceived: figure('bytesReceived'),
      firstByte: orNull('firstByte'),
      lastByte: orNull('lastByte'),
      longestGap: orNull('longestGap'),
      expected: orNull('expected'),
      duration: figure('duration'),
      outcome: this.#outcomes[place] ?? 'ok',
      exception: orNull('exception'),
      junkBefore: figure('junkBefore'),
      junkAfter: figure('junkAfter'),
      echoed: figure('echoed'),
      late: figure('late'),
    };
    return { number: index + 1, transaction };
  }
}
