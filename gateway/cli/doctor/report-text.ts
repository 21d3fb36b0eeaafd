import { type Language, say } from '../terminal.ts';
import { type CheckReport, needsHelp, type Verdict } from './finding.ts';

const signs: Readonly<Record<Verdict, string>> = { good: '✓', note: '·', warning: '!', bad: '✕' };

/** The whole report in plain words. */
export function reportText(reports: readonly CheckReport[], language: Language): string {
  const lines = reports
    .filter(({ findings }) => findings.length > 0)
    .flatMap(({ title, findings }) => [
      say(title, language),
      ...findings.flatMap(({ verdict, what, next }) => [
        `  ${signs[verdict]} ${say(what, language)}`,
        ...(next === undefined ? [] : [`    → ${say(next, language)}`]),
      ]),
      '',
    ]);
  const end = needsHelp(reports)
    ? { en: 'Something has to be done: see → above.', zh: '有需要处理的问题：见上面的 →。' }
    : { en: 'Nothing has to be done.', zh: '没有需要处理的问题。' };
  return [...lines, say(end, language)].join('\n');
}
