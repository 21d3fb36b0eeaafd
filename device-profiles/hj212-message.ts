/*
 * The data segment of an HJ 212-2017 packet (6.3, table 3):
 *
 *   QN=…;ST=…;CN=…;PW=…;MN=…;Flag=…;PNUM=…;PNO=…;CP=&&DataTime=…;a34004-Rtd=25,a34004-Flag=N;…&&
 *
 * `;` parts fields and items, `,` the fields of one item. The standard's own examples mix the two, leave out the `;`
 * before CP, and hold blanks (annex C, C.14 to C.48), so both part, and blanks around anything mean nothing. Frames of
 * the field lack QN and Flag, have an empty PW, end in `;`, or write DataTime with milliseconds.
 */

/** What one packet says. Absent fields are null; values are text as sent, without blanks around them. */
export interface Hj212Message {
  /** QN: names an exchange, YYYYMMDDhhmmsszzz of the sender's clock. */
  readonly queryNumber: string | null;
  /** ST. */
  readonly system: string | null;
  /** CN, such as 2011 for real-time data. */
  readonly command: string;
  /** PW; empty where it was sent empty. */
  readonly password: string | null;
  /** MN. */
  readonly device: string | null;
  /** Flag, 0 to 255; see {@link hj212Flag}. */
  readonly flag: number | null;
  /** PNUM and PNO. */
  readonly parts: { readonly total: number; readonly number: number } | null;
  /** True for RF=1 (HJ 212-2025): data that is sent again, or late. */
  readonly isResent: boolean;
  /** The moment of DataTime, milliseconds since the Unix epoch; null where there is none that is one. */
  readonly dataTime: number | null;
  /** By factor or equipment code, then by field: `a34004` then `Rtd`. Told twice with two values, the text is empty. */
  readonly items: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Whatever else stands in CP, such as QnRtn. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Bits of Flag (table 3): the sender wants an answer; packet numbers are present; the edition it follows. */
export const hj212Flag = { wantsAnswer: 0x01, isSplit: 0x02, edition: 0xfc } as const;

/** What holds more is no message: no packet is so long, and half of a list might miss the flag of its last value. */
const mostFields = 1024;

/**
 * Reads a data segment. Null where there is no command code, or more fields than a packet has room for: whatever that is,
 * it is no message. Never throws.
 */
export function readHj212Message(segment: Uint8Array): Hj212Message | null {
  const text = Buffer.from(segment).toString('utf8');
  if (text.split(/[;,]/, mostFields + 1).length > mostFields) return null;
  const [head, inner] = halves(text);
  const fields = new Map<string, string>();
  for (const [name, value] of pairsOf(head)) if (!fields.has(name)) fields.set(name, value);
  const command = fields.get('CN');
  if (command === undefined || !/^\d{4}$/.test(command)) return null;
  const { items, parameters } = contentOf(inner);
  const dataTime = parameters.get('DataTime');
  return {
    queryNumber: fields.get('QN') ?? null,
    system: fields.get('ST') ?? null,
    command,
    password: fields.get('PW') ?? null,
    device: fields.get('MN') ?? null,
    flag: wholeNumber(fields.get('Flag'), 255),
    parts: partsOf(fields),
    isResent: fields.get('RF') === '1',
    dataTime: dataTime === undefined ? null : beijingTime(dataTime),
    items,
    parameters,
  };
}

/** What stands before CP, and what stands between its && and &&. */
function halves(text: string): [string, string] {
  const place = text.indexOf('CP=');
  if (place < 0) return [text, ''];
  const open = text.indexOf('&&', place);
  if (open < 0) return [text.slice(0, place), ''];
  const close = text.lastIndexOf('&&');
  return [text.slice(0, place), text.slice(open + 2, close > open ? close : undefined)];
}

function pairsOf(text: string): [string, string][] {
  const pairs: [string, string][] = [];
  for (const part of text.split(/[;,]/)) {
    const equals = part.indexOf('=');
    if (equals >= 0) pairs.push([part.slice(0, equals).trim(), part.slice(equals + 1).trim()]);
    // What stands alone belongs to the value before it, which is then not what it seems: `12,5` is neither 12 nor 5.
    else if (part.trim() !== '') pairs.splice(-1, 1, ...pairs.slice(-1).map(([name]): [string, string] => [name, '']));
  }
  return pairs.filter(([name]) => name !== '');
}

function contentOf(text: string): Pick<Hj212Message, 'items' | 'parameters'> {
  const items = new Map<string, Map<string, string>>();
  const parameters = new Map<string, string>();
  for (const [name, value] of pairsOf(text)) {
    const dash = name.indexOf('-');
    if (dash < 0) {
      put(parameters, name, value);
      continue;
    }
    const code = name.slice(0, dash);
    const item = items.get(code) ?? new Map<string, string>();
    items.set(code, put(item, name.slice(dash + 1), value));
  }
  return { items, parameters };
}

/** Nobody can tell which of two different values was meant. */
function put(into: Map<string, string>, name: string, value: string): Map<string, string> {
  const before = into.get(name);
  return into.set(name, before === undefined || before === value ? value : '');
}

function partsOf(fields: ReadonlyMap<string, string>): Hj212Message['parts'] {
  const total = wholeNumber(fields.get('PNUM'), 9999);
  const number = wholeNumber(fields.get('PNO'), 9999);
  return total === null || number === null ? null : { total, number };
}

function wholeNumber(text: string | undefined, largest: number): number | null {
  if (text === undefined || !/^\d{1,4}$/.test(text)) return null;
  const number = Number(text);
  return number <= largest ? number : null;
}

const hour = 3_600_000;

/**
 * The moment of YYYYMMDDhhmmss, with or without milliseconds behind it, milliseconds since the Unix epoch. The standard
 * names no zone; it is Beijing time, UTC+8, whatever the zone of this machine. Null for what is no date.
 */
export function beijingTime(text: string): number | null {
  const digits = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})?$/
    .exec(text)
    ?.slice(1)
    .map((part = '0') => Number(part));
  if (!digits) return null;
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = digits;
  const time = Date.UTC(year, month - 1, day, hours, minutes, seconds, milliseconds);
  // Date.UTC carries over what is too large: the 32nd of a month would be the 1st of the next.
  const written = new Date(time).toISOString().replace(/[-:TZ.]/g, '');
  return `${text}000`.startsWith(written) ? time - 8 * hour : null;
}

/**
 * The answer that a sender of data waits for: CN 9014 with its QN, MN and PW, in the edition that it follows (6.4).
 * Null where the packet has no QN, and so cannot be answered.
 */
export function hj212DataAcknowledgement({ queryNumber, password, device, flag }: Hj212Message): string | null {
  if (queryNumber === null || device === null) return null;
  const edition = (flag ?? 4) & hj212Flag.edition;
  return `QN=${queryNumber};ST=91;CN=9014;PW=${password ?? ''};MN=${device};Flag=${edition};CP=&&&&`;
}
