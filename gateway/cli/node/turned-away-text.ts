import type { LinkPicture } from '../../http/picture.ts';
import { wordsOf } from '../../page/words/language.ts';
import type { Language } from '../../page/words/words.ts';

type TurnedAway = NonNullable<LinkPicture['nodes']>['turnedAway'][number];

/** Who was turned away in the last day, how often and when last, why, and what to do about it: two lines each. */
export function turnedAwayText(all: readonly TurnedAway[], language: Language): string[] {
  const { adoption } = wordsOf[language];
  if (all.length === 0) return [];
  const [colon, comma] = language === 'zh' ? ['：', '，'] : [': ', ', '];
  const lines = all.flatMap(({ why, node, chip, address, count, last }) => {
    const who = [node ?? adoption.unnamed, chip, address].filter(Boolean).join(' ');
    const { what, next } = adoption.why[why];
    const often = count === 1 ? '' : `${comma}${adoption.times(String(count))}`;
    return [`  ${who}${colon}${what}${often}${comma}${last.slice(0, 16).replace('T', ' ')}`, `    ${next}`];
  });
  return ['', `${adoption.turnedAway}${colon}`.trimEnd(), ...lines];
}
