import { type Decoded, decodeRaw } from './decode.ts';
import { factors } from './factors.ts';
import { beijingTime, type Hj212Message } from './hj212-message.ts';
import { convert } from './hj212-units.ts';
import type { Hj212Point } from './profile.ts';

/** Data flags of HJ 212-2017, table 8. */
export const hj212DataFlags = ['N', 'F', 'M', 'S', 'D', 'C', 'T', 'B'] as const;
export type Hj212DataFlag = (typeof hj212DataFlags)[number];

/** What a packet says of one point. */
export interface Hj212Value {
  readonly decoded: Decoded;
  /** As sent; null where none came with the value. */
  readonly flag: Hj212DataFlag | null;
  /** The moment at which the sample was taken, where the packet tells it (SampleTime); milliseconds since the Unix epoch. */
  readonly sampledAt: number | null;
}

/**
 * Reads one point out of a message; undefined where it holds none of the point's codes. A number that comes with flag B
 * or F was not measured, whatever it says (loggers send zeros), and one whose flag nobody knows is not believed: neither
 * is a value. Never throws for what was received.
 */
export function decodeHj212(point: Hj212Point, { items }: Hj212Message): Hj212Value | undefined {
  const item = point.codes.map((code) => items.get(code)).find((one) => one?.has(point.field));
  const text = item?.get(point.field);
  if (item === undefined || text === undefined) return undefined;
  const sent = item.get('Flag');
  const flag = hj212DataFlags.find((one) => one === sent) ?? null;
  const sampleTime = item.get('SampleTime');
  const sampledAt = sampleTime === undefined ? null : beijingTime(sampleTime);
  return { decoded: decodedOf(point, text, sent !== undefined && flag === null ? 'unknown' : flag), flag, sampledAt };
}

function decodedOf(point: Hj212Point, text: string, flag: Hj212DataFlag | 'unknown' | null): Decoded {
  if (flag === 'unknown') return { raw: null, value: null, reason: 'unknown-flag' };
  if (flag === 'B' || flag === 'F') return { raw: null, value: null, reason: 'marked-by-source' };
  if (!/^[+-]?\d{1,12}(\.\d{0,12})?$/.test(text)) return { raw: null, value: null, reason: 'not-a-number' };
  const decoded = decodeRaw(point, Number(text));
  if (decoded.value === null) return decoded;
  return { raw: decoded.raw, value: convert(decoded.value, point.unit, factors[point.factor].unit) };
}
