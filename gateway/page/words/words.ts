import type { Flag, InstrumentPicture, LinkPicture, Outcome, UplinkPicture } from '../../http/picture.ts';
import type { AdoptionWords } from './adoption/words.ts';
import type { ApartWords } from './apart.ts';
import type { BoardWords } from './board/words.ts';
import type { CommandWords } from './command/words.ts';
import type { ExportWords } from './export/words.ts';
import type { LineWords } from './line/words.ts';
import type { LinkFaultWords } from './link-fault/words.ts';
import type { NodeWords } from './node/words.ts';
import type { PaceWords } from './pace/words.ts';
import type { ReasonWords } from './reason/words.ts';
import type { TimeWords } from './time/words.ts';

/** The languages of the page. */
export const languages = ['zh', 'en'] as const;
export type Language = (typeof languages)[number];

/** Every word the page shows. Both languages are of this type, so a missing translation does not compile. */
export interface Words {
  /** For the `lang` attribute. */
  readonly code: string;
  /** Its own name, for the switch. */
  readonly self: string;
  readonly gateway: string;
  readonly platform: string;
  readonly language: string;
  readonly logOut: string;

  readonly logIn: string;
  readonly password: string;
  readonly logInHint: string;
  readonly wrongPassword: string;
  readonly setUp: string;
  readonly setUpHint: string;
  readonly setUpCode: string;
  readonly setUpCodeHint: string;
  readonly newPassword: string;
  readonly repeatPassword: string;
  readonly passwordRule: string;
  readonly passwordsDiffer: string;
  readonly passwordTooShort: string;
  readonly wrongCode: string;
  readonly setAlready: string;
  readonly showPassword: string;
  readonly hidePassword: string;
  readonly savePassword: string;
  readonly tooManyTries: (seconds: number) => string;
  readonly accountsDamaged: string;
  readonly gatewayUnreachable: string;
  readonly requestFailed: string;

  readonly loading: string;
  readonly allGood: string;
  readonly problems: (count: number) => string;
  readonly lost: string;
  readonly lostDetail: (since: string, stamp: string) => string;
  readonly stale: string;
  readonly gatewayTime: string;

  readonly instruments: string;
  readonly noInstruments: string;
  readonly condition: Readonly<Record<InstrumentPicture['condition'], string>>;
  readonly lastAnswer: (ago: string) => string;
  readonly neverAnswered: string;
  readonly address: (address: number) => string;
  readonly talksUnasked: string;
  readonly everySeconds: (seconds: string) => string;
  readonly localProfile: string;
  readonly unprovenProfile: string;
  /** What opens the facts about the profile. */
  readonly aboutProfile: string;
  readonly unprovenMeans: string;
  /** Stands before where the facts were read. */
  readonly sources: string;
  readonly confidence: Readonly<Record<'A' | 'B' | 'C' | 'X', string>>;
  readonly simulated: string;
  readonly lateAnswers: (count: string) => string;
  /** What an instrument says of itself, in the words of its profile. */
  readonly instrumentSays: (state: string) => string;
  /** Which variant it is could not be told; those whose rule fits. */
  readonly variantUndecided: (fitting: readonly string[]) => string;
  readonly chooseVariant: (profile: string) => string;
  readonly noValue: string;
  readonly minute: string;
  readonly minuteCoverage: (count: number, expected: number) => string;
  readonly noMinuteYet: string;
  readonly notReadYet: string;
  readonly old: string;
  readonly whatToTry: string;
  /** On the fold that holds the values beyond the first few. */
  readonly moreValues: (count: number) => string;
  readonly concerning: (factors: readonly string[], what: string) => string;
  readonly remedy: string;

  readonly flag: Readonly<Record<Flag, string>>;
  readonly reason: ReasonWords;
  readonly outcome: Readonly<Record<Outcome, string>>;

  readonly links: string;
  readonly linkKind: Readonly<Record<LinkPicture['kind'], string>>;
  readonly linkState: Readonly<Record<LinkPicture['state'], string>>;
  readonly linkFault: LinkFaultWords;
  readonly utilisation: string;
  readonly utilisationUnknown: string;
  readonly overload: (needed: string) => string;
  readonly transactions: string;
  readonly noTransactions: string;
  readonly bytes: (received: string, sent: string) => string;
  readonly line: LineWords;
  readonly nodes: NodeWords;
  readonly adoption: AdoptionWords;
  readonly board: BoardWords;
  readonly command: CommandWords;
  readonly time: TimeWords;
  readonly pace: PaceWords;
  readonly exports: ExportWords;

  readonly uplinks: string;
  readonly uplinksAndStore: string;
  readonly noUplinks: string;
  readonly uplinkState: Readonly<Record<UplinkPicture['state'], string>>;
  readonly held: string;
  readonly heldNothing: string;
  readonly heldFor: (age: string, records: string) => string;
  readonly heldSamples: (samples: string) => string;
  readonly sent: string;
  readonly acknowledged: string;
  readonly again: string;
  readonly refused: string;
  readonly malformed: string;
  readonly lastReceipt: string;
  readonly acknowledgedBy: Readonly<Record<UplinkPicture['acknowledge'], string>>;
  readonly never: string;
  /** Whose certificate it is, before the day on which it ends. */
  readonly certificateUntil: Readonly<Record<'gateway' | 'broker', string>>;
  readonly refusal: (stream: 'records' | 'samples', seq: number) => string;

  readonly store: string;
  readonly storeRecords: string;
  readonly storeSamples: string;
  readonly storeSize: string;
  readonly storeRoom: string;
  readonly storeRoomFor: (time: string) => string;
  readonly storeSalvage: string;
  readonly storeSalvaging: (share: string, entries: string) => string;
  readonly storeSalvaged: (entries: string) => string;
  readonly storeDropped: string;
  readonly storeLastCommit: string;
  readonly storeWorks: string;
  readonly storeFault: string;
  readonly discarded: string;
  readonly discardedMalformed: (where: string, count: string) => string;
  readonly discardedDropped: (where: string, count: string) => string;

  readonly siteFaults: string;
  /** Of the signing key, for two people to compare over the phone. */
  readonly fingerprint: (digits: string) => string;
  readonly version: (version: string, site: string) => string;
  readonly runningSince: (stamp: string) => string;

  /** Another gateway has, or may have, this one's identity. */
  readonly apart: ApartWords;
  readonly problem: {
    readonly siteFaults: (count: number) => string;
    readonly leftOut: (name: string) => string;
    readonly notAnswering: (name: string) => string;
    readonly marked: (name: string, count: number) => string;
    readonly old: (name: string) => string;
    readonly linkClosed: (link: string) => string;
    readonly overload: (link: string) => string;
    readonly otherMaster: (link: string) => string;
    readonly store: string;
    readonly dropped: (count: string) => string;
    readonly uplink: (uplink: string) => string;
    readonly refused: (uplink: string, count: string) => string;
    readonly credentials: (uplink: string, fault: string) => string;
  };

  readonly ago: (duration: string) => string;
  readonly unit: {
    readonly second: string;
    readonly minute: string;
    readonly hour: string;
    readonly day: string;
  };
}
