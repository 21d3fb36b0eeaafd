import { scaled } from './decimal.ts';
import { type Decoded, interpret, type Known, nothingKnown, type Raw } from './decode.ts';
import type { Cadence, Dlt645Point, Dlt645Profile, ProfilePoint } from './profile.ts';

/*
 * A value of DL/T 645: packed BCD, two digits a byte, lowest byte first.
 *
 *   230.3 V as XXX.X      03 23
 *   -1.250 A as XXX.XXX   50 12 80      80: the sign in the top bit of the highest byte
 *   a phase that is not there: FF in every byte, which is no number and no zero
 */

/** One value within the data of an answer. */
interface Dlt645Field {
  readonly point: Dlt645Point;
  /** First byte, counted behind the identifier. */
  readonly at: number;
}

/** One request, and what its answer holds. */
export interface Dlt645Request {
  readonly identifier: string;
  readonly cadence: Cadence;
  readonly fields: readonly Dlt645Field[];
  /** Bytes of data behind the identifier; an answer of another length is not understood. */
  readonly length: number;
  /** For a block: the requests that bring the same, one by one, for a meter that does not know it. */
  readonly apart: readonly Dlt645Request[];
}

/** Bytes that a value takes. */
export function bytesOfFormat({ format }: Pick<Dlt645Point, 'format'>): number {
  return Math.ceil(digitsIn(format) / 2);
}

const digitsIn = (format: string): number => format.replace('.', '').length;

/** The requests that read these points: a block where it saves a request, else one a point. */
export function planDlt645(profile: Dlt645Profile, points: readonly Dlt645Point[] = profile.points): Dlt645Request[] {
  const left = new Set(points);
  const blocks = profile.blocks.flatMap(({ identifier, holds }) => {
    const held = holds.map((one) => profile.points.find((point) => point.identifier === one));
    // A block of which not every value is known cannot be taken apart; its points are then asked for one by one.
    if (!held.every((point) => point !== undefined)) return [];
    const wanted = held.filter((point) => left.has(point));
    if (wanted.length < 2) return [];
    for (const point of wanted) left.delete(point);
    return [blockRequest(identifier, held, new Set(wanted))];
  });
  return [...blocks, ...[...left].map(singleRequest)];
}

function singleRequest(point: Dlt645Point): Dlt645Request {
  const { identifier, cadence } = point;
  return { identifier, cadence, fields: [{ point, at: 0 }], length: bytesOfFormat(point), apart: [] };
}

function blockRequest(
  identifier: string,
  held: readonly Dlt645Point[],
  wanted: ReadonlySet<Dlt645Point>,
): Dlt645Request {
  let length = 0;
  const fields = held.map((point): Dlt645Field => {
    const at = length;
    length += bytesOfFormat(point);
    return { point, at };
  });
  const asked = fields.filter(({ point }) => wanted.has(point));
  const cadence = asked[0]?.point.cadence ?? 'fast';
  return { identifier, cadence, fields: asked, length, apart: asked.map(({ point }) => singleRequest(point)) };
}

/**
 * Reads one value out of the data of an answer that is as long as the request says, as the number that the format shows:
 * in kW where the standard has kW. Digits that are none come back as the text they are; a phase that is not there
 * is null. Never throws.
 */
export function readDlt645({ point, at }: Dlt645Field, data: Uint8Array): Raw | null {
  const bytes = data.slice(at, at + bytesOfFormat(point));
  if (bytes.every((byte) => byte === 0xff)) return null;
  const last = bytes.length - 1;
  const isNegative = point.signed && ((bytes[last] ?? 0) & 0x80) !== 0;
  if (isNegative) bytes[last] = (bytes[last] ?? 0) & 0x7f;
  const digits = Buffer.from(bytes).reverse().toString('hex');
  const surplus = digits.length - digitsIn(point.format);
  // A digit that the format has no place for is as foreign to it as one above 9.
  if (!/^\d+$/.test(digits) || (surplus > 0 && !digits.startsWith('0'.repeat(surplus)))) return digits;
  const decimals = point.format.split('.')[1]?.length ?? 0;
  const shown = scaled(Number(digits), Number(`1e-${decimals}`), 0);
  return isNegative ? -shown : shown;
}

/** What a phase that is not there means: the meter's own mark for no value. */
const decodedAbsent: Decoded = { raw: null, value: null, reason: 'sentinel' };

/**
 * What the points mean, from what was read of them: by id, those that are not there among them. A point that was not
 * read, or leans on one that was not, is not in it.
 */
export function decodeDlt645(
  profile: Dlt645Profile,
  points: readonly ProfilePoint[],
  read: ReadonlyMap<string, Raw | null>,
  known: Known = nothingKnown,
): Map<string, Decoded> {
  const raws = new Map([...read].flatMap(([id, raw]) => (raw === null ? [] : [[id, raw] as const])));
  const decoded = interpret(profile, points, raws, known);
  for (const { id } of points) if (read.get(id) === null) decoded.set(id, decodedAbsent);
  return decoded;
}
