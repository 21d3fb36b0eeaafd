import type { Clock } from '../../clock.ts';

interface Failures {
  count: number;
  lastAt: number;
}

/** Wrong tries that cost nothing, then the wait doubles with each: 1 s, 2 s, 4 s … up to the longest. */
const perAddress = { free: 5, longest: 15 * 60_000 };
/** Over all addresses together; shorter, so that a flood of strangers cannot lock the technician out for long. */
const overall = { free: 30, longest: 30_000 };
/** Milliseconds of quiet after which failures are forgotten. */
const forgetAfter = 30 * 60_000;
/** Addresses remembered at once. */
const mostAddresses = 512;

/** Slows down guessing: waits that grow with every wrong password, per network address and over all. */
export class Attempts {
  readonly #clock: Clock;
  readonly #addresses = new Map<string, Failures>();
  #all: Failures = { count: 0, lastAt: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Asks to try once. Returns the milliseconds to wait first, or 0: then the try has begun and counts as a failure
   * until `succeeded` says otherwise, so that many tries at once gain nothing.
   */
  begin(address: string): number {
    const now = this.#clock.monotonic();
    const network = networkOf(address);
    const one = this.#remembered(this.#addresses.get(network), now);
    this.#all = this.#remembered(this.#all, now);
    const wait = Math.max(waitOf(one, perAddress, now), waitOf(this.#all, overall, now));
    if (wait > 0) return Math.ceil(wait);
    for (const failures of [one, this.#all]) {
      failures.count += 1;
      failures.lastAt = now;
    }
    this.#addresses.delete(network);
    this.#addresses.set(network, one);
    const oldest = this.#addresses.keys().next();
    if (this.#addresses.size > mostAddresses && !oldest.done) this.#addresses.delete(oldest.value);
    return 0;
  }

  /** The try was right: the address starts afresh. */
  succeeded(address: string): void {
    this.#addresses.delete(networkOf(address));
    this.#all.count = Math.max(0, this.#all.count - 1);
  }

  #remembered(failures: Failures | undefined, now: number): Failures {
    return failures !== undefined && now - failures.lastAt < forgetAfter ? failures : { count: 0, lastAt: 0 };
  }
}

function waitOf(failures: Failures, { free, longest }: typeof perAddress, now: number): number {
  if (failures.count < free) return 0;
  const wait = Math.min(longest, 1000 * 2 ** Math.min(30, failures.count - free));
  return Math.max(0, failures.lastAt + wait - now);
}

/** IPv4 by address, IPv6 by its /64: one household has billions of the latter. */
function networkOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (v4?.[1] !== undefined) return v4[1];
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...after].slice(0, 4).join(':');
}
