import type { SiteFault } from '../site/check-site.ts';
import { type Language, say } from './terminal.ts';

/** One line a fault: file, line, field, what is wrong, what to write instead. */
export function faultLine(
  { file, line, column, field, fault, remedy }: Omit<SiteFault, 'stops'>,
  language: Language,
): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const [colon, semicolon] = language === 'zh' ? ['：', '；'] : [': ', '; '];
  const where = field === '' ? place : `${place}${colon}${field}`;
  const said = say(fault, language);
  // What is wrong may be a question, which ends itself.
  const and = said.endsWith('？') ? '' : said.endsWith('?') ? ' ' : semicolon;
  return `${where}${colon}${said}${and}${say(remedy, language)}`;
}

/** The same for something that does not stop anything. */
export function warningLine(warning: SiteFault, language: Language): string {
  return `${language === 'zh' ? '警告：' : 'warning: '}${faultLine(warning, language)}`;
}
