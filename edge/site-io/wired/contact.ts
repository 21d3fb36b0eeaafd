import type { Cancel, Clock, Monotonic } from '../../../gateway/clock.ts';

export interface ContactSettings {
  /** The level at which it is closed: low for a contact between the pin and GND. */
  readonly closedIs: 'low' | 'high';
  /** Milliseconds that a level must stand before it counts. */
  readonly stable: number;
}

export interface ContactOptions {
  readonly clock: Clock;
  readonly settings: ContactSettings;
  /**
   * The contact is something else than before. `at` is when it began to be so: the first change of a bouncing contact, not
   * the moment at which it had come to rest. From or to null it was, or is, not known; only between true and false is it
   * an edge that somebody caused.
   */
  readonly onChange: (closed: boolean | null, was: boolean | null, at: Monotonic) => void;
}

/** How long a contact stood how since the last time that was asked, milliseconds. */
export interface ContactShare {
  readonly closed: number;
  readonly open: number;
  readonly unknown: number;
}

/** A contact that has not stood still for so many times its stability is unknown: what it was before is no longer true. */
const chatterLimit = 20;

/**
 * A dry contact: makes of the levels of a pin what it stands at, and of its bouncing one change. Unknown until a level
 * has stood long enough, when the board is lost, and while it chatters without end.
 */
export class Contact {
  readonly #clock: Clock;
  readonly #settings: ContactSettings;
  readonly #onChange: ContactOptions['onChange'];
  #closed: boolean | null = null;
  #level: boolean | null = null;
  /** When the level first left what the contact counts as; undefined while it stands so. */
  #leftAt: Monotonic | undefined;
  /** When the level last changed. */
  #changedAt: Monotonic;
  #waiting: Cancel | undefined;
  #since: Monotonic;
  #share = { closed: 0, open: 0, unknown: 0 };
  #bounces = 0;

  constructor({ clock, settings, onChange }: ContactOptions) {
    this.#clock = clock;
    this.#settings = settings;
    this.#onChange = onChange;
    this.#since = clock.monotonic();
    this.#changedAt = this.#since;
  }

  /** True closed, false open, null not known. */
  get closed(): boolean | null {
    return this.#closed;
  }

  /** Changes of level that came to nothing: bounces and glitches. Rises fast on a worn contact or a bad wire. */
  get bounces(): number {
    return this.#bounces;
  }

  /** The board reports a level. */
  level(high: boolean, at: Monotonic): void {
    const closed = high === (this.#settings.closedIs === 'high');
    if (closed === this.#level) return;
    // One change is the contact's own; each further one before it has come to rest is a bounce.
    if (this.#waiting) this.#bounces += 1;
    this.#level = closed;
    this.#changedAt = at;
    if (closed !== this.#closed) this.#leftAt ??= at;
    this.#waiting?.();
    this.#waiting = this.#clock.after(this.#settings.stable, () => {
      // Where this process was held up, the next change may wait in the system already: it is read before this.
      this.#waiting = this.#clock.after(0, () => this.#rest());
    });
    if (this.#leftAt !== undefined && at - this.#leftAt > chatterLimit * this.#settings.stable) this.#become(null, at);
  }

  /** The board is lost: nobody knows any more. */
  lose(at: Monotonic): void {
    this.#waiting?.();
    this.#waiting = undefined;
    this.#level = null;
    this.#leftAt = undefined;
    this.#become(null, at);
  }

  /** How long it stood how since the last call, or since the beginning. */
  takeShare(): ContactShare {
    this.#count(this.#clock.monotonic());
    const share = this.#share;
    this.#share = { closed: 0, open: 0, unknown: 0 };
    return share;
  }

  #rest(): void {
    this.#waiting = undefined;
    // Where it was not known what it was, nothing is said of the time before it came to rest.
    const at = this.#closed === null ? this.#changedAt : (this.#leftAt ?? this.#changedAt);
    this.#leftAt = undefined;
    // Back where it was: a glitch, whose second change has been counted as a bounce already.
    if (this.#level !== this.#closed) this.#become(this.#level, at);
  }

  #become(closed: boolean | null, at: Monotonic): void {
    if (closed === this.#closed) return;
    const was = this.#closed;
    this.#count(at);
    this.#closed = closed;
    this.#onChange(closed, was, at);
  }

  /** Time up to that moment belongs to what it was; a moment that was asked about already is not counted again. */
  #count(at: Monotonic): void {
    const time = Math.max(0, at - this.#since);
    if (this.#closed === null) this.#share.unknown += time;
    else this.#share[this.#closed ? 'closed' : 'open'] += time;
    this.#since = Math.max(this.#since, at) as Monotonic;
  }
}
