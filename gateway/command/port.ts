import type { OfferedTime } from '../clock/trust.ts';
import type { WallTime } from '../clock.ts';
import type { Reply } from '../contract/reply.ts';
import type { ReadAnswer } from '../http/lines/demanded-reads.ts';
import type { Stream } from '../record/record.ts';
import type { SeqRanges } from '../record/seq-set.ts';

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
  | { readonly kind: 'command-fault'; readonly message: string };

/** Where the clock stands; expiry is judged only by a clock that is trusted. */
export interface ClockStanding {
  readonly trusted: boolean;
  /** Why, or why not; English. */
  readonly why: string;
}

/** What commands may do. Each is a narrow way into a station; none of them writes to an instrument or switches a circuit. */
export interface CommandPorts {
  /** Site version in force. */
  readonly siteVersion: string;
  /** Reads an instrument through its line's schedule; undefined when none of that name runs at the site. */
  read(instrument: string): Promise<ReadAnswer | undefined>;
  /** Gives the uplink its claim on these entries back; resolves to how many it had let go. */
  claimAgain(uplink: string, stream: Stream, epoch: string, ranges: SeqRanges): Promise<number>;
  /** Offers the platform's time. */
  offerTime(time: WallTime): OfferedTime;
}
