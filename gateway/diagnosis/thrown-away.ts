import type { LocalTime, WallTime } from '../clock.ts';
import type { Picture } from '../http/picture.ts';
import { Discarded } from './discarded.ts';
import type { GatewayEvent } from './gateway-event.ts';

const strangers = {
  'not-a-sender': 'it is not one of the senders that the site allows',
  second: 'another device is connected already',
} as const;

/** What was thrown away since the start, whoever did it: counted by where, so that nothing is lost unseen. */
export class ThrownAway {
  /** Messages that were not what they should be. */
  readonly #malformed = new Discarded();
  /** What bounds, or a medium, made the gateway drop. */
  readonly #dropped = new Discarded();

  picture(localTime: LocalTime): Pick<Picture, 'malformed' | 'dropped'> {
    return { malformed: this.#malformed.picture(localTime), dropped: this.#dropped.picture(localTime) };
  }

  observe(event: GatewayEvent, now: WallTime): void {
    switch (event.kind) {
      case 'link-overflow':
        this.#dropped.add(`link ${event.link}`, event.bytes, now, 'bytes came faster than they were read');
        break;
      case 'link-stranger':
        this.#dropped.add(`link ${event.link}`, 1, now, `connection of ${event.peer}: ${strangers[event.why]}`);
        break;
      case 'reading-after-close': {
        const why = 'the reading came after its minute was closed';
        this.#dropped.add(`minutes of ${event.instrument}`, event.count, now, why);
        break;
      }
      case 'holding-dropped':
        this.#dropped.add('readings that wait for the time', event.readings, now, 'the disk could not keep up');
        break;
      case 'store-dropped':
        this.#dropped.add(`store ${event.stream}`, event.entries, now, event.why);
        break;
      case 'store-retention': {
        if (event.reason === 'expired') break;
        const why = event.reason === 'lost' ? 'the disk could not read them' : 'let go to make room on the disk';
        this.#dropped.add(`store ${event.stream}`, event.entries, now, why);
        break;
      }
      case 'uplink-reply-dropped':
        this.#dropped.add(`replies of ${event.uplink}`, 1, now, 'the broker did not take them in time');
        break;
      case 'uplink-malformed':
        this.#malformed.add(`uplink ${event.uplink}`, 1, now, `${event.topic}: ${event.fault}`);
        break;
      case 'command-turned-away':
        this.#malformed.add(`commands of ${event.uplink}`, 1, now, `${event.why}: ${event.detail}`);
        break;
      case 'http-malformed':
        this.#malformed.add('page', 1, now, `${event.request}: ${event.field}: ${event.fault}`);
        break;
    }
  }
}
