import type { LinkPicture, Reason } from '../../../http/picture.ts';

/** What a reason means to the one who stands before the instrument, and what to try next. */
interface Explanation {
  readonly what: string;
  readonly next: (where: Whereabouts) => string;
}

/** Where an instrument hangs, for words that name it. */
export interface Whereabouts {
  readonly link: string;
  /** Line settings in short; empty when the line is not known. */
  readonly settings: string;
  readonly address: number | null;
  /** Modbus exception code of the last answer. */
  readonly exception: number | null;
  /** Kind of its link: on a board or a node there are no addresses and no two wires to swap. */
  readonly hangsOn?: LinkPicture['kind'] | undefined;
}

/** Why a value is not a normal one, by its reason. */
export type ReasonWords = Readonly<Record<Reason, Explanation>>;
