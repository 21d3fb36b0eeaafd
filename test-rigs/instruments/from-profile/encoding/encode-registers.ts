import type { ModbusRead } from '../../../../device-profiles/profile.ts';
import type { Table } from '../../simulated-modbus-slave.ts';

/** Values into registers, by the layouts of the standard and of the types; shares no code with what reads them. */

/** Registers by table and number. */
export class RegisterFile {
  readonly #words = new Map<string, number>();

  get(table: Table, register: number): number | undefined {
    return this.#words.get(`${table}:${register}`);
  }

  /** Writes the bits of the word that the mask names; the others stay. */
  put(table: number, register: number, word: number, mask = 0xffff): void {
    const key = `${table}:${register}`;
    const before = this.#words.get(key) ?? 0;
    this.#words.set(key, (before & ~mask & 0xffff) | (word & mask));
  }
}

type Place = Pick<
  ModbusRead,
  'functionCode' | 'register' | 'type' | 'order' | 'bit' | 'bits' | 'signBit' | 'registers'
>;

/** Most decimal digits of each BCD type. */
const digitsOf: Readonly<Record<string, number>> = { bcd16: 4, bcd32: 8, bcd48: 12, bcd64: 16 };
const widths: Readonly<Record<string, number>> = { u24: 32, s24: 32, u32: 32, s32: 32, u64: 64, s64: 64 };

/** Writes a number, rounded to what the type can hold; the result is the number that then stands there. */
export function writeNumber(file: RegisterFile, place: Place, number: number): number {
  const { functionCode, register, type, bit, bits } = place;
  if (functionCode <= 2) {
    file.put(functionCode, register, number === 0 ? 0 : 1);
    return number === 0 ? 0 : 1;
  }
  if (type === 'bit') {
    file.put(functionCode, register, number === 0 ? 0 : 1 << (bit ?? 0), 1 << (bit ?? 0));
    return number === 0 ? 0 : 1;
  }
  if (type === 'float32' || type === 'float64') {
    putBytes(file, place, floatBytes(type, number));
    return type === 'float32' ? Math.fround(number) : number;
  }
  const whole = Math.round(number);
  if (bits && bits[1] < 16 && type === 'u16') {
    const width = 2 ** (bits[1] - bits[0] + 1);
    file.put(functionCode, register, (whole % width) << bits[0], (width - 1) << bits[0]);
    return whole;
  }
  if (type.endsWith('-high') || type.endsWith('-low')) {
    const isHigh = type.endsWith('-high');
    file.put(functionCode, register, (whole & 0xff) << (isHigh ? 8 : 0), isHigh ? 0xff00 : 0xff);
    return whole;
  }
  putBytes(file, place, type.startsWith('bcd') ? bcdBytes(place, whole) : wholeBytes(type, whole));
  return whole;
}

function floatBytes(type: 'float32' | 'float64', number: number): number[] {
  const view = new DataView(new ArrayBuffer(type === 'float32' ? 4 : 8));
  if (type === 'float32') view.setFloat32(0, number);
  else view.setFloat64(0, number);
  return [...new Uint8Array(view.buffer)];
}

/** Two's complement, high byte first. */
function wholeBytes(type: string, whole: number): number[] {
  const width = widths[type] ?? 16;
  const limit = 2n ** BigInt(width);
  let rest = ((BigInt(whole) % limit) + limit) % limit;
  const bytes: number[] = [];
  for (let index = 0; index < width / 8; index += 1) {
    bytes.unshift(Number(rest % 256n));
    rest /= 256n;
  }
  return bytes;
}

function bcdBytes({ type, signBit }: Place, whole: number): number[] {
  const digits = String(Math.abs(whole)).padStart(digitsOf[type] ?? 4, '0');
  const bytes = (digits.match(/../g) ?? []).map((pair) => Number(pair[0]) * 16 + Number(pair[1]));
  if (signBit && whole < 0) bytes[0] = (bytes[0] ?? 0) + 0x80;
  return bytes;
}

/** Writes ASCII, filled up with zeros. */
export function writeText(file: RegisterFile, place: Place, text: string): void {
  const length = (place.registers ?? 1) * 2;
  putBytes(
    file,
    place,
    Array.from({ length }, (_, at) => text.charCodeAt(at) || 0),
  );
}

/** Writes a moment: local time for the packed kinds, UTC for `time-unix`. */
export function writeTime(file: RegisterFile, place: Place, local: Date): void {
  if (place.type === 'time-unix') {
    putBytes(file, place, wholeBytes('u32', Math.floor(local.getTime() / 1000)));
    return;
  }
  const date = [local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate()];
  const parts = [...date, local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()];
  if (place.type === 'time-registers') {
    putBytes(
      file,
      place,
      parts.flatMap((part) => [Math.floor(part / 256), part % 256]),
    );
    return;
  }
  putBytes(file, place, packedTime(place.type, parts));
}

const bcd = (part: number): number => Math.floor(part / 10) * 16 + (part % 10);

/** The bytes of a packed moment: year, month, day, hour, minute, second. */
function packedTime(type: string, [year = 0, ...rest]: readonly number[]): number[] {
  const [century, short] = [Math.floor(year / 100), year % 100];
  const seven = [Math.floor(year / 256), year % 256, ...rest];
  switch (type) {
    case 'time-bcd':
      return [short, ...rest].map(bcd);
    case 'time-bcd-minutes':
      return [century, short, ...rest.slice(0, 4)].map(bcd);
    case 'time-seven':
      return [...seven, 0];
    case 'time-seven-low':
      return [0, ...seven];
    default:
      return [short, ...rest];
  }
}

/** `bytes` high byte first, as the type writes them; the order says how they are sent. */
function putBytes(file: RegisterFile, { functionCode, register, order }: Place, bytes: readonly number[]): void {
  const words: [number, number][] = [];
  for (let at = 0; at < bytes.length; at += 2) words.push([bytes[at] ?? 0, bytes[at + 1] ?? 0]);
  if (order[0] === 'C' || order[0] === 'D') words.reverse();
  const swapped = order === 'BADC' || order === 'DCBA';
  words.forEach(([high, low], index) => {
    file.put(functionCode, register + index, swapped ? low * 256 + high : high * 256 + low);
  });
}
