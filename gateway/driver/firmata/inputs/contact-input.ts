import type { FirmataPoint } from '../../../../device-profiles/profile.ts';
import type { Board, BoardFault } from '../../../../edge/site-io/board.ts';
import { Contact, type ContactOptions } from '../../../../edge/site-io/wired/contact.ts';
import type { Clock } from '../../../clock.ts';
import type { Input, Taken } from './input.ts';

/** A point with a dry contact. */
export type ContactPoint = FirmataPoint & { readonly contact: NonNullable<FirmataPoint['contact']> };

/** Nothing has stood still for long enough to say whether it is closed. */
const notStill: Taken = { mark: { flag: 'D', reason: 'status-unknown', basis: 'observed' } };

/** With more of it unknown than this share, a period has no value: what is left says nothing about the rest of it. */
const mostUnknown = 0.5;

/** A dry contact: the share of the time in which it was closed, in %, of that in which it was known. */
export class ContactInput implements Input {
  readonly point: ContactPoint;
  readonly #contact: Contact;
  readonly #clock: Clock;
  #closed = 0;
  #open = 0;
  #unknown = 0;
  #isStopped = false;

  private constructor(point: ContactPoint, clock: Clock, onChange: ContactOptions['onChange']) {
    const { closed: closedIs, debounceMs: stable } = point.contact;
    this.point = point;
    this.#clock = clock;
    this.#contact = new Contact({
      clock,
      settings: { closedIs, stable },
      onChange: (...change) => {
        if (!this.#isStopped) onChange(...change);
      },
    });
  }

  static wire(
    point: ContactPoint,
    board: Board,
    clock: Clock,
    onChange: ContactOptions['onChange'],
  ): ContactInput | BoardFault {
    const input = new ContactInput(point, clock, onChange);
    const { pin, pullUp } = point.contact;
    return board.watchLevel(pin, { pullUp }, (high, at) => input.#contact.level(high, at)) ?? input;
  }

  /** Whether it is closed; null while that is not known. */
  get isClosed(): boolean | null {
    return this.#contact.closed;
  }

  look(): Taken {
    const { closed, open, unknown } = this.#contact.takeShare();
    this.#closed += closed;
    this.#open += open;
    this.#unknown += unknown;
    const known = this.#closed + this.#open;
    if (this.#unknown > mostUnknown * (known + this.#unknown)) return notStill;
    // A hundredth of a percent is a millisecond of ten seconds: no more is known of it.
    return known === 0 ? notStill : { raw: Math.round((this.#closed / known) * 10_000) / 100 };
  }

  restart(): void {
    this.#contact.takeShare();
    this.#closed = 0;
    this.#open = 0;
    this.#unknown = 0;
  }

  stop(): void {
    this.#isStopped = true;
    this.#contact.lose(this.#clock.monotonic());
  }
}
