import { type Catalogue, loadCatalogue } from '../../device-profiles/catalogue.ts';
import { highestAddress, lowestAddress, parseAddresses } from '../scan/addresses.ts';
import { candidatesOf } from '../scan/candidates.ts';
import type { Sentence } from '../site/check-site.ts';
import { loadSite } from '../site/load-site.ts';
import { type SiteDirectory, siteDirectory } from '../site/site-directory.ts';
import { lockSite } from '../store/site-lock.ts';
import { faultLine } from './fault-lines.ts';
import { addInstruments } from './scan/add-instruments.ts';
import { searchOwnLine } from './scan/own-line.ts';
import { reportJson } from './scan/report-json.ts';
import { reportText } from './scan/report-text.ts';
import type { Search, Searched } from './scan/search.ts';
import { directTarget, linkOfSite, type Target } from './scan/target.ts';
import { searchThroughGateway } from './scan/through-gateway.ts';
import { catalogueOf } from './site-option.ts';
import { BadInput, type Command, exit, interruption, parseArguments, say, type Terminal } from './terminal.ts';

const help = `fenceline scan --site DIR [--link LINK] [OPTIONS]
fenceline scan --serial PORT [--speed 9600-8N1] [OPTIONS]
fenceline scan --tcp HOST:PORT[,modbus-rtu[,9600-8N1]] [OPTIONS]

Looks for instruments on a line: asks every slave address with read requests, compares what answers with the
profiles it knows, and says how well they fit and why. Listens first, and sends nothing where another master polls.
While a gateway runs on the site, it asks the questions in between its own polls.
Ctrl-C ends it and shows what was found so far.

  --site DIR          the site directory; its own profiles are known, too
  --link LINK         the link of the site; may be left out where there is only one
  --serial PORT       a serial port, without a site
  --speed SETTINGS    its speed, data bits, parity and stop bits; 9600-8N1 without it
  --tcp HOST:PORT     a device on the network, without a site; with ,modbus-rtu a device server that passes bytes on
  --addresses LIST    which addresses, such as 1-20,100; ${lowestAddress}-${highestAddress} without it
  --listen-first TIME without a site: how long to listen before the first request; 10s without it
  --add               add what was found to the site file, after asking; the site's check has to pass
  --point POINT       with --add: the monitoring point that they serve
  --yes               with --add where there is no terminal: add what is clear without asking
  --json              print one JSON object

Exit code: 0 when something was found, 1 when not, 2 when the arguments or the site file are wrong.

  fenceline scan --site /var/lib/fenceline --link rs485-1
  fenceline scan --serial /dev/ttyUSB0 --speed 4800-8N1 --addresses 1-10`;

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(args, {
      site: { type: 'string' },
      link: { type: 'string' },
      serial: { type: 'string' },
      speed: { type: 'string' },
      tcp: { type: 'string' },
      addresses: { type: 'string', default: `${lowestAddress}-${highestAddress}` },
      'listen-first': { type: 'string' },
      add: { type: 'boolean', default: false },
      point: { type: 'string' },
      yes: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    if (positionals.length > 0) throw new BadInput(`${positionals[0]} is not understood`);
    const addresses = parseAddresses(values.addresses);
    if (addresses === undefined) throw new BadInput('--addresses takes numbers from 1 to 255, such as 1-20,100');
    const named = [values.site, values.serial, values.tcp].filter((one) => one !== undefined);
    if (named.length !== 1) throw new BadInput('give one of --site, --serial and --tcp');
    if (values.add && values.site === undefined) throw new BadInput('--add needs --site: it writes to the site file');
    if (values.add && values.json) throw new BadInput('--add and --json exclude each other');
    const { add, point, yes } = values;
    const choice = { addresses, asJson: values.json, add, point, yes };
    if (values.site !== undefined) return scanSite(siteDirectory(values.site), values.link, choice, terminal);
    const { serial, speed, tcp, 'listen-first': listenFirst } = values;
    const target = directTarget({ serial, speed, tcp, listenFirst });
    const catalogue = loadCatalogue({ directories: [] });
    return show(target, await searchOwnLine(target, searchOf(catalogue, choice), terminal), choice, terminal);
  },
};

interface Choice {
  readonly addresses: readonly number[];
  readonly asJson: boolean;
  /** Add what was found to the site file. */
  readonly add: boolean;
  readonly point: string | undefined;
  readonly yes: boolean;
}

function searchOf(catalogue: Catalogue, { addresses }: Choice): Search {
  return { addresses, candidates: candidatesOf(catalogue), signal: interruption() };
}

async function scanSite(
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
  const search = searchOf(catalogue, choice);
  const finish = async (searched: Searched, isRunning: boolean): Promise<number> => {
    const code = show(target, searched, choice, terminal);
    if (!choice.add || code !== exit.ok) return code;
    const { instruments: found } = searched.report;
    const { signal } = search;
    return addInstruments({ directory, catalogue, site, target, found, isRunning, signal, ...choice }, terminal);
  };
  const through = await searchThroughGateway(target, search, directory, terminal);
  if (typeof through === 'number') return through;
  if (typeof through === 'object') return finish(through, true);
  // A gateway that runs and does not use this line has the site all the same; its port is free.
  const lock = through === 'unused' ? undefined : lockSite(directory.root);
  if (lock && 'refusal' in lock) {
    terminal.complain(lock.refusal === 'in-use' ? say(inUse(lock.pid), terminal.language) : lock.message);
    return exit.failed;
  }
  try {
    return await finish(await searchOwnLine(target, search, terminal), through === 'unused');
  } finally {
    lock?.release();
  }
}

function show(target: Target, searched: Searched, { asJson }: Choice, { print, language }: Terminal): number {
  print(asJson ? reportJson(target, searched) : reportText(searched, target, language));
  return searched.report.instruments.length > 0 ? exit.ok : exit.failed;
}

function inUse(pid: number | null): Sentence {
  return {
    en: `${pid === null ? 'another process' : `process ${pid}`} runs on this site and cannot be asked; a second master on a line would spoil its readings. Stop it first`,
    zh: `${pid === null ? '另一进程' : `进程 ${pid}`} 正在使用本站点且无法联系；同一线路上有两个主站会相互干扰，请先停止该进程`,
  };
}
