import type { Cancel, Clock } from '../../clock.ts';
import type { NodeLinkEvent, TurnedAway } from './node-link.ts';

/** Who it was, as far as that is known. */
export interface Sender {
  readonly node: string | null;
  readonly chip: string | null;
  readonly address: string | null;
}

interface Tally {
  readonly why: TurnedAway;
  who: Sender;
  count: number;
  readonly cancel: Cancel;
}

/** Milliseconds in which the same is told once, and kinds of it that are told apart. */
const window = 10_000;
const mostApart = 64;

/**
 * Tells who was turned away: the first at once, what follows of the same kind from the same address as a count every
 * 10 s. A flood of strangers makes no flood of events.
 */
export class TurnedAwayTally {
  readonly #link: string;
  readonly #clock: Clock;
  readonly #observe: (event: NodeLinkEvent) => void;
  readonly #tallies = new Map<string, Tally>();

  constructor(link: string, clock: Clock, observe: (event: NodeLinkEvent) => void) {
    this.#link = link;
    this.#clock = clock;
    this.#observe = observe;
  }

  tell(why: TurnedAway, sender: Sender): void {
    const who = { node: cut(sender.node), chip: cut(sender.chip), address: sender.address };
    const apart = `${why} ${who.address} ${who.node ?? ''}`;
    const key = this.#tallies.has(apart) || this.#tallies.size < mostApart ? apart : why;
    const known = this.#tallies.get(key);
    if (known !== undefined) {
      known.count += 1;
      known.who = who;
      return;
    }
    const cancel = this.#clock.after(window, () => this.#close(key));
    this.#tallies.set(key, { why, who, count: 0, cancel });
    this.#emit(why, who, 1);
  }

  /** Tells what is still untold. */
  stop(): void {
    for (const key of [...this.#tallies.keys()]) this.#close(key);
  }

  #close(key: string): void {
    const tally = this.#tallies.get(key);
    if (tally === undefined) return;
    tally.cancel();
    this.#tallies.delete(key);
    if (tally.count > 0) this.#emit(tally.why, tally.who, tally.count);
  }

  #emit(why: TurnedAway, who: Sender, count: number): void {
    this.#observe({ kind: 'node-turned-away', link: this.#link, why, ...who, count });
  }
}

/** What a stranger says of itself may be anything: letters that show, and not many. */
function cut(text: string | null): string | null {
  return text === null ? null : text.replace(/[^\x20-\x7e]/g, '?').slice(0, 40);
}
