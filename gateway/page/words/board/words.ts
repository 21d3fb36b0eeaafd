import type { Reason, RelayPicture } from '../../../http/picture.ts';

/** Words about a board with pins: its contacts, and what it switches. */
export interface BoardWords {
  readonly contacts: string;
  readonly notKnown: string;
  readonly since: (time: string) => string;
  readonly relays: string;
  readonly state: { readonly [S in RelayPicture['state']]: string };
  readonly goesOnAt: (time: string) => string;
  readonly goesOffAt: (time: string) => string;
  readonly byPage: (account: string) => string;
  readonly byPlatform: (uplink: string) => string;
  /** Why it is as it is, where nobody asked for that. */
  readonly cause: { readonly [C in Exclude<RelayPicture['cause'], null>]: string };
  readonly notAllowed: string;
  readonly switchOn: string;
  readonly switchOff: string;
  readonly howLong: string;
  readonly seconds: (count: number) => string;
  readonly minutes: (count: number) => string;
  readonly hours: (count: number) => string;
  /** What will happen, for whoever is about to confirm it. */
  readonly happens: (name: string, warning: number, duration: string) => string;
  readonly lookFirst: string;
  readonly lockedBy: (contact: string) => string;
  readonly confirm: (name: string) => string;
  readonly cancel: string;
  readonly waiting: string;
  /** What to try on a board, where that is something else than on a line. */
  readonly next: Readonly<Partial<Record<Reason, string>>>;
  /** Why it was not switched, by what the gateway names. */
  readonly refused: Readonly<Record<string, string>>;
}
