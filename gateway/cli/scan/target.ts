import { serialSettingsText } from '../../../device-profiles/serial-settings.ts';
import { duration } from '../../duration.ts';
import { isLine, lineOf, linkSettings, type SerialLinkSettings, type TcpLinkSettings } from '../../link/settings.ts';
import type { Site } from '../../site/site-schema.ts';
import { BadInput } from '../terminal.ts';

/** A line on which one can ask. */
type SearchableLink = SerialLinkSettings | TcpLinkSettings;

/** Which line is searched. */
export interface Target {
  /** The link of the site, or what the line is called without one. */
  readonly id: string;
  readonly settings: SearchableLink;
  /** Instruments of the site on this line, by slave address. */
  readonly known: ReadonlyMap<number, string>;
}

/** How the line is named to people: `rs485-1 (9600-8N1)`. */
export function targetText({ id, settings }: Target): string {
  const line = lineOf(settings);
  const more = [...(settings.kind === 'tcp' ? [settings.framing] : []), ...(line ? [serialSettingsText(line)] : [])];
  return more.length === 0 ? id : `${id} (${more.join(' ')})`;
}

/** The link of the site that was named, or its only one. Throws {@link BadInput} where there is no such link. */
export function linkOfSite(
  { links, instruments }: Pick<Site, 'links' | 'instruments'>,
  named: string | undefined,
): Target {
  const searchable = Object.entries(links).flatMap(([id, settings]): Target[] =>
    isLine(settings) && settings.kind !== 'tcp-server' ? [{ id, settings, known: knownOn(id, instruments) }] : [],
  );
  const ids = searchable.map(({ id }) => id).join(', ') || '-';
  const [only, ...others] = named === undefined ? searchable : searchable.filter(({ id }) => id === named);
  if (only && others.length === 0) return only;
  if (named === undefined) throw new BadInput(`--link is missing; one of: ${ids}`);
  const kind = links[named]?.kind;
  if (kind === undefined) throw new BadInput(`the site has no link ${named} that can be searched; it has: ${ids}`);
  throw new BadInput(
    kind === 'firmata'
      ? `${named} is a board with pins: nothing answers there; its profile says what hangs on it`
      : `on ${named} the other side connects and sends; nothing can be asked there`,
  );
}

function knownOn(link: string, instruments: Site['instruments']): Map<number, string> {
  const here = instruments.filter((one) => one.link === link);
  return new Map(here.flatMap(({ address, id }) => (address === undefined ? [] : [[address, id] as const])));
}

const nothingKnown: ReadonlyMap<number, string> = new Map();

interface Direct {
  readonly serial: string | undefined;
  readonly speed: string | undefined;
  readonly tcp: string | undefined;
  readonly listenFirst: string | undefined;
}

/** A line that is named on the command line itself. Throws {@link BadInput} where it is not understood. */
export function directTarget({ serial, speed, tcp, listenFirst }: Direct): Target {
  if (listenFirst !== undefined && !duration.safeParse(listenFirst).success) {
    throw new BadInput('--listen-first takes a number with its unit, such as 10s');
  }
  const more = listenFirst === undefined ? {} : { listenFirst };
  const known = nothingKnown;
  if (serial !== undefined) {
    return { id: serial, known, settings: parsed(serialFields(serial, speed, more), '--serial') };
  }
  if (speed !== undefined)
    throw new BadInput('--speed goes with --serial; behind a device server write it after --tcp');
  return { id: tcp ?? '', known, settings: parsed(tcpFields(tcp ?? '', more), '--tcp') };
}

function serialFields(path: string, speed = '9600-8N1', more: object): object {
  const found = /^(\d+)-([78])([NEO])([12])$/.exec(speed);
  if (!found) throw new BadInput('--speed takes bits per second, data bits, parity and stop bits, such as 9600-8N1');
  const [, baudRate, dataBits, parity, stopBits] = found;
  const parities = { N: 'none', E: 'even', O: 'odd' };
  return {
    ...{ kind: 'serial', path, baudRate: Number(baudRate), dataBits: Number(dataBits) },
    ...{ parity: parities[parity as 'N'], stopBits: Number(stopBits), ...more },
  };
}

/** `host:port`, `host:port,modbus-rtu`, `host:port,modbus-rtu,9600-8N1`. */
function tcpFields(text: string, more: object): object {
  const [place = '', framing = 'modbus-tcp', serial] = text.split(',');
  const found = /^(.+):(\d+)$/.exec(place);
  if (!found) throw new BadInput('--tcp takes host:port, or host:port,modbus-rtu for a device server');
  const isRtu = framing === 'modbus-rtu';
  return {
    ...{ kind: 'tcp', host: found[1], port: Number(found[2]), framing },
    ...(serial === undefined ? {} : { serial }),
    ...(isRtu ? more : {}),
  };
}

function parsed(fields: object, option: string): SearchableLink {
  const result = linkSettings.safeParse(fields);
  if (result.success && isLine(result.data) && result.data.kind !== 'tcp-server') return result.data;
  const [issue] = result.error?.issues ?? [];
  throw new BadInput(`${option}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not understood'}`);
}
