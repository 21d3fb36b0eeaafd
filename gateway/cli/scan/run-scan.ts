import { type Catalogue, loadCatalogue } from '../../../device-profiles/catalogue.ts';
import { candidatesOf } from '../../scan/candidates.ts';
import { meterCandidatesOf } from '../../scan/meters.ts';
import type { Sentence } from '../../site/check-site.ts';
import { loadSite } from '../../site/load-site.ts';
import type { SiteDirectory } from '../../site/site-directory.ts';
import { lockSite } from '../../store/site-lock.ts';
import { faultLine } from '../fault-lines.ts';
import { catalogueOf } from '../site-option.ts';
import { BadInput, exit, interruption, say, type Terminal } from '../terminal.ts';
import { addInstruments } from './adding/add-instruments.ts';
import { addableOf } from './adding/proposal.ts';
import { type SerialTarget, searchOtherSpeeds } from './other-speeds.ts';
import { searchOwnLine } from './own-line.ts';
import type { Search, Searched } from './search.ts';
import { linkOfSite, type Target } from './target.ts';
import { isPolled, searchThroughGateway } from './through-gateway.ts';
import { reportJson } from './words/report-json.ts';
import { reportText } from './words/report-text.ts';

/** What the caller wants of a search. */
interface Choice {
  readonly addresses: readonly number[];
  /** Ask each address once. */
  readonly isQuick: boolean;
  /** Look for DL/T 645 meters, too. */
  readonly meters: boolean;
  readonly asJson: boolean;
  /** Add what was found to the site file. */
  readonly add: boolean;
  /** The monitoring point that added instruments serve. */
  readonly point: string | undefined;
  /** Try other speeds and parities, too. */
  readonly alsoSpeeds: boolean;
  /** What would be asked is agreed to. */
  readonly yes: boolean;
}

/** Searches a line without a site. Resolves to the exit code. */
export async function scanTarget(target: Target, choice: Choice, terminal: Terminal): Promise<number> {
  const search = searchOf(loadCatalogue({ directories: [] }), target, choice);
  const { code } = await searchAndShow(target, search, choice, terminal);
  return code;
}

/** Searches a line of a site, through its gateway where one runs. Resolves to the exit code. */
export async function scanSite(
  directory: SiteDirectory,
  link: string | undefined,
  choice: Choice,
  terminal: Terminal,
): Promise<number> {
  const catalogue = catalogueOf(directory.root);
  const loaded = await loadSite(directory, { catalogue });
  if (loaded.kind === 'refused') {
    for (const fault of loaded.faults) terminal.complain(faultLine(fault, terminal.language));
    return exit.badInput;
  }
  const { site } = loaded;
  const target = linkOfSite(site, link);
  const other = site.instruments.find(({ link: id, profile }) => id === target.id && !isOnBus(catalogue, profile));
  if (other) {
    terminal.complain(say(words.otherProtocol(target.id, other.id), terminal.language));
    return exit.badInput;
  }
  const search = searchOf(catalogue, target, choice);
  if ((choice.alsoSpeeds || choice.meters) && (await isPolled(target, directory))) {
    const why = choice.alsoSpeeds ? words.polled(target.id) : words.metersPolled(target.id);
    terminal.complain(say(why, terminal.language));
    return exit.failed;
  }
  const finish = async ({ code, searched }: Shown, isRunning: boolean): Promise<number> => {
    const found = addableOf(searched, target, site.instruments);
    if (!choice.add && found.length > 0) terminal.complain(say(words.mayAdd, terminal.language));
    if (!choice.add || code !== exit.ok) return code;
    const { point, yes } = choice;
    const adding = { directory, catalogue, site, target, found, point, yes, isRunning, signal: search.signal };
    return addInstruments(adding, terminal);
  };
  const through = await searchThroughGateway(target, search, directory, terminal);
  if (typeof through === 'number') return through;
  if (typeof through === 'object') return finish(show(target, through, choice, terminal), true);
  // A gateway that runs and does not use this line has the site all the same; its port is free.
  const lock = through === 'unused' ? undefined : lockSite(directory.root);
  if (lock && 'refusal' in lock) {
    terminal.complain(lock.refusal === 'in-use' ? say(words.inUse(lock.pid), terminal.language) : lock.message);
    return exit.failed;
  }
  try {
    return await finish(await searchAndShow(target, search, choice, terminal), through === 'unused');
  } finally {
    lock?.release();
  }
}

function searchOf(catalogue: Catalogue, target: Target, { addresses, isQuick, alsoSpeeds, meters }: Choice): Search {
  if (alsoSpeeds && !isSerial(target)) {
    throw new BadInput('--also-speeds needs a serial port: the speed behind a device server is set there');
  }
  if (meters && target.settings.kind === 'tcp' && target.settings.framing === 'modbus-tcp') {
    throw new BadInput('--meters needs a serial line: DL/T 645 meters do not speak Modbus TCP');
  }
  return {
    ...{ addresses, isQuick, candidates: candidatesOf(catalogue), signal: interruption() },
    meters: meters ? meterCandidatesOf(catalogue) : undefined,
  };
}

/** What was found at the speed of the line, and the exit code for all speeds. */
interface Shown {
  readonly code: number;
  readonly searched: Searched;
}

async function searchAndShow(target: Target, search: Search, choice: Choice, terminal: Terminal): Promise<Shown> {
  const searched = await searchOwnLine(target, search, terminal);
  let { code } = show(target, searched, choice, terminal);
  const mayGoOn = !search.signal.aborted && typeof searched.report.ended === 'string';
  if (!choice.alsoSpeeds || !isSerial(target) || !mayGoOn) return { code, searched };
  const found = (at: Target, more: Searched): void => {
    if (show(at, more, choice, terminal).code === exit.ok) code = exit.ok;
  };
  const isDone = await searchOtherSpeeds(target, search, choice.yes, found, terminal);
  return { code: isDone ? code : exit.badInput, searched };
}

/** True for an instrument that may share its line with others. */
function isOnBus(catalogue: Catalogue, profile: string): boolean {
  const protocol = catalogue.find(profile)?.profile.protocol;
  return protocol === 'modbus' || protocol === 'dlt645';
}

function isSerial(target: Target): target is SerialTarget {
  return target.settings.kind === 'serial';
}

function show(target: Target, searched: Searched, { asJson }: Choice, { print, language }: Terminal): Shown {
  print(asJson ? reportJson(target, searched) : reportText(searched, target, language));
  const found = searched.report.instruments.length + (searched.meters?.meters.length ?? 0);
  return { code: found > 0 ? exit.ok : exit.failed, searched };
}

const words = {
  mayAdd: { en: 'with --add they are added to the site file', zh: '加 --add 可将其添加到站点文件' },
  polled: (id: string): Sentence => ({
    en: `${id} is polled by the running gateway: at another speed its requests would be garbage to the instruments that are read there. Stop the gateway first, or leave out --also-speeds`,
    zh: `${id} 正由采集网关轮询：换速率发送会让线路上正在读取的仪器收到乱码。请先停止采集网关，或不用 --also-speeds`,
  }),
  metersPolled: (id: string): Sentence => ({
    en: `${id} is polled by the running gateway: the instruments there may take the question to a meter for theirs. Stop the gateway first, or leave out --meters`,
    zh: `${id} 正由采集网关轮询：线路上的仪器可能把对电能表的询问当成对自己的。请先停止采集网关，或不用 --meters`,
  }),
  otherProtocol: (link: string, instrument: string): Sentence => ({
    en: `${instrument} speaks a protocol of its own and has ${link} to itself; there is nothing else to be found there`,
    zh: `${instrument} 使用自有协议，独占 ${link}；该线路上没有其他仪器可查找`,
  }),
  inUse: (pid: number | null): Sentence => ({
    en: `${pid === null ? 'another process' : `process ${pid}`} runs on this site and cannot be asked; a second master on a line would spoil its readings. Stop it first`,
    zh: `${pid === null ? '另一进程' : `进程 ${pid}`} 正在使用本站点且无法联系；同一线路上有两个主站会相互干扰，请先停止该进程`,
  }),
} as const;
