import type { ProfilePoint } from '../profile.ts';
import type { FramedMessage, FramedPlace, FramedProfile, Framing } from '../shape/framed.ts';
import { framedTypes } from '../shape/framed.ts';
import { type Decoded, type Known, nothingKnown, type Raw } from '../value/decoded.ts';
import { interpret } from '../value/interpret.ts';
import { everythingUnder } from '../value/leaning.ts';
import { indexOfPlace } from './check-sum.ts';
import { placesIn } from './messages.ts';

/** From a frame whose start, length and check sum hold to the raw values in it. */

/** What the frame is to this message: its values, the word that there is nothing new, a refusal, or something else. */
export function judgeFrame(
  { refusedBy }: Pick<Framing, 'refusedBy'>,
  message: FramedMessage,
  frame: Uint8Array,
): 'values' | 'empty' | 'refused' | 'foreign-length' | 'foreign' {
  if (refusedBy && isMarked(frame, refusedBy)) return 'refused';
  if (!isMarked(frame, message.is)) return 'foreign';
  if (frame.length === message.emptyLength) return 'empty';
  return message.length === undefined || frame.length === message.length ? 'values' : 'foreign-length';
}

function isMarked(frame: Uint8Array, marks: FramedMessage['is']): boolean {
  return marks.every(({ byte, bytes }) => standsAt(frame, indexOfPlace(byte, frame.length), bytes));
}

function standsAt(frame: Uint8Array, from: number, bytes: Uint8Array): boolean {
  return from >= 0 && bytes.every((byte, index) => frame[from + index] === byte);
}

/** Raw values by id; null where the frame does not hold one. */
export function readFrame(profile: FramedProfile, message: FramedMessage, frame: Uint8Array): Map<string, Raw | null> {
  const text = new FrameText(profile.framing, message, frame);
  return new Map(placesIn(profile, message).map((place) => [place.id, readPlace(place, frame, text)]));
}

/**
 * What the points mean, from what was read. One that leans on a place which the frame does not hold, or holds twice, is
 * `not-listed`; one that was not read is not in the result.
 */
export function decodeFramed(
  profile: FramedProfile,
  points: readonly ProfilePoint[],
  read: ReadonlyMap<string, Raw | null>,
  known: Known = nothingKnown,
): Map<string, Decoded> {
  const raws = new Map<string, Raw>();
  for (const [id, raw] of read) if (raw !== null) raws.set(id, raw);
  const decoded = interpret(profile, points, raws, known);
  for (const point of points) {
    const isListed = [...everythingUnder(profile, [point])].every((id) => read.get(id) !== null);
    if (!isListed) decoded.set(point.id, { raw: null, value: null, reason: 'not-listed' });
  }
  return decoded;
}

/** A frame as characters, for those that are text. */
class FrameText {
  readonly #framing: Pick<Framing, 'start' | 'end'>;
  readonly #message: FramedMessage;
  readonly #frame: Uint8Array;
  #text: string | undefined;
  #records: ReadonlyMap<string, Uint8Array | null> | undefined;

  constructor(framing: Pick<Framing, 'start' | 'end'>, message: FramedMessage, frame: Uint8Array) {
    this.#framing = framing;
    this.#message = message;
    this.#frame = frame;
  }

  get characters(): string {
    this.#text ??= Buffer.from(this.#frame).toString('latin1');
    return this.#text;
  }

  /** What stands between separators; start and end of the frame are no part of it. */
  field(index: number): string | undefined {
    const { separator } = this.#message;
    const { start, end } = this.#framing;
    if (separator === undefined) return undefined;
    const content = this.characters.slice(start?.length ?? 0, this.#frame.length - (end?.length ?? 0));
    return content.split(separator)[index];
  }

  /**
   * What stands behind these characters, up to where a number of the type can go on no more; undefined where they do not
   * stand there once, or only as the end of a longer name.
   */
  after(words: string, type: FramedPlace['type']): string | undefined {
    const at = this.characters.indexOf(words);
    if (at < 0 || this.characters.includes(words, at + 1)) return undefined;
    if (/^[A-Za-z]/.test(words) && /[A-Za-z]/.test(this.characters[at - 1] ?? '')) return undefined;
    const behind = this.characters.slice(at + words.length);
    if (type !== 'decimal') return /^ *[0-9A-Za-z]+/.exec(behind)?.[0];
    const number = /^ *[-+]?\d+(?:\.\d+)?/.exec(behind)?.[0] ?? '';
    const rest = behind.slice(number.length);
    if (number === '') return undefined;
    const { separator } = this.#message;
    const isSeparated = separator !== undefined && rest.startsWith(separator);
    // 1e5, 12.3.4 and 61,5 begin like numbers that they are not.
    return !isSeparated && /^(?:[.,]\d|[eE][-+\d])/.test(rest) ? behind : number;
  }

  record(key: string): Uint8Array | undefined {
    this.#records ??= recordsIn(this.#message, this.#frame);
    return this.#records.get(key) ?? undefined;
  }
}

/** The records by their keys; null for a key that two have. None at all where the list does not end as it should. */
function recordsIn({ records }: FramedMessage, frame: Uint8Array): Map<string, Uint8Array | null> {
  const found = new Map<string, Uint8Array | null>();
  if (!records) return found;
  const { key, count, until, length } = records;
  for (let from = records.byte; !standsAt(frame, from, until); ) {
    const size = length + (count ? hexadecimal(digitsAt(frame, from + count.byte, count.digits)) * count.each : 0);
    if (!(from + size <= frame.length)) return new Map();
    const record = frame.subarray(from, from + size);
    const name = digitsAt(record, key.byte, key.length);
    found.set(name, found.has(name) ? null : record);
    from += size;
  }
  return found;
}

/** Digits and nothing else: a sign would lead backwards through the list. */
function hexadecimal(digits: string): number {
  return /^[0-9A-Fa-f]{1,8}$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
}

function digitsAt(bytes: Uint8Array, from: number, length: number): string {
  return Buffer.from(bytes.subarray(from, from + length)).toString('latin1');
}

function readPlace(place: FramedPlace, frame: Uint8Array, text: FrameText): Raw | null {
  const { byte, field, after, record } = place;
  if (field !== undefined) return inCharacters(place, text.field(field)?.trim());
  if (after !== undefined) return inCharacters(place, text.after(after, place.type)?.trim());
  const within = record === undefined ? frame : text.record(record);
  if (within === undefined || byte === undefined) return null;
  const from = indexOfPlace(byte, within.length);
  const length = framedTypes[place.type].bytes ?? place.length ?? 0;
  if (from < 0 || from + length > within.length) return null;
  const bytes = within.subarray(from, from + length);
  const isText = framedTypes[place.type].bytes === null || place.type === 'hex-float32';
  return isText ? inCharacters(place, digitsAt(bytes, 0, length).trim()) : inBits(place, inBytes(place, bytes));
}

/** Nothing but a number of the type is one: what else stands there is not a number. */
function inCharacters(place: FramedPlace, characters: string | undefined): Raw | null {
  if (characters === undefined) return null;
  switch (place.type) {
    case 'text':
      return characters;
    case 'decimal':
      return /^[-+]?\d+(\.\d+)?$/.test(characters) ? Number(characters) : Number.NaN;
    case 'hex':
      return /^[0-9A-Fa-f]{1,8}$/.test(characters) ? inBits(place, Number.parseInt(characters, 16)) : Number.NaN;
    case 'hex-float32':
      return /^[0-9A-Fa-f]{8}$/.test(characters) ? Buffer.from(characters, 'hex').readFloatBE() : Number.NaN;
    default:
      return null;
  }
}

function inBytes({ type, order }: FramedPlace, sent: Uint8Array): number {
  const bytes = Buffer.from(sent);
  if (order === 'DCBA') bytes.reverse();
  switch (type) {
    case 'float32':
      return bytes.readFloatBE();
    case 'u14':
      return bytes.every((byte) => byte < 0x80) ? (bytes[0] ?? 0) * 128 + (bytes[1] ?? 0) : Number.NaN;
    case 's8':
    case 's16':
    case 's24':
    case 's32':
      return bytes.readIntBE(0, bytes.length);
    default:
      return bytes.readUIntBE(0, bytes.length);
  }
}

function inBits({ bits }: FramedPlace, number: number): number {
  if (!bits) return number;
  const values = 2 ** (bits[1] - bits[0] + 1);
  // The bits of a negative number are those of its two's complement.
  return ((Math.floor(number / 2 ** bits[0]) % values) + values) % values;
}
