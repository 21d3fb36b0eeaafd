import type { ReadPicture } from '../../http/lines/read-picture.ts';
import { valueText } from '../../page/format.ts';
import { nextOf } from '../../page/problems/troubles.ts';
import { wordsOf } from '../../page/words/language.ts';
import type { Whereabouts } from '../../page/words/reason/words.ts';
import { table } from '../table.ts';
import type { Language } from '../terminal.ts';

/** Where the instrument hangs, and how its line stands. */
export interface ReadWhere extends Whereabouts {
  /** Why the line is not open, and what to do; null when it is. */
  readonly linkFault: string | null;
}

/** Readings as a table, and below it what each reason means and what to try, once. */
export function readingsText({ readings }: ReadPicture, where: ReadWhere, language: Language): string {
  const headings =
    language === 'zh' ? ['点位', '监测因子', '数值', '单位', '标记'] : ['POINT', 'FACTOR', 'VALUE', 'UNIT', 'FLAG'];
  const rows = readings.map(({ point, value, unit, decimals, flag, ...name }) => {
    return [point, name[language], valueText(value, decimals), unit, flag];
  });
  return [table(headings, rows), ...explanations(readings, where, language)].join('\n');
}

function explanations(readings: ReadPicture['readings'], where: ReadWhere, language: Language): string[] {
  const words = wordsOf[language];
  const reasons = new Set(readings.flatMap(({ reason }) => (reason === null ? [] : [reason])));
  const told = [...reasons].flatMap((reason) => [
    `! ${words.reason[reason].what}`,
    `  ${nextOf(reason, where, words)}`,
  ]);
  if (where.linkFault !== null) told.push(`! ${where.linkFault}`);
  return told;
}

/** The same as one JSON object, for scripts; `trace` adds what went over the line. */
export function readingsJson({ instrument, readings, transactions, omitted }: ReadPicture, trace: boolean): string {
  return JSON.stringify({
    readings: readings.map(({ point, factor, value, flag, reason, basis, origin, at }) => ({
      ...{ instrument, point, factor, value, mark: { flag, reason, basis }, origin },
      at: new Date(at).toISOString(),
    })),
    ...(trace ? { transactions, omitted } : {}),
  });
}
