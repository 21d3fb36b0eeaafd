import type { Clock } from '../../../clock.ts';
import { Allowance, type Rate } from '../allowance.ts';

/** Nodes with an account that may be connected at once. */
export const mostNodes = 64;
/** Nodes without one. */
export const mostNew = 16;
/** Connections that have not logged in, in all and from one address. */
const mostStrangers = 32;
const mostStrangersOfOne = 12;
/** Connections that are begun. After a power cut every node of a site comes back within seconds, maybe through one address. */
const fromOne: Rate = { burst: 40, perSecond: 2 };
const fromAll: Rate = { burst: 80, perSecond: 10 };
const mostAddresses = 256;

/** Lets connections in, before a byte of theirs is read: not too many, not too often, and no address at the cost of others. */
export class Door {
  readonly #clock: Clock;
  readonly #strangers = new Map<string, number>();
  readonly #begun = new Map<string, Allowance>();
  readonly #all: Allowance;
  #strangersInAll = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#all = new Allowance(fromAll, clock);
  }

  /** Null and counted among the strangers until `left`, or why not. */
  enter(address: string): 'held-off' | 'full' | null {
    if (!this.#allowanceOf(address).take()) return 'held-off';
    const ofOne = this.#strangers.get(address) ?? 0;
    if (ofOne >= mostStrangersOfOne || this.#strangersInAll >= mostStrangers) return 'full';
    if (!this.#all.take()) return 'held-off';
    this.#strangers.set(address, ofOne + 1);
    this.#strangersInAll += 1;
    return null;
  }

  /** It has logged in or gone; called once for each that was let in. */
  left(address: string): void {
    const ofOne = (this.#strangers.get(address) ?? 1) - 1;
    if (ofOne > 0) this.#strangers.set(address, ofOne);
    else this.#strangers.delete(address);
    this.#strangersInAll -= 1;
  }

  #allowanceOf(address: string): Allowance {
    const known = this.#begun.get(address);
    if (known !== undefined) return known;
    if (this.#begun.size >= mostAddresses) {
      for (const [one, allowance] of this.#begun) if (allowance.isFull) this.#begun.delete(one);
      // All of them are busy: the oldest starts afresh, and the bound over all still holds.
      const oldest = this.#begun.keys().next();
      if (this.#begun.size >= mostAddresses && !oldest.done) this.#begun.delete(oldest.value);
    }
    const made = new Allowance(fromOne, this.#clock);
    this.#begun.set(address, made);
    return made;
  }
}
