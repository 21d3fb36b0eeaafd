import type { Clock, Monotonic } from '../../clock.ts';
import { Hold } from '../sending/hold.ts';
import { shortestOutage, spreadOf } from './spread.ts';
import type { Traffic } from './traffic.ts';

interface BacklogTurnOptions {
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
  /** When its turn after an outage is; a connection that is lost for a moment does not put it off. */
  #turnAt = Number.NEGATIVE_INFINITY;
  /** When the last connection ended; null before the first did. */
  #goneAt: Monotonic | null = null;
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
    if (this.#wasOutage) this.#turnAt = this.#options.clock.monotonic() + this.#options.spread;
    this.#waitForTurn();
  }

  /** Age of the oldest entry that is held, milliseconds: of an outage that nobody here saw begin, its length. */
  outage(held: number): void {
    if (!this.#wasOutage) return;
    const { spread, place, clock } = this.#options;
    const length = this.#goneAt === null ? held : Math.min(held, this.#away);
    this.#turnAt = clock.monotonic() + spreadOf(length, spread, place);
    this.#waitForTurn();
  }

  get #away(): number {
    return this.#goneAt === null ? Number.POSITIVE_INFINITY : this.#options.clock.monotonic() - this.#goneAt;
  }

  get #wasOutage(): boolean {
    return this.#away >= shortestOutage;
  }

  #waitForTurn(): void {
    const wait = this.#turnAt - this.#options.clock.monotonic();
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

  /** The gateway is about to stop: its turn and its share do not matter any more, the month of a metered line does. */
  hurry(): void {
    this.#isHurried = true;
  }

  /** The connection is gone. */
  end(): void {
    this.#goneAt = this.#options.clock.monotonic();
    for (const hold of [this.#receipt, this.#spread, this.#share]) hold.end();
  }

  /** Whether a batch of it may go now; where the month has no bytes for it, it is asked again after a while. */
  ask(): boolean {
    if (this.#receipt.isUp) return false;
    if (!this.#isHurried && (this.#spread.isUp || this.#share.isUp)) return false;
    if (this.#options.traffic.allowsBacklog) return true;
    this.#share.set(monthHold);
    return false;
  }

  /** What it waits for longer than a moment. */
  get waits(): 'spread' | 'month' | null {
    if (this.#spread.isUp) return 'spread';
    return this.#options.traffic.allowsBacklog ? null : 'month';
  }

  /** Seconds until its turn; null where it waits for none. */
  get turnIn(): number | null {
    return this.#spread.isUp ? Math.max(0, this.#turnAt - this.#options.clock.monotonic()) / 1000 : null;
  }
}
