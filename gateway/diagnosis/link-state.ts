import type { Monotonic } from '../clock.ts';
import type { LineSilence, Overload, Transaction } from '../driver/events.ts';
import type { LinkFaultPicture, LinkPicture } from '../http/picture.ts';
import type { LinkEvent } from '../link/link.ts';
import { noCounts } from './counters.ts';
import type { LinkDescription } from './sources.ts';

/** Seconds of which the share of busy time is told. */
const window = 60;

/** The current picture of one line. */
export class LinkState {
  readonly #description: LinkDescription;
  readonly #counters = noCounts();
  /** Busy milliseconds, one place per second of the window, and which second each place holds. */
  readonly #busy = new Float64Array(window);
  readonly #second = new Float64Array(window).fill(-1);
  readonly #since: Monotonic;
  #open = false;
  #fault: LinkFaultPicture | null = null;
  #bytesIn = 0;
  #bytesOut = 0;
  #overload: number | null = null;
  #silence: LineSilence['state'] | null = null;

  constructor(description: LinkDescription, now: Monotonic) {
    this.#description = description;
    this.#since = now;
  }

  get isSound(): boolean {
    return this.#fault === null;
  }

  event(event: LinkEvent): void {
    if (event.kind === 'link-opened') {
      this.#open = true;
      this.#fault = null;
    } else if (event.kind === 'link-closed') {
      this.#open = false;
      this.#fault = event.fault === null ? null : { kind: event.fault.kind, message: event.fault.message };
    }
  }

  overload({ needed }: Overload): void {
    this.#overload = needed > 1 ? needed : null;
  }

  silence({ state }: LineSilence): void {
    this.#silence = state;
  }

  transaction({ outcome, bytesSent, bytesReceived, duration, monotonic }: Transaction): void {
    this.#counters[outcome]++;
    this.#bytesOut += bytesSent;
    this.#bytesIn += bytesReceived;
    const second = Math.floor(monotonic / 1000);
    const place = second % window;
    if (this.#second[place] !== second) this.#busy[place] = 0;
    this.#second[place] = second;
    this.#busy[place] = (this.#busy[place] ?? 0) + duration;
  }

  picture(now: Monotonic): LinkPicture {
    return {
      ...this.#description,
      state: this.#open ? 'open' : 'closed',
      fault: this.#fault,
      counters: { ...this.#counters },
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      utilisation: this.#utilisation(now),
      overload: this.#overload,
      silence: this.#silence,
    };
  }

  #utilisation(now: Monotonic): number | null {
    const span = Math.min(window * 1000, now - this.#since);
    if (span < 5000) return null;
    const oldest = Math.floor(now / 1000) - window;
    const busy = this.#busy.reduce((sum, ms, place) => ((this.#second[place] ?? -1) > oldest ? sum + ms : sum), 0);
    return Math.min(1, busy / span);
  }
}
