import type { Catalogue } from '../../../device-profiles/catalogue.ts';
import { LocalTime, systemClock } from '../../clock.ts';
import { transactionPicture } from '../../diagnosis/line/transaction-picture.ts';
import type { DriverEvent, LineSilence } from '../../driver/events.ts';
import { type Instrument, instrumentOf } from '../../driver/instrument.ts';
import { Line } from '../../driver/line/line.ts';
import type { TransactionPicture } from '../../http/picture.ts';
import { describeReading } from '../../joining/describe-site.ts';
import { systemLinks } from '../../joining/system-parts.ts';
import type { LinkEvent } from '../../link/link.ts';
import { isLine, isListenOnly, type LineLinkSettings, listenFirstOf } from '../../link/settings.ts';
import type { Reading } from '../../reading/reading.ts';
import { settingsText } from '../../site/check/links.ts';
import { type LoadedSite, loadSite } from '../../site/load-site.ts';
import type { SiteDirectory } from '../../site/site-directory.ts';
import type { Site, SiteInstrument } from '../../site/site-schema.ts';
import { faultLine } from '../fault-lines.ts';
import { lineSilenceText } from '../line-silence-text.ts';
import { catalogueOf } from '../site-option.ts';
import { exit, interruption, raised, say, type Terminal } from '../terminal.ts';
import { type Choice, showRound, showTransaction } from './round.ts';

/** An instrument of the site with its profile and its link. */
export interface Found {
  readonly instrument: Instrument;
  readonly settings: SiteInstrument;
  readonly link: LineLinkSettings;
  readonly site: Site;
}

/** The instrument as the site file describes it; told and undefined where the file does not allow it. */
export async function findInstrument(
  directory: SiteDirectory,
  id: string,
  terminal: Terminal,
): Promise<Found | undefined> {
  const catalogue = catalogueOf(directory.root);
  const loaded = await loadSite(directory, { catalogue });
  if (loaded.kind === 'loaded') return findIn(loaded, catalogue, id, terminal);
  for (const fault of loaded.faults) terminal.complain(faultLine(fault, terminal.language));
  return undefined;
}

function findIn(
  { site, leftOut }: LoadedSite,
  catalogue: Catalogue,
  id: string,
  { complain, language }: Terminal,
): Found | undefined {
  const settings = site.instruments.find((one) => one.id === id);
  const entry = settings && catalogue.find(settings.profile);
  const link = settings && site.links[settings.link];
  if (settings && link && !isLine(link)) {
    const en = `${id} is behind ${settings.link}, which is no line: only the running gateway hears it; start it`;
    complain(
      say({ en, zh: `${id} 不在线路上（${settings.link}），只有运行中的网关能收到其数据；请先启动网关` }, language),
    );
    return undefined;
  }
  if (settings && entry && link && isLine(link)) {
    return { instrument: instrumentOf(settings, entry), settings, link, site };
  }
  const faults = leftOut.filter(({ fields }) => fields.id === id).flatMap((one) => one.faults);
  for (const fault of faults) complain(faultLine(fault, language));
  if (faults.length > 0) return undefined;
  const ids = site.instruments.map((one) => one.id).join(', ') || '-';
  const en = `there is no instrument ${id} at this site; there are: ${ids}`;
  complain(say({ en, zh: `本站点没有监测仪器 ${id}；现有：${ids}` }, language));
  return undefined;
}

/** Transactions of one round that are kept to be shown with it. */
const mostKept = 100;
const longest = 24 * 3_600_000;

/** Reads an instrument over its own line, while nobody else has the site. Resolves to the exit code. */
export async function readOwnLine(found: Found, choice: Choice, terminal: Terminal): Promise<number> {
  const { instrument, settings, link, site } = found;
  const session = new Session(found, choice, terminal);
  const createLink = await systemLinks(site, systemClock);
  const line = new Line({
    link: createLink(settings.link, link, session.observe),
    framing: link.kind === 'tcp' ? link.framing : 'modbus-rtu',
    // The schedule's own polls are not wanted once only one reading is.
    instruments: [{ ...instrument, settings: { ...settings, every: choice.every ?? longest } }],
    clock: systemClock,
    listenFirst: listenFirstOf(link),
    listenOnly: isListenOnly(link),
    localTime: new LocalTime(site.gateway.timezone),
    observe: session.observe,
    onReadings: (readings) => {
      if (choice.every !== undefined) session.show(readings);
    },
  });
  line.start();
  if (choice.every === undefined) session.show(await line.read(settings.id));
  else await raised(interruption());
  await line.stop();
  return session.values > 0 ? exit.ok : exit.failed;
}

/** What was seen on the line so far, and shown of it. */
class Session {
  values = 0;
  readonly #found: Found;
  readonly #choice: Choice;
  readonly #terminal: Terminal;
  readonly #localTime: LocalTime;
  #number = 0;
  #transactions: TransactionPicture[] = [];
  #omitted = 0;
  #exception: number | null = null;
  #linkFault: string | null = null;
  #shownAt = systemClock.monotonic();

  constructor(found: Found, choice: Choice, terminal: Terminal) {
    this.#found = found;
    this.#choice = choice;
    this.#terminal = terminal;
    this.#localTime = new LocalTime(found.site.gateway.timezone);
  }

  readonly observe = (event: DriverEvent | LinkEvent): void => {
    if (event.kind === 'link-closed' && event.fault) this.#linkFault = event.fault.message;
    if (event.kind === 'link-opened') this.#linkFault = null;
    if (event.kind === 'line-silence') this.#tellSilence(event);
    if (event.kind !== 'transaction') return;
    this.#exception = event.exception;
    const transaction = transactionPicture({ number: ++this.#number, transaction: event }, this.#localTime);
    showTransaction(transaction, this.#choice, this.#terminal);
    this.#transactions.push(transaction);
    if (this.#transactions.length <= mostKept) return;
    this.#transactions.shift();
    this.#omitted++;
  };

  #tellSilence(silence: LineSilence): void {
    const sentence = lineSilenceText(silence, listenFirstOf(this.#found.link));
    if (sentence) this.#terminal.complain(say(sentence, this.#terminal.language));
  }

  show(readings: readonly Reading[]): void {
    const { settings, link, site } = this.#found;
    const began = this.#shownAt;
    this.#shownAt = systemClock.monotonic();
    const read = {
      instrument: settings.id,
      at: this.#localTime.stamp(systemClock.wall()),
      took: Math.round(this.#shownAt - began),
      readings: readings.map((reading) => describeReading(reading, site, this.#localTime)),
      transactions: this.#transactions,
      omitted: this.#omitted,
    };
    this.#transactions = [];
    this.#omitted = 0;
    const place = { link: settings.link, settings: settingsText(link), address: settings.address ?? null };
    const where = { ...place, exception: this.#exception, linkFault: this.#linkFault };
    this.values += showRound(read, where, this.#choice, this.#terminal);
  }
}
