import type { OfferedTime } from '../clock/trust.ts';
import type { WallTime } from '../clock.ts';
import type { Reply } from '../contract/reply.ts';
import type { Asker, RelayOrder, RelayState } from '../driver/firmata/relays/relay.ts';
import type { ReadAnswer } from '../http/lines/demanded-reads.ts';
import type { Json, Stream } from '../record/record.ts';
import type { SeqRanges } from '../record/seq-set.ts';
import type { Asked, DocumentFault } from './command-kind.ts';

/** Who a command is of: the uplink it came through, and the key that signed it. */
export interface Sender {
  readonly uplink: string;
  /** Public key, base64; null for a command without a signature. */
  readonly key: string | null;
  /** As audit records and the page name it: `uplink district, key 1a2b3c4d5e6f7a8b`. */
  readonly who: string;
}

/** What the door tells; diagnosis shows it. */
export type CommandEvent =
  /** A command of somebody who may ask came one step further. `isOld` when it is told again after a start. */
  | {
      readonly kind: 'command';
      readonly at: string;
      readonly id: string;
      /** Which command. */
      readonly command: string;
      readonly who: string;
      readonly outcome: Reply['outcome'];
      readonly reason: string | null;
      readonly detail: string | null;
      readonly isOld: boolean;
    }
  /** A message on a command topic of nobody who is known to be allowed to ask, or one that was seen before. */
  | { readonly kind: 'command-turned-away'; readonly uplink: string; readonly why: string; readonly detail: string }
  /** What the door needs did not work, such as its file. English, with what to do. */
  | { readonly kind: 'command-fault'; readonly message: string }
  /** A site change is on trial; null when none is any more. */
  | { readonly kind: 'site-trial'; readonly trial: Trial | null }
  /** Nothing goes out by this uplink any more. */
  | { readonly kind: 'uplink-retired'; readonly uplink: string }
  /** Uplinks that their platforms have retired, all of them; and whether instruments are still read. */
  | {
      readonly kind: 'uplinks-retired';
      readonly retired: readonly {
        readonly uplink: string;
        readonly at: string;
        readonly who: string;
        readonly delivered: boolean;
      }[];
      readonly isReading: boolean;
    };

/** What became of the wish that an uplink be retired; `begun`: it is durable, and `restart` makes it so. */
export type RetireOutcome =
  | { readonly kind: 'begun'; readonly restart: () => void }
  | { readonly kind: 'retiring'; readonly id: string }
  | { readonly kind: 'not-available'; readonly why: string };

/** A site document that runs, and that gives way to the former one unless its platform is reached in time. */
export interface Trial {
  /** Of the command. */
  readonly id: string;
  readonly who: string;
  /** Site versions. */
  readonly from: string;
  readonly to: string;
  /** When the former document comes back; a stamp. */
  readonly rollsBackAt: string;
}

/** What a command would make of the site. */
export interface Proposal {
  readonly document: Json;
  /** Whether what the site's check warns of, and did not before, is a fault too. */
  readonly isCareful: boolean;
  /** Seconds in which the platform has to be reached. */
  readonly within: number;
  readonly asked: Asked;
}

/** What became of a proposal. */
export type ProposalOutcome =
  /** It stands durably in the site file; `restart` makes the gateway run with it. */
  | { readonly kind: 'begun'; readonly restart: () => void }
  /** It is what holds already. */
  | { readonly kind: 'same' }
  | { readonly kind: 'faults'; readonly faults: readonly DocumentFault[] }
  /** Another change is on trial. */
  | { readonly kind: 'on-trial'; readonly id: string }
  /** The site file was changed at the site since the gateway started, or is not what runs. */
  | { readonly kind: 'edited' }
  | { readonly kind: 'not-available'; readonly why: string };

/** Where the clock stands; expiry is judged only by a clock that is trusted. */
export interface ClockStanding {
  readonly trusted: boolean;
  /** Why, or why not; English. */
  readonly why: string;
}

/** What became of an order to a relay, with stamps: during a warning `next` is when it goes on; `until` is its end. */
export type SwitchAnswer =
  | {
      readonly kind: 'done';
      readonly state: RelayState;
      readonly next: string | null;
      readonly until: string | null;
    }
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string; readonly remedy: string };

/**
 * What commands may do. Each is a narrow way into a station; none of them writes to an instrument, or switches anything but
 * a lamp or a mist cannon.
 */
export interface CommandPorts {
  /** Site version in force. */
  readonly siteVersion: string;
  /** The site document in force, as it is written. */
  readonly siteDocument: Json;
  /** Reads an instrument through its line's schedule; undefined when none of that name runs at the site. */
  read(instrument: string): Promise<ReadAnswer | undefined>;
  /** Gives the uplink its claim on these entries back; resolves to how many it had let go. */
  claimAgain(uplink: string, stream: Stream, epoch: string, ranges: SeqRanges): Promise<number>;
  /** Offers the platform's time. */
  offerTime(time: WallTime): OfferedTime;
  /** Switches a relay of a board that the site allows to be switched. */
  switchRelay(instrument: string, relay: string, order: RelayOrder, asker: Asker): Promise<SwitchAnswer>;
  /** Puts another site document in force, on trial. */
  propose(proposal: Proposal): Promise<ProposalOutcome>;
  /** Ends sending by the uplink that the command came by, once everything is delivered. */
  retire(asked: Asked): Promise<RetireOutcome>;
}
