import type { WallTime } from '../clock.ts';
import type { Reply } from '../contract/reply.ts';
import type { ReadAnswer } from '../http/lines/demanded-reads.ts';
import type { Json, Stream } from '../record/record.ts';
import type { SeqRanges } from '../record/seq-set.ts';

/** Who a command is of: the uplink it came through, and the key that signed it. */
export interface Sender {
  readonly uplink: string;
  /** Public key, base64; null for a command without a signature. */
  readonly key: string | null;
  /** As audit records and the page name it: `uplink district, key 1a2b3c4d5e6f7a8b`. */
  readonly who: string;
}

/** Why a message on a command topic was passed over in silence: nobody who may ask has asked. */
export type Ignored = 'malformed' | 'unsigned' | 'forged' | 'too-many';

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
    }
  | { readonly kind: 'command-ignored'; readonly uplink: string; readonly why: Ignored; readonly detail: string }
  /** What the door needs did not work, such as its file. English, with what to do. */
  | { readonly kind: 'command-fault'; readonly message: string }
  /** A site change is on trial until it is confirmed or rolled back; null when none is any more. */
  | { readonly kind: 'site-trial'; readonly trial: Trial | null }
  /** Uplinks that a platform has retired, with when; all of them. */
  | { readonly kind: 'uplinks-retired'; readonly retired: readonly { readonly uplink: string; readonly at: string }[] };

/** A site document that runs, and that gives way to the former one unless its platform is reached in time. */
export interface Trial {
  readonly id: string;
  readonly who: string;
  readonly from: string;
  readonly to: string;
  /** When the former document comes back. */
  readonly rollsBackAt: string;
}

/** Where the clock stands; expiry is judged only by a clock that is trusted. */
export interface ClockStanding {
  readonly trusted: boolean;
  /** Why, or why not; English. */
  readonly why: string;
}

/** Something in a site document that cannot stand. */
export interface DocumentFault {
  readonly field: string;
  readonly fault: string;
  readonly remedy: string;
}

/** What a command would make of the site. */
export interface Proposal {
  readonly document: Json;
  /** Whether what the site's check only warns of, and did not before, is a fault too. */
  readonly isCareful: boolean;
  /** Milliseconds in which the platform has to be reached. */
  readonly within: number;
  readonly id: string;
  readonly sender: Sender;
}

/** What became of a proposal. `begun`: it stands durably in the site file, and `restart` makes the gateway run with it. */
export type ProposalOutcome =
  | { readonly kind: 'begun'; readonly from: string; readonly to: string; readonly restart: () => void }
  | { readonly kind: 'faults'; readonly faults: readonly DocumentFault[] }
  /** It is what holds already. */
  | { readonly kind: 'same' }
  /** Another change is on trial. */
  | { readonly kind: 'on-trial'; readonly id: string }
  /** The file was changed at the site since the gateway started. */
  | { readonly kind: 'edited' }
  | { readonly kind: 'not-available'; readonly why: string };

/** What commands may do. Each is a narrow way into a station; none of them writes to an instrument or switches a circuit. */
export interface CommandPorts {
  /** Reads an instrument through its line's schedule; undefined when the site has none of that name. */
  read(instrument: string): Promise<ReadAnswer | undefined>;
  /** Gives the uplink its claim on these entries back; resolves to how many it had let go. */
  claimAgain(uplink: string, stream: Stream, epoch: string, ranges: SeqRanges): Promise<number>;
  /** What of a stream was committed from one moment up to before another, oldest epoch first. */
  committedBetween(
    stream: Stream,
    from: WallTime,
    to: WallTime,
  ): Promise<readonly { readonly epoch: string; readonly first: number; readonly last: number }[]>;
  /** Offers the platform's time; undefined where the gateway takes no time from a platform. */
  readonly offerTime: ((time: WallTime) => { readonly taken: boolean; readonly why: string }) | undefined;
  readonly site: {
    /** Version in force. */
    readonly version: string;
    /** The document in force, as it is written. */
    readonly document: Json;
    propose(proposal: Proposal): Promise<ProposalOutcome>;
  };
  /** Makes it durable that nothing is sent through the uplink any more; `stop` ends it, once its last reply is out. */
  retire(uplink: string, who: string, id: string): Promise<{ readonly stop: () => void }>;
}
