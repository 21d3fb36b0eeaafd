import type { Catalogue } from '../../../../device-profiles/catalogue.ts';
import { checkSite, type Sentence, type SiteFault } from '../../../site/check-site.ts';
import { type SiteDirectory, siteFileOf } from '../../../site/site-directory.ts';
import type { Site, SiteDocument } from '../../../site/site-schema.ts';
import { Dialogue } from '../../dialogue.ts';
import { faultLine, warningLine } from '../../fault-lines.ts';
import { exit, say, type Terminal } from '../../terminal.ts';
import type { Target } from '../target.ts';
import { type Addable, type LeftOut, type NewInstrument, proposals } from './proposal.ts';

interface Adding {
  readonly directory: SiteDirectory;
  readonly catalogue: Catalogue;
  readonly site: Site;
  readonly target: Target;
  /** What was found and the site has not yet. */
  readonly found: readonly Addable[];
  /** Where they measure, as stated on the command line. */
  readonly point: string | undefined;
  /** True where it was said beforehand that what is clear may be written. */
  readonly yes: boolean;
  /** True where a gateway runs on the site. */
  readonly isRunning: boolean;
  readonly signal: AbortSignal;
}

/**
 * Adds what was found to the site file, after a confirmation: at a terminal by asking, elsewhere with what was said
 * beforehand, and then only what is clear. Checked like every site file; with a fault nothing is written. Resolves to the
 * exit code.
 */
export async function addInstruments(adding: Adding, terminal: Terminal): Promise<number> {
  const { target, found, yes, catalogue, site, point, signal } = adding;
  const tell = (sentence: Sentence): void => terminal.complain(say(sentence, terminal.language));
  if (found.length === 0) {
    tell(words.nothingNew);
    return exit.ok;
  }
  if (!yes && !terminal.input.isTTY) {
    tell(words.noTerminal);
    return exit.badInput;
  }
  const dialogue = yes ? undefined : new Dialogue(terminal, signal);
  try {
    const { added, leftOut } = await proposals(found, { link: target.id, site, catalogue, point, dialogue });
    for (const one of leftOut) tell(leftOutText(one));
    if (added.length === 0) {
      tell(words.nothingAdded);
      return exit.failed;
    }
    return await write(added, adding, dialogue, terminal);
  } finally {
    dialogue?.close();
  }
}

async function write(
  added: readonly NewInstrument[],
  { directory, catalogue, isRunning }: Adding,
  dialogue: Dialogue | undefined,
  terminal: Terminal,
): Promise<number> {
  const { language, complain, print } = terminal;
  const file = siteFileOf(directory);
  const text = (await file.text()) ?? '';
  const document = JSON.parse(text) as SiteDocument;
  const next = { ...document, instruments: [...document.instruments, ...added] };
  const check = (of: string) => checkSite(of, { catalogue, file: directory.document });
  const before = check(text);
  const after = check(`${JSON.stringify(next, null, 2)}\n`);
  const faults = news(after.faults, before.faults);
  print(added.map((one) => JSON.stringify(one)).join('\n'));
  for (const warning of news(after.warnings, before.warnings)) complain(warningLine(warning, language));
  if (faults.length > 0) {
    for (const fault of faults) complain(faultLine(fault, language));
    complain(say(words.nothingAdded, language));
    return exit.badInput;
  }
  if (dialogue && !(await dialogue.confirms(words.write(added.length, directory.document)))) {
    complain(say(words.nothingAdded, language));
    return exit.failed;
  }
  await file.write(next);
  print(say(words.written(added.length, directory.document, isRunning), language));
  return exit.ok;
}

/** Faults that were not there before; their lines may have moved. */
function news(after: readonly SiteFault[], before: readonly SiteFault[]): SiteFault[] {
  const known = new Set(before.map(({ field, fault }) => `${field} ${fault.en}`));
  return after.filter(({ field, fault }) => !known.has(`${field} ${fault.en}`));
}

function leftOutText({ name, why }: LeftOut): Sentence {
  return { en: `${name.en} is not added: ${why.en}`, zh: `${name.zh}未添加：${why.zh}` };
}

const words = {
  nothingNew: { en: 'nothing was found that is not in the site file already', zh: '没有找到站点文件中尚无的仪器' },
  noTerminal: {
    en: 'this is no terminal to confirm at; with --yes what is clear is added without asking',
    zh: '此处不是终端，无法确认；加 --yes 则不经询问添加明确的仪器',
  },
  nothingAdded: { en: 'nothing was added', zh: '未添加任何仪器' },
  write: (count: number, file: string): Sentence => ({
    en: `Write ${count === 1 ? 'this instrument' : `these ${count} instruments`} to ${file}?`,
    zh: `把这 ${count} 台仪器写入 ${file}？`,
  }),
  written: (count: number, file: string, isRunning: boolean): Sentence => ({
    en: `${count} added to ${file}, the version before is kept in site-history; ${isRunning ? 'restart the gateway to have them read: systemctl restart fenceline' : 'they are read when the gateway is started'}`,
    zh: `已添加 ${count} 台到 ${file}，原版本保存在 site-history；${isRunning ? '重启采集网关后开始读取：systemctl restart fenceline' : '启动采集网关后开始读取'}`,
  }),
} as const;
