import { factors } from '../../device-profiles/factors.ts';
import type { Outcome } from '../driver/events.ts';
import { valueText } from '../page/format.ts';
import { wordsOf } from '../page/words/language.ts';
import type { Reading } from '../reading/reading.ts';
import { settingsText } from '../site/check/links.ts';
import type { SiteInstrument, SiteLink } from '../site/site-schema.ts';
import { table } from './table.ts';
import type { Language } from './terminal.ts';

/** How the last attempt on the line went. */
export interface Attempt {
  /** Of the last transaction; null when there was none. */
  readonly outcome: Outcome | null;
  /** Modbus exception code, where the instrument refused. */
  readonly exception: number | null;
  /** Why the line is not open; null when it is. */
  readonly linkFault: string | null;
}

export interface ReadWhere {
  readonly settings: SiteInstrument;
  readonly link: SiteLink;
  readonly attempt: Attempt;
}

/** Readings as a table, and below it what each reason means and what to try, once. */
export function readingsText(readings: readonly Reading[], where: ReadWhere, language: Language): string {
  const headings =
    language === 'zh' ? ['点位', '监测因子', '数值', '单位', '标记'] : ['POINT', 'FACTOR', 'VALUE', 'UNIT', 'FLAG'];
  const rows = readings.map(({ point, factor, value, mark }) => {
    const { zh, en, unit, decimals } = factors[factor];
    return [point, language === 'zh' ? zh : en, valueText(value, decimals), unit, mark.flag];
  });
  return [table(headings, rows), ...explanations(readings, where, language)].join('\n');
}

function explanations(
  readings: readonly Reading[],
  { settings, link, attempt }: ReadWhere,
  language: Language,
): string[] {
  const words = wordsOf[language];
  const place = {
    address: settings.address ?? null,
    settings: settingsText(link),
    link: settings.link,
    exception: attempt.exception,
  };
  const reasons = new Set(readings.flatMap(({ mark }) => (mark.reason === null ? [] : [mark.reason])));
  const told = [...reasons].flatMap((reason) => {
    const { what, next } = words.reason[reason];
    return [`! ${what}`, `  ${next(place)}`];
  });
  if (attempt.linkFault !== null) told.push(`! ${attempt.linkFault}`);
  return told;
}
