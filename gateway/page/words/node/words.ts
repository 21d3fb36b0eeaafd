import type { NodePicture, Reason } from '../../../http/picture.ts';

type Trouble = NodePicture['troubles'][number]['trouble'];
type UpdateState = NonNullable<NodePicture['update']>['state'];
type ConfigurationState = NonNullable<NodePicture['configuration']>['state'];

/** How well a node hears its access point. */
export type Signal = 'strong' | 'fair' | 'weak' | 'faint';

/** The words for sensor nodes. Times and counts are texts. */
export interface NodeWords {
  readonly title: string;
  readonly connected: string;
  readonly away: string;
  readonly neverSeen: string;
  readonly connectedFor: (duration: string) => string;
  readonly awayFor: (duration: string) => string;
  /** Why one went, by what the gateway says; what is not here is shown as it is. */
  readonly went: Readonly<Record<string, string>>;
  /** What to try where values of a node are missing, where that is something else than on a line. */
  readonly next: Readonly<Partial<Record<Reason, string>>>;
  /** What to do about one that is away. */
  readonly awayNext: string;
  readonly neverSeenNext: string;
  /** One that comes and is not let in; `what` is of `adoption.why`. */
  readonly turnedAway: (what: string) => string;
  readonly serves: (instruments: string) => string;
  readonly noInstrument: string;
  readonly saidAgo: (duration: string) => string;
  readonly signal: string;
  readonly signalIs: Readonly<Record<Signal, string>>;
  readonly weakNext: string;
  readonly memory: string;
  readonly memoryIs: (now: string, lowest: string) => string;
  readonly starts: string;
  readonly startsAre: (count: string, since: string) => string;
  /** What to do about one that starts again and again. */
  readonly startingNext: string;
  readonly lastStarts: (reasons: readonly string[]) => string;
  /** Why a chip started, by its own word; one that is not here is shown as it is. */
  readonly startReason: Readonly<Record<string, string>>;
  readonly held: string;
  readonly heldIs: (rows: string, used: string) => string;
  readonly dropped: string;
  readonly torn: string;
  readonly firmware: string;
  readonly configuration: string;
  readonly frames: string;
  readonly framesAre: (good: string, bad: string) => string;
  readonly silent: string;
  readonly trouble: Readonly<
    Record<
      Trouble,
      {
        readonly what: (count: string) => string;
        /** What of the gateway's own message is to be shown behind it; without this the message, as it is. */
        readonly detail?: (message: string) => string;
        readonly next: string;
      }
    >
  >;
  readonly update: Readonly<Record<UpdateState, (version: string, done: string) => string>>;
  readonly updateNext: Readonly<Partial<Record<UpdateState, string>>>;
  readonly configured: Readonly<Record<ConfigurationState, (version: string) => string>>;
  /** A field of a node's configuration; one that is not here is shown as it is. */
  readonly field: Readonly<Record<string, string>>;
  readonly fieldsAre: (fields: readonly string[]) => string;
  readonly configuredNext: string;
  readonly problem: {
    readonly away: (node: string, duration: string) => string;
    readonly neverSeen: (node: string) => string;
    readonly dropped: (node: string, rows: string) => string;
    readonly rolledBack: (node: string, version: string) => string;
    readonly notTaken: (node: string, version: string) => string;
    readonly configuration: (node: string) => string;
    readonly replayed: (node: string) => string;
    readonly lost: (node: string, rows: string) => string;
    readonly nearlyFull: (node: string, used: string) => string;
  };
}
