import type { Catalogue } from '../../device-profiles/catalogue.ts';
import { systemClock } from '../clock.ts';
import type { DriverEvent } from '../driver/events.ts';
import type { Instrument } from '../driver/instrument.ts';
import { Line } from '../driver/line.ts';
import { duration } from '../driver/settings.ts';
import type { LinkEvent } from '../link/link.ts';
import type { Reading } from '../reading/reading.ts';
import type { Sentence } from '../site/check-site.ts';
import { type LoadedSite, loadSite } from '../site/load-site.ts';
import { siteDirectory } from '../site/site-directory.ts';
import type { Site, SiteInstrument, SiteLink } from '../site/site-schema.ts';
import { lockSite } from '../store/site-lock.ts';
import { systemLinks } from '../system-parts.ts';
import { faultLine } from './fault-lines.ts';
import { type Attempt, readingsText } from './readings-text.ts';
import { catalogueOf } from './site-option.ts';
import { BadInput, type Command, exit, parseArguments, required, say, type Terminal } from './terminal.ts';

const help = `fenceline read --site DIR INSTRUMENT [--once | --every DURATION] [--trace] [--json]

Reads one instrument of the site over its own line and shows what it says, with what to try where it says nothing.
Works only while no gateway runs on the site: two masters on one line spoil each other's answers.

  --site DIR        the site directory
  --once            read once and end (default)
  --every DURATION  go on reading, such as every 2s, until Ctrl-C
  --trace           show the bytes that went over the line
  --json            print one JSON object a reading round

Exit code: 0 when values came, 1 when none did, 2 when the site file does not allow it.

  fenceline read --site /var/lib/fenceline dust-1
  fenceline read --site /var/lib/fenceline dust-1 --every 2s --trace`;

interface Choice {
  readonly every: number | undefined;
  readonly trace: boolean;
  readonly asJson: boolean;
}

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(args, {
      site: { type: 'string' },
      once: { type: 'boolean', default: false },
      every: { type: 'string' },
      trace: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const directory = siteDirectory(required(values.site, '--site'));
    const id = required(positionals[0], 'the id of an instrument');
    if (values.once && values.every !== undefined) throw new BadInput('--once and --every exclude each other');
    const choice = { every: cadence(values.every), trace: values.trace, asJson: values.json };
    const catalogue = catalogueOf(directory.root);
    const loaded = await loadSite(directory, { catalogue });
    if (loaded.kind === 'refused') {
      for (const fault of loaded.faults) terminal.complain(faultLine(fault, terminal.language));
      return exit.badInput;
    }
    const found = findInstrument(loaded, catalogue, id, terminal);
    if (found === undefined) return exit.badInput;
    const lock = lockSite(directory.root);
    if ('refusal' in lock) {
      const told = inUse(lock.pid, id, loaded.site, directory.root);
      terminal.complain(lock.refusal === 'in-use' ? say(told, terminal.language) : lock.message);
      return exit.failed;
    }
    try {
      return await readOn(found, loaded.site, choice, terminal);
    } finally {
      lock.release();
    }
  },
};

function cadence(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parsed = duration.safeParse(text);
  if (!parsed.success || parsed.data < 100)
    throw new BadInput('--every takes a number with its unit, such as 2s or 500ms');
  return parsed.data;
}

/** Who has the site, and how to ask the gateway instead. */
function inUse(pid: number | null, id: string, { page: { listen } }: Site, root: string): Sentence {
  const host = listen.host === '0.0.0.0' || listen.host === '::' ? '127.0.0.1' : listen.host;
  const token = `$(cat ${root}/secrets/read-token)`;
  const ask = `  curl -H "Authorization: Bearer ${token}" http://${host}:${listen.port}/api/v1/instruments/${id}`;
  return {
    en: `${pid === null ? 'another process' : `process ${pid}`} runs on this site; a second master on a line would spoil its readings. Ask the gateway:\n${ask}\nor stop it first.`,
    zh: `${pid === null ? '另一进程' : `进程 ${pid}`} 正在运行本站点；同一线路上有两个主站会相互干扰。请向网关查询：\n${ask}\n或先停止网关。`,
  };
}

interface Found {
  readonly instrument: Instrument;
  readonly settings: SiteInstrument;
  readonly link: SiteLink;
}

/** The instrument with its profile and link; told and undefined where the site file does not allow it. */
function findInstrument(
  { site, leftOut }: LoadedSite,
  catalogue: Catalogue,
  id: string,
  { complain, language }: Terminal,
): Found | undefined {
  const settings = site.instruments.find((one) => one.id === id);
  const profile = settings && catalogue.find(settings.profile)?.profile;
  const link = settings && site.links[settings.link];
  if (settings && profile && link) {
    return { instrument: { settings, profile, origin: settings.simulated ? 'simulated' : 'measured' }, settings, link };
  }
  const faults = leftOut.filter(({ fields }) => fields.id === id).flatMap((one) => one.faults);
  for (const fault of faults) complain(faultLine(fault, language));
  if (faults.length > 0) return undefined;
  const ids = site.instruments.map((one) => one.id).join(', ') || '-';
  const en = `there is no instrument ${id} at this site; there are: ${ids}`;
  complain(say({ en, zh: `本站点没有监测仪器 ${id}；现有：${ids}` }, language));
  return undefined;
}

async function readOn(
  { instrument, settings, link }: Found,
  site: Site,
  choice: Choice,
  terminal: Terminal,
): Promise<number> {
  let attempt: Attempt = { outcome: null, exception: null, linkFault: null };
  const observe = (event: DriverEvent | LinkEvent): void => {
    if (event.kind === 'link-closed' && event.fault) attempt = { ...attempt, linkFault: event.fault.message };
    if (event.kind === 'link-opened') attempt = { ...attempt, linkFault: null };
    if (event.kind !== 'transaction') return;
    attempt = { ...attempt, outcome: event.outcome, exception: event.exception };
    if (choice.trace) terminal.complain(traceText(event));
  };
  const createLink = await systemLinks(site, systemClock);
  const line = new Line({
    link: createLink(settings.link, link, observe),
    framing: link.kind === 'tcp' ? link.framing : 'modbus-rtu',
    // The schedule's own polls are not wanted once only one reading is.
    instruments: [{ ...instrument, settings: { ...settings, every: choice.every ?? longest } }],
    clock: systemClock,
    observe,
    onReadings: (readings) => {
      if (choice.every !== undefined) show(readings);
    },
  });
  let values = 0;
  const show = (readings: readonly Reading[]): void => {
    values += readings.filter(({ value }) => value !== null).length;
    terminal.print(
      choice.asJson ? jsonText(readings) : readingsText(readings, { settings, link, attempt }, terminal.language),
    );
  };
  line.start();
  if (choice.every === undefined) show(await line.read(settings.id));
  else await interrupted();
  await line.stop();
  return values > 0 ? exit.ok : exit.failed;
}

const longest = 24 * 3_600_000;

function jsonText(readings: readonly Reading[]): string {
  return JSON.stringify({
    readings: readings.map(({ monotonic: _, at, ...reading }) => ({ ...reading, at: new Date(at).toISOString() })),
  });
}

/** What went over the line in one transaction, as hexadecimal bytes. */
function traceText(event: DriverEvent & { kind: 'transaction' }): string {
  const hex = (bytes: Uint8Array): string =>
    Buffer.from(bytes)
      .toString('hex')
      .toUpperCase()
      .replace(/..(?=.)/g, '$& ');
  const { sent, received, duration: took, outcome } = event;
  return `> ${hex(sent) || '-'}\n< ${hex(received) || '-'}  ${outcome}, ${Math.round(took)} ms`;
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
