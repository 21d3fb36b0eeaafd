import type { Outcome, Transaction } from '../../driver/events.ts';
import type { SlavePicture, TallyPicture, TimesPicture } from '../../http/lines/line-picture.ts';
import { type Counters, noCounts } from '../counters.ts';
import { hundredths } from './transaction-picture.ts';

/** Transactions that the short memory of a slave goes back. */
const recentTransactions = 100;

/** What of a transaction is counted. */
interface Mention {
  readonly outcome: Outcome;
  readonly junk: number;
  readonly echoed: boolean;
  readonly late: boolean;
  /** Milliseconds from the end of the request to the first and the last byte of an answer; null without one. */
  readonly firstByte: number | null;
  readonly response: number | null;
}

/** How the transactions with one slave address of one line ended, whichever instruments were asked under it. */
export class SlaveState {
  readonly #address: number | null;
  readonly #instruments = new Set<string>();
  readonly #total = new Tally();
  readonly #recent: Mention[] = [];
  #next = 0;

  constructor(address: number | null) {
    this.#address = address;
  }

  /** Of the last transactions, how many asked and how many of those came back to us. */
  get echo(): { readonly requests: number; readonly echoes: number } {
    return { requests: this.#recent.length, echoes: this.#recent.filter(({ echoed }) => echoed).length };
  }

  transaction(instrument: string, transaction: Transaction): void {
    this.#instruments.add(instrument);
    const mention = mentionOf(transaction);
    this.#total.add(mention);
    this.#recent[this.#next] = mention;
    this.#next = (this.#next + 1) % recentTransactions;
  }

  picture(): SlavePicture {
    const recent = new Tally();
    for (const mention of this.#recent) recent.add(mention);
    return {
      address: this.#address,
      instruments: [...this.#instruments],
      total: this.#total.picture(),
      recent: recent.picture(),
      response: timesOf(this.#recent.map(({ response }) => response)),
      firstByte: timesOf(this.#recent.map(({ firstByte }) => firstByte)),
    };
  }
}

class Tally {
  readonly #outcomes: Counters = noCounts();
  #requests = 0;
  #junk = 0;
  #echoes = 0;
  #late = 0;

  add({ outcome, junk, echoed, late }: Mention): void {
    this.#outcomes[outcome]++;
    this.#requests++;
    this.#junk += junk;
    if (echoed) this.#echoes++;
    if (late) this.#late++;
  }

  picture(): TallyPicture {
    return {
      requests: this.#requests,
      outcomes: Object.fromEntries(Object.entries(this.#outcomes).filter(([, times]) => times > 0)),
      junk: this.#junk,
      echoes: this.#echoes,
      late: this.#late,
    };
  }
}

function mentionOf(transaction: Transaction): Mention {
  const { outcome, junkBefore, junkAfter, late, firstByte, lastByte } = transaction;
  const answered = outcome === 'ok' || outcome === 'exception';
  // An echo that came back cut short was not stripped, but it is the adapter's own voice all the same.
  const echoed = transaction.echoed > 0 || outcome === 'echo';
  return {
    outcome,
    junk: junkBefore + junkAfter,
    echoed,
    late: late > 0,
    firstByte: answered && !echoed ? firstByte : null,
    response: answered ? lastByte : null,
  };
}

function timesOf(times: readonly (number | null)[]): TimesPicture | null {
  const known = times.filter((time) => time !== null).sort((one, other) => one - other);
  const largest = known.at(-1);
  if (largest === undefined) return null;
  const middle = known.length >> 1;
  const upper = known[middle] ?? largest;
  const median = known.length % 2 === 1 ? upper : ((known[middle - 1] ?? upper) + upper) / 2;
  return { median: hundredths(median), largest: hundredths(largest) };
}
