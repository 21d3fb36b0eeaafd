import type { Clock } from '../../clock.ts';

interface Strikes {
  count: number;
  at: number;
}

/** Milliseconds: the first hold, the longest, and how long it takes until nothing is remembered. */
const first = 5000;
const longest = 600_000;
const forgetAfter = 1_800_000;
/** Senders remembered at once; the one that was quiet longest is forgotten first. */
const mostRemembered = 256;

/** Whom nobody listens to for a while: each strike doubles the time, from 5 s to 10 min. */
export class HoldOff {
  readonly #clock: Clock;
  readonly #strikes = new Map<string, Strikes>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds that this one is still held off; 0 when it is heard. */
  of(who: string): number {
    const strikes = this.#strikes.get(who);
    if (strikes === undefined) return 0;
    const hold = Math.min(longest, first * 2 ** Math.min(20, strikes.count - 1));
    return Math.max(0, strikes.at + hold - this.#clock.monotonic());
  }

  strike(who: string): void {
    const now = this.#clock.monotonic();
    const before = this.#strikes.get(who);
    const count = before !== undefined && now - before.at < forgetAfter ? before.count + 1 : 1;
    this.#strikes.delete(who);
    this.#strikes.set(who, { count, at: now });
    const oldest = this.#strikes.keys().next();
    if (this.#strikes.size > mostRemembered && !oldest.done) this.#strikes.delete(oldest.value);
  }

  /** What it did before is another one's doing: its account is a new one. */
  forgive(who: string): void {
    this.#strikes.delete(who);
  }
}
