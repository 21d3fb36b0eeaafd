import type { FramedProfile } from '../../../../device-profiles/profile.ts';
import type { CheckSum, FramedMessage, FramedPlace } from '../../../../device-profiles/shape/framed.ts';

/** Frames as a profile describes them, from numbers; shares no code with what finds and reads them. */

/** The raw number of a place; undefined where the instrument shows nothing there. */
type RawNumber = (id: string) => number | undefined;

const widths: Readonly<Record<string, number>> = {
  u8: 1,
  s8: 1,
  u14: 2,
  u16: 2,
  s16: 2,
  u24: 3,
  s24: 3,
  u32: 4,
  s32: 4,
  float32: 4,
};

/** The bytes of one message on the wire. */
export function frameOf(profile: FramedProfile, message: FramedMessage, raw: RawNumber): Uint8Array {
  const { framing } = profile;
  const places = [...profile.points, ...profile.auxiliaries].filter(
    (place) => (place.message ?? profile.messages[0]?.id) === message.id,
  );
  const isText = places.some(
    ({ field, after, record }) => field !== undefined || after !== undefined || record !== undefined,
  );
  const content = isText ? textContent(profile, message, places, raw) : binaryContent(profile, message, places, raw);
  stateLength(framing, content);
  return closedFrame(framing, content);
}

/** The frame as it is sent: with the check sum of what it holds, and stuffed. */
export function closedFrame(framing: FramedProfile['framing'], content: Iterable<number>): Uint8Array {
  const bytes = [...content];
  if (framing.checkSum) putCheckSum(framing.checkSum, bytes);
  return Uint8Array.from(stuffed(framing, bytes));
}

const placeIn = (place: number, length: number): number => (place < 0 ? length + place : place);

function binaryContent(
  { framing }: FramedProfile,
  message: FramedMessage,
  places: readonly FramedPlace[],
  raw: RawNumber,
): number[] {
  const ends = places.map(({ byte = 0, type, length = 0 }) => byte + (widths[type] ?? length));
  const tail = (framing.checkSum ? -framing.checkSum.at : 0) || (framing.end?.length ?? 0);
  const size = message.length ?? (typeof framing.length === 'number' ? framing.length : Math.max(...ends) + tail);
  const bytes: number[] = new Array(size).fill(0);
  put(bytes, 0, [...(framing.start ?? [])]);
  if (framing.end) put(bytes, size - framing.end.length, [...framing.end]);
  for (const mark of message.is) put(bytes, placeIn(mark.byte, size), [...mark.bytes]);
  for (const place of places) {
    const from = placeIn(place.byte ?? 0, size);
    const own = placeBytes(place, raw(place.id) ?? 0);
    put(bytes, from, place.bits ? own.map((byte, index) => byte | (bytes[from + index] ?? 0)) : own);
  }
  return bytes;
}

function put(bytes: number[], from: number, own: readonly number[]): void {
  for (const [index, byte] of own.entries()) bytes[from + index] = byte;
}

function placeBytes({ type, order, bits, length = 0 }: FramedPlace, number: number): number[] {
  const width = widths[type];
  if (width === undefined) return [...characters(type, number, length)].map((one) => one.charCodeAt(0));
  if (type === 'float32') {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, number, order === 'DCBA');
    return [...new Uint8Array(view.buffer)];
  }
  const whole = Math.round(number) * (bits ? 2 ** bits[0] : 1);
  if (type === 'u14') return [Math.floor(whole / 128) % 128, whole % 128];
  const limit = 256 ** width;
  let rest = ((whole % limit) + limit) % limit;
  const bytes = Array.from({ length: width }, () => {
    const byte = rest % 256;
    rest = Math.floor(rest / 256);
    return byte;
  });
  return order === 'DCBA' ? bytes : bytes.reverse();
}

function characters(type: string, number: number, length: number): string {
  switch (type) {
    case 'hex-float32': {
      const view = new DataView(new ArrayBuffer(4));
      view.setFloat32(0, number);
      return view.getUint32(0).toString(16).toUpperCase().padStart(8, '0');
    }
    case 'hex':
      return Math.round(number).toString(16).toUpperCase().padStart(length, '0');
    default: {
      const text = String(Number(number.toPrecision(6)));
      return length > 0 ? text.slice(0, length).padStart(length, ' ') : text;
    }
  }
}

function textContent(
  { framing }: FramedProfile,
  message: FramedMessage,
  places: readonly FramedPlace[],
  raw: RawNumber,
): number[] {
  const { records, separator = '' } = message;
  const fields: string[] = [];
  let named = '';
  for (const { id, type, field, after } of places) {
    const number = raw(id);
    if (number === undefined) continue;
    if (field !== undefined) fields[field] = characters(type, number, 0);
    if (after !== undefined) named += `${after}${characters(type, number, 0)};`;
  }
  const text = Array.from(fields, (field) => field ?? '').join(separator) + named;
  const head = [...(framing.start ?? [])];
  const bytes = [...head, ...new Array(Math.max(0, (records?.byte ?? head.length) - head.length)).fill(0x30)];
  for (const mark of message.is) put(bytes, mark.byte, [...mark.bytes]);
  bytes.push(...[...text].map((one) => one.charCodeAt(0)));
  if (records) bytes.push(...recordBytes(records, places, raw), ...records.until);
  const sumLength = framing.checkSum?.written === 'hex' ? framing.checkSum.bits / 4 : 0;
  return [...bytes, ...new Array(sumLength).fill(0x30), ...(framing.end ?? [])];
}

/** A record for each key that anything is shown of. */
function recordBytes(
  { length, count, key }: NonNullable<FramedMessage['records']>,
  places: readonly FramedPlace[],
  raw: RawNumber,
): number[] {
  const byKey = Map.groupBy(places, ({ record }) => record ?? '');
  return [...byKey].flatMap(([name, own]) => {
    const shown = own.flatMap((place) => {
      const number = raw(place.id);
      return number === undefined
        ? []
        : [{ place, bytes: placeBytes({ ...place, length: place.length ?? 8 }, number) }];
    });
    if (shown.every(({ place }) => place.type === 'hex')) return [];
    const end = Math.max(...shown.map(({ place, bytes }) => (place.byte ?? 0) + bytes.length));
    const counted = count ? Math.ceil((end - length) / count.each) : 0;
    const bytes: number[] = new Array(length + counted * (count?.each ?? 0)).fill(0x30);
    put(
      bytes,
      key.byte,
      [...name].map((one) => one.charCodeAt(0)),
    );
    if (count) {
      const digits = counted.toString(16).toUpperCase().padStart(count.digits, '0');
      put(
        bytes,
        count.byte,
        [...digits].map((one) => one.charCodeAt(0)),
      );
    }
    for (const { place, bytes: value } of shown) put(bytes, place.byte ?? 0, value);
    return bytes;
  });
}

function stateLength({ length }: FramedProfile['framing'], bytes: number[]): void {
  if (length === undefined || typeof length === 'number') return;
  const counted = bytes.length - length.plus;
  if (length.type === 'u8') bytes[length.byte] = counted;
  else put(bytes, length.byte, [Math.floor(counted / 256), counted % 256]);
}

function putCheckSum({ kind, bits, turned, from, to, at, written }: CheckSum, bytes: number[]): void {
  const covered = bytes.slice(placeIn(from, bytes.length), placeIn(to, bytes.length) + 1);
  const limit = 2 ** bits;
  let sum = sums[kind](covered) % limit;
  if (turned === 'negated') sum = (limit - sum) % limit;
  if (turned === 'inverted') sum = limit - 1 - sum;
  const digits = sum
    .toString(16)
    .toUpperCase()
    .padStart(bits / 4, '0');
  const own = written === 'hex' ? [...digits].map((one) => one.charCodeAt(0)) : [...Buffer.from(digits, 'hex')];
  put(bytes, placeIn(at, bytes.length), written === 'low-first' ? own.reverse() : own);
}

const sums: Readonly<Record<CheckSum['kind'], (bytes: readonly number[]) => number>> = {
  sum: (bytes) => bytes.reduce((total, byte) => total + byte, 0),
  xor: (bytes) => bytes.reduce((all, byte) => all ^ byte, 0),
  'crc16-modbus': (bytes) =>
    bitwise(bytes, 0xffff, (register) => (register % 2 === 1 ? Math.floor(register / 2) ^ 0xa001 : register / 2)),
  'crc16-ccitt': (bytes) => {
    let register = 0;
    for (const byte of bytes) {
      register ^= byte * 256;
      for (let bit = 0; bit < 8; bit += 1) {
        register = register >= 0x8000 ? ((register * 2) % 0x10000) ^ 0x1021 : register * 2;
      }
    }
    return register;
  },
};

function bitwise(bytes: readonly number[], first: number, step: (register: number) => number): number {
  let register = first;
  for (const byte of bytes) {
    register ^= byte;
    for (let bit = 0; bit < 8; bit += 1) register = step(register);
  }
  return register;
}

function stuffed({ stuffing, start, end }: FramedProfile['framing'], bytes: readonly number[]): number[] {
  if (!stuffing) return [...bytes];
  const [first, last] = [start?.length ?? 0, bytes.length - (end?.length ?? 0)];
  const codes = new Map(Object.entries(stuffing.codes).map(([code, meant]) => [meant[0], Number.parseInt(code, 16)]));
  return bytes.flatMap((byte, index) => {
    const code = index < first || index >= last ? undefined : codes.get(byte);
    return code === undefined ? [byte] : [stuffing.escape[0] ?? 0, code];
  });
}
