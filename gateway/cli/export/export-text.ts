import type { ExportChoice } from '../../contract/export/manifest.ts';
import type { ExportAdvance, ExportOutcome } from '../../export/export-store.ts';
import type { MediumFault, MediumWhy } from '../../export/medium.ts';
import type { Sentence } from '../../site/check-site.ts';
import { type Language, say } from '../terminal.ts';

/** How far an export is, in one line. */
export function progressText({ doing, done, all, parts, bytes }: ExportAdvance, language: Language): string {
  const percent = String(Math.floor((100 * done) / Math.max(all, 1)));
  if (doing === 'checking') {
    return say({ en: `checking what is there: ${percent} %`, zh: `正在核对已有内容：${percent} %` }, language);
  }
  const size = sizeText(bytes);
  return say({ en: `${percent} %, ${parts} files, ${size}`, zh: `${percent} %，${parts} 个文件，${size}` }, language);
}

/** What became of an export, and what to do next. */
export function outcomeText(outcome: ExportOutcome, out: string, choice: ExportChoice, language: Language): string {
  const { state, fault, parts, kept, entries, bytes, isOwnMedium } = outcome;
  const lines: Sentence[] = [];
  if (state === 'refused') return say(faultWords(fault, out), language);
  const written: Sentence = {
    en: `${entries} entries in ${parts} files, ${sizeText(bytes)}, ${rangeText(choice, 'en')}`,
    zh: `${parts} 个文件，共 ${entries} 条，${sizeText(bytes)}，${rangeText(choice, 'zh')}`,
  };
  if (kept > 0)
    lines.push({
      en: `${kept} files were there already and are unchanged`,
      zh: `其中 ${kept} 个文件原已写入，核对无误`,
    });
  if (state === 'whole') {
    lines.unshift({ en: `written: ${written.en}`, zh: `导出完成：${written.zh}` });
    if (isOwnMedium) {
      const en = `note: ${out} is on the medium of the gateway itself`;
      lines.push({ en, zh: `注意：${out} 与采集网关在同一存储介质上` });
    }
    lines.push({ en: `check it with: fenceline verify ${out}`, zh: `核验命令：fenceline verify ${out}` });
  } else {
    lines.unshift(faultWords(fault, out), { en: `so far: ${written.en}`, zh: `已写入：${written.zh}` });
    lines.push({
      en: 'what is written is kept: the same command goes on from there',
      zh: '已写入的内容有效：再次执行同一命令即可续传',
    });
  }
  return lines.map((line) => say(line, language)).join('\n');
}

/** The outcome for scripts. */
export function outcomeJson({ fault, ...rest }: ExportOutcome, out: string): string {
  return JSON.stringify({ ...rest, fault: fault === null ? null : { why: fault.why, message: fault.message }, out });
}

const words: Readonly<Record<MediumWhy, (out: string) => Sentence>> = {
  full: (out) => ({ en: `${out} is full; make room there`, zh: `${out} 已满，请腾出空间` }),
  'read-only': (out) => ({ en: `${out} cannot be written`, zh: `${out} 不可写入` }),
  gone: (out) => ({
    en: `${out} does not answer any more; put the stick back`,
    zh: `${out} 已无法访问，请重新插好 U 盘`,
  }),
  'no-directory': (out) => ({ en: `${out} cannot be made`, zh: `无法创建 ${out}` }),
  'not-empty': (out) => ({ en: `${out} cannot be taken`, zh: `${out} 不可使用，请另选目录` }),
  'own-medium': (out) => ({
    en: `${out} would take the room that the gateway needs itself`,
    zh: `${out} 会占用采集网关自身所需的空间，请改用其他介质`,
  }),
};

function faultWords(fault: MediumFault | null, out: string): Sentence {
  if (fault === null) return { en: 'interrupted', zh: '已中断' };
  const { en, zh } = words[fault.why](out);
  return { en: `${en}: ${fault.message}`, zh: `${zh}（${fault.message}）` };
}

function rangeText({ from, to }: ExportChoice, language: Language): string {
  const open = { en: ['the oldest', 'the newest'], zh: ['最早', '最新'] }[language];
  const first = from ?? open[0];
  const last = to ?? open[1];
  return language === 'zh'
    ? `自 ${first} 至 ${last}${to === null ? '' : '（不含）'}`
    : `from ${first} to ${last}${to === null ? '' : ' (not included)'}`;
}

function sizeText(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1000)} kB`;
  return bytes < 1_000_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${(bytes / 1_000_000_000).toFixed(2)} GB`;
}
