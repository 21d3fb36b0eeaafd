import type { InstrumentPicture, LinkPicture, Reason } from '../../http/picture.ts';
import type { Whereabouts } from '../words/reason/words.ts';
import type { Language, Words } from '../words/words.ts';

/** A reason why values of an instrument are not normal, and which they are. */
interface Trouble {
  readonly reason: Reason;
  /** Names of the factors; empty when it is all of them. */
  readonly factors: readonly string[];
}

/** What is wrong with an instrument's values, each reason once. */
export function troublesOf({ values }: InstrumentPicture, language: Language): readonly Trouble[] {
  const reasons = new Set(values.flatMap(({ reason }) => (reason === null ? [] : [reason])));
  return [...reasons].map((reason) => {
    const concerned = values.filter((value) => value.reason === reason);
    return { reason, factors: concerned.length === values.length ? [] : concerned.map((value) => value[language]) };
  });
}

/** Where the instrument hangs, for the words that say what to try. */
export function whereaboutsOf(instrument: InstrumentPicture, links: readonly LinkPicture[]): Whereabouts {
  const { link, address, lastException: exception } = instrument;
  const found = links.find(({ id }) => id === link);
  return { link, address, exception, settings: found?.settings ?? '', hangsOn: found?.kind };
}

/**
 * Whether somebody can have it read at this moment: not where it is left out, nor on a node, which sends a row a period
 * and is asked nothing; its newest row is shown anyway.
 */
export function canBeReadNow({ condition, link }: InstrumentPicture, links: readonly LinkPicture[]): boolean {
  return condition !== 'left-out' && links.find(({ id }) => id === link)?.kind !== 'nodes';
}

/** What to try, where it hangs. */
export function nextOf(reason: Reason, where: Whereabouts, words: Words): string {
  const apart = where.hangsOn === 'firmata' ? words.board.next : where.hangsOn === 'nodes' ? words.nodes.next : {};
  return apart[reason] ?? words.reason[reason].next(where);
}
