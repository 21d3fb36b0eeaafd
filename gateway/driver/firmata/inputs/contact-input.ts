import type { FirmataPoint } from '../../../../device-profiles/profile.ts';
import type { Board, BoardFault } from '../../../../edge/site-io/board.ts';
import { Contact, type ContactOptions } from '../../../../edge/site-io/contact.ts';
import type { Clock, Monotonic } from '../../../clock.ts';
import { type Input, notReady, type Taken } from './input.ts';

/** A point with a dry contact. */
export type ContactPoint = FirmataPoint & { readonly contact: NonNullable<FirmataPoint['contact']> };

/** A dry contact: the share of the time in which it was closed, in %. */
export class ContactInput implements Input {
  readonly point: ContactPoint;
  readonly #contact: Contact;

  private constructor(point: ContactPoint, clock: Clock, onState: ContactOptions['onState']) {
    const { closed, debounceMs: debounce } = point.contact;
    this.point = point;
    this.#contact = new Contact({ clock, closed, debounce, onState });
  }

  static wire(
    point: ContactPoint,
    board: Board,
    clock: Clock,
    onState: ContactOptions['onState'],
  ): ContactInput | BoardFault {
    const input = new ContactInput(point, clock, onState);
    const { pin, pullUp } = point.contact;
    return board.watchLevel(pin, { pullUp }, (high, at) => input.#contact.level(high, at)) ?? input;
  }

  /** Whether it is closed; null while that is not known. */
  get isClosed(): boolean | null {
    return this.#contact.state?.closed ?? null;
  }

  look(now: Monotonic): Taken {
    const share = this.#contact.share(now);
    // A hundredth of a percent is a millisecond of ten seconds: no more is known of it.
    return share === null ? notReady : { raw: Math.round(share * 10_000) / 100 };
  }

  restart(now: Monotonic): void {
    this.#contact.restart(now);
  }

  stop(): void {
    this.#contact.stop();
  }
}
