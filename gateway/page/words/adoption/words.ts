import type { LinkPicture } from '../../../http/picture.ts';

type TurnedAwayWhy = NonNullable<LinkPicture['nodes']>['turnedAway'][number]['why'];

/** The words for the broker of sensor nodes, and for taking in new ones. */
export interface AdoptionWords {
  /** Where the site has a link to nodes and no node. */
  readonly none: string;
  /** A node that waits to be adopted. */
  readonly waits: string;
  readonly heardAgo: (duration: string) => string;
  readonly hint: string;
  readonly onlyTechnician: string;
  readonly code: string;
  readonly codeHint: string;
  readonly name: string;
  readonly nameHint: string;
  readonly adopt: string;
  readonly adopting: string;
  readonly close: string;
  readonly adopted: (node: string) => string;
  /** Where the site file names it already. */
  readonly isNamed: string;
  /** Before the lines for the site file. */
  readonly writeThis: string;
  readonly replace: (node: string, chip: string) => string;
  /** What came of it where the node was not adopted; the gateway's own words for what they are. */
  readonly outcome: {
    readonly wrongCode: (wrong: string) => string;
    readonly refused: (why: string) => string;
    readonly silent: (node: string) => string;
    readonly notHeard: string;
    readonly gone: string;
    readonly taken: (node: string, chip: string) => string;
    readonly noName: string;
    readonly busy: string;
    readonly notKept: string;
  };
  /** On the card of the link. */
  readonly connected: string;
  readonly nobody: string;
  readonly waiting: string;
  readonly turnedAway: string;
  readonly nobodyTurnedAway: string;
  readonly times: (count: string) => string;
  readonly unnamed: string;
  readonly why: Readonly<Record<TurnedAwayWhy, { readonly what: string; readonly next: string }>>;
}
