import type { Monotonic } from '../../clock.ts';
import type { Stream } from '../../record/record.ts';

/** Some entries of one stream and epoch, `from` and `to` included. */
export interface Stretch {
  readonly stream: Stream;
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
}

/** A stretch that was refused, or was without its PUBACK when a connection ended. */
export interface Suspect extends Stretch {
  /** How often that happened while others passed. */
  readonly strikes: number;
  /** Nothing else is to be under way while it is tried, so that it is known for certain whose fault it was. */
  readonly isAlone: boolean;
  /** When it may be tried again. */
  readonly notBefore: Monotonic;
  /** How many publishes had passed when it was struck last. */
  readonly passes: number;
  readonly half: Half | null;
}

/** What two halves of one batch share: if both pass, the whole was only too large. */
interface Half {
  /** Payload of the whole. */
  readonly bytes: number;
  open: number;
  isFaulty: boolean;
}

/** Tries of one entry by itself before it is set aside. */
const tries = 4;
const firstPause = 1000;
const longestPause = 60_000;
/** After a connect, others go first for so long. */
const settling = 2000;
/** Suspects that are told apart; of more the oldest are forgotten, and are ordinary entries again. */
const most = 256;

/**
 * Finds the entry that a broker will never take, so that it does not stop everything behind it. A batch that failed waits
 * a little while others go first. If it fails again it is tried by itself, in halves, down to the one entry; that one is
 * set aside after some more tries. Nothing is held against a batch unless another one has passed since the last time: a
 * broker that takes nothing at all, or a line that is down, says nothing about what was sent over it.
 */
export class Suspects {
  #list: Suspect[] = [];
  #passes = 0;
  #passesAtLastStrike = -1;

  /** What the general backlog must leave alone. */
  get stretches(): readonly Stretch[] {
    return this.#list;
  }

  /**
   * A broker took this over. Gives back the bytes of a batch that was now found too large as a whole, since each of its
   * parts was taken; null when there is none.
   */
  passed(stretch: Stretch): number | null {
    this.#passes++;
    let tooLarge: number | null = null;
    const rest: Suspect[] = [];
    for (const suspect of this.#list) {
      const left = without(suspect, stretch);
      rest.push(...left);
      const { half } = suspect;
      if (left.length > 0 || half === null) continue;
      half.open--;
      if (half.open === 0 && !half.isFaulty) tooLarge = Math.min(tooLarge ?? half.bytes, half.bytes);
    }
    this.#list = rest;
    return tooLarge;
  }

  /** These failed together. Gives back which entries are to be set aside. */
  struck(failed: readonly (Stretch & { readonly bytes: number })[], now: Monotonic): Stretch[] {
    const isNews = this.#passes > this.#passesAtLastStrike;
    const setAside: Stretch[] = [];
    for (const stretch of failed) {
      const known = this.#list.filter((suspect) => isOverlap(suspect, stretch));
      const isTelling = known.length === 0 ? isNews : known.every(({ passes }) => this.#passes > passes);
      if (isTelling) {
        this.#passesAtLastStrike = this.#passes;
        if (!this.#strike(stretch, known, now)) setAside.push(stretch);
      } else {
        // Behind the others, so that one of them may pass and tell something.
        const others = this.#list.filter((one) => !known.includes(one));
        this.#list = [...others, ...known.map((one) => later(one, now))];
      }
    }
    this.#list = this.#list.slice(-most);
    return setAside;
  }

  /** A connection is up: others go first. */
  connected(now: Monotonic): void {
    const from = (now + settling) as Monotonic;
    this.#list = this.#list.map((one) => ({ ...one, notBefore: Math.max(one.notBefore, from) as Monotonic }));
  }

  /** The one whose turn is next, of those that are not under way already; it may have to wait until `notBefore`. */
  next(isUnderWay: (stretch: Stretch) => boolean): Suspect | undefined {
    const [first, ...others] = this.#list.filter((suspect) => !isUnderWay(suspect));
    return others.reduce((next, one) => (next !== undefined && next.notBefore <= one.notBefore ? next : one), first);
  }

  /** It is no longer held: acknowledged, or expired. */
  forget(stretch: Stretch): void {
    this.#list = this.#list.flatMap((suspect) => without(suspect, stretch));
  }

  /** False when it is to be set aside. */
  #strike(stretch: Stretch & { readonly bytes: number }, known: readonly Suspect[], now: Monotonic): boolean {
    const strikes = 1 + Math.max(0, ...known.map((suspect) => suspect.strikes));
    for (const { half } of known) if (half !== null) half.isFaulty = true;
    this.forget(stretch);
    const { stream, epoch, from, to, bytes } = stretch;
    const fresh = { stream, epoch, passes: this.#passes };
    if (from === to) {
      if (strikes >= tries) return false;
      this.#list.push(later({ ...fresh, from, to, strikes, isAlone: strikes > 1, notBefore: now, half: null }, now));
    } else if (strikes === 1) {
      this.#list.push(later({ ...fresh, from, to, strikes, isAlone: false, notBefore: now, half: null }, now));
    } else {
      const middle = (from + to) >>> 1;
      const half: Half = { bytes, open: 2, isFaulty: false };
      const part = { ...fresh, strikes: 1, isAlone: true, notBefore: now, half };
      this.#list.push({ ...part, from, to: middle }, { ...part, from: middle + 1, to });
    }
    return true;
  }
}

/** With a pause that grows with the strikes. */
function later(suspect: Suspect, now: Monotonic): Suspect {
  const pause = Math.min(longestPause, firstPause * 2 ** (suspect.strikes - 1));
  return { ...suspect, notBefore: (now + pause) as Monotonic };
}

export function isOverlap(a: Stretch, b: Stretch): boolean {
  return a.stream === b.stream && a.epoch === b.epoch && a.from <= b.to && a.to >= b.from;
}

/** What is left of a suspect besides a stretch. */
function without(suspect: Suspect, stretch: Stretch): Suspect[] {
  if (!isOverlap(suspect, stretch)) return [suspect];
  const left: Suspect[] = [];
  if (suspect.from < stretch.from) left.push({ ...suspect, to: stretch.from - 1 });
  if (suspect.to > stretch.to) left.push({ ...suspect, from: stretch.to + 1 });
  return left;
}
