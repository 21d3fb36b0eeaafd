import type { Clock } from '../../clock.ts';
import { Hold } from '../sending/hold.ts';
import { spreadOf } from './spread.ts';
import type { Traffic } from './traffic.ts';

export interface BacklogTurnOptions {
  readonly clock: Clock;
  readonly traffic: Traffic;
  /** Part of the line that the backlog may take, above 0 up to 1. */
  readonly share: number;
  /** Longest wait after an outage, milliseconds, and this gateway's own part of it, 0 up to 1. */
  readonly spread: number;
  readonly place: number;
  /** Called when a wait is over. */
  readonly over: () => void;
}

/** After a connect the platform says what it has; the backlog waits so long for that, to repeat nothing. */
const receiptHold = 2000;
/** Between two looks at a month whose bytes were used up. */
const monthHold = 60_000;

/** When the backlog may go: after the platform's word, after an outage of many in its turn, within its share and its month. */
export class BacklogTurn {
  readonly #options: BacklogTurnOptions;
  readonly #receipt: Hold;
  readonly #spread: Hold;
  readonly #share: Hold;
  #isReceiptHoldShort = false;
  #isHurried = false;

  constructor(options: BacklogTurnOptions) {
    this.#options = options;
    const { clock, over } = options;
    this.#receipt = new Hold(clock, over);
    this.#spread = new Hold(clock, over);
    this.#share = new Hold(clock, over);
  }

  /** A connection is up. `owesReceipt`: the platform is expected to say what it has. */
  connected(owesReceipt: boolean): void {
    this.#isReceiptHoldShort = false;
    if (owesReceipt) this.#receipt.set(receiptHold);
    // Until the store has said how long the outage was, the backlog waits in any case.
    if (this.#options.spread > 0) this.#spread.set(this.#options.spread);
  }

  /** Age of the oldest entry that is held, milliseconds: so long was the outage. */
  outage(held: number): void {
    const { spread, place } = this.#options;
    const wait = spreadOf(held, spread, place);
    if (wait > 0) this.#spread.set(wait);
    else this.#spread.end();
  }

  /** The platform has begun to say what it has; what is left of it comes soon. */
  receipt(): void {
    if (this.#receipt.isUp && !this.#isReceiptHoldShort) this.#receipt.set(receiptHold / 10);
    this.#isReceiptHoldShort = true;
  }

  /** A batch of it goes out now; `rate`: what the line carries, bytes a second, where that is known. */
  sent(bytes: number, rate: number | null): void {
    const { share } = this.#options;
    if (share < 1 && rate !== null) this.#share.set((bytes / rate / share) * 1000);
  }

  /** The gateway is about to stop: what the backlog waits for does not matter any more. */
  hurry(): void {
    this.#isHurried = true;
  }

  /** The connection is gone. */
  end(): void {
    for (const hold of [this.#receipt, this.#spread, this.#share]) hold.end();
  }

  /** Whether a batch of it may go now. */
  get isNow(): boolean {
    if (this.#receipt.isUp) return false;
    if (this.#isHurried) return true;
    if (this.#spread.isUp || this.#share.isUp) return false;
    if (this.#options.traffic.allowsBacklog) return true;
    this.#share.set(monthHold);
    return false;
  }

  /** What it waits for longer than a moment. */
  get waits(): 'spread' | 'month' | null {
    if (this.#spread.isUp) return 'spread';
    return this.#options.traffic.allowsBacklog ? null : 'month';
  }
}
