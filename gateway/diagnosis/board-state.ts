import type { LocalTime, WallTime } from '../clock.ts';
import type { ContactChanged, RelayChanged } from '../driver/events.ts';
import type { InstrumentPicture } from '../http/picture.ts';
import type { BoardDescription } from './sources.ts';

type Contact = Pick<ContactChanged, 'closed' | 'at'>;
type Relay = Pick<RelayChanged, 'state' | 'cause' | 'who' | 'next' | 'until'>;

const unknown: Relay = { state: 'unknown', cause: null, who: null, next: null, until: null };

/** The current picture of what hangs on a board with pins. */
export class BoardState {
  readonly #description: BoardDescription;
  readonly #contacts = new Map<string, Contact>();
  readonly #relays = new Map<string, Relay>();

  constructor(description: BoardDescription) {
    this.#description = description;
  }

  contact({ contact, closed, at }: ContactChanged): void {
    this.#contacts.set(contact, { closed, at });
  }

  relay(event: RelayChanged): void {
    this.#relays.set(event.relay, event);
  }

  /** The board is gone: what its contacts said before is not so now. */
  lost(): void {
    this.#contacts.clear();
  }

  picture(localTime: LocalTime): NonNullable<InstrumentPicture['board']> {
    const stamp = (time: WallTime | null): string | null => (time === null ? null : localTime.stamp(time));
    return {
      contacts: this.#description.contacts.map((one) => {
        const now = this.#contacts.get(one.id);
        return { ...one, closed: now?.closed ?? null, since: stamp(now?.at ?? null) };
      }),
      relays: this.#description.relays.map((one) => {
        const { state, cause, who, next, until } = this.#relays.get(one.id) ?? unknown;
        return { ...one, state, cause, who, next: stamp(next), until: stamp(until) };
      }),
    };
  }
}
