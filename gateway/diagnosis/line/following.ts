import type { Monotonic } from '../../clock.ts';
import type { Numbered } from './trace-ring.ts';

/** Transactions that are held for one who waits; when there are more, the oldest are left out and counted. */
const mostHeld = 100;

/** The transactions of one instrument while somebody waits for it. */
export class Following {
  readonly instrument: string;
  readonly #held: Numbered[];
  #omitted = 0;

  /** `before`: what was seen of the instrument so far, since the poll that will answer may be under way already. */
  constructor(instrument: string, before: readonly Numbered[]) {
    this.instrument = instrument;
    this.#held = [...before];
  }

  note(one: Numbered): void {
    this.#held.push(one);
    if (this.#held.length <= mostHeld) return;
    this.#held.shift();
    this.#omitted++;
  }

  /** What happened since that moment, and how many transactions before it had to be left out. */
  since(moment: Monotonic): { readonly transactions: readonly Numbered[]; readonly omitted: number } {
    const transactions = this.#held.filter(({ transaction }) => transaction.monotonic >= moment);
    return { transactions, omitted: transactions.length === this.#held.length ? this.#omitted : 0 };
  }
}
