import { type Decoded, interpret, type Known, nothingKnown, type Raw } from './decode.ts';
import { beijingTime, type Hj212Message } from './hj212-message.ts';
import { type Hj212Point, type Hj212Profile, pointsOf } from './profile.ts';
import { instrumentFlags } from './shape/status.ts';
import type { StatedState } from './value/decoded.ts';

/** What a packet says of one point. */
export interface Hj212Value {
  readonly decoded: Decoded;
  /**
   * The moment at which the sample was taken, where the packet tells it (SampleTime), milliseconds since the Unix epoch;
   * `unreadable` where what it tells is no date.
   */
  readonly sampledAt: number | 'unreadable' | null;
}

/**
 * Reads every point that a message holds, and what is computed of them, by id. A number that comes with flag B or F was
 * not measured, whatever it says (loggers send zeros), and one whose flag nobody knows is not believed: neither is a
 * value. A value without a flag is taken as it is. Never throws for what was received.
 */
export function decodeHj212(
  profile: Hj212Profile,
  message: Hj212Message,
  known: Known = nothingKnown,
): Map<string, Hj212Value> {
  const raws = new Map<string, Raw>();
  const items = new Map<string, ReadonlyMap<string, string>>();
  for (const point of profile.points) {
    const item = itemOf(point, message);
    if (item === undefined) continue;
    items.set(point.id, item);
    raws.set(point.id, rawOf(item.get(point.field) ?? ''));
  }
  const decoded = interpret(profile, pointsOf(profile), raws, known);
  return new Map(
    [...decoded].map(([id, value]): [string, Hj212Value] => {
      const item = items.get(id);
      const sampleTime = item?.get('SampleTime');
      const sampledAt = sampleTime === undefined ? null : (beijingTime(sampleTime) ?? 'unreadable');
      return [id, { decoded: item === undefined ? value : withFlag(value, item.get('Flag')), sampledAt }];
    }),
  );
}

function itemOf({ codes, field }: Hj212Point, { items }: Hj212Message): ReadonlyMap<string, string> | undefined {
  return codes.map((code) => items.get(code)).find((item) => item?.has(field));
}

/** The number of a text, or the text where it is none. */
function rawOf(text: string): Raw {
  return /^[+-]?\d{1,12}(\.\d{0,12})?$/.test(text) ? Number(text) : text;
}

/** Adds what the source says of the value (table 8). */
function withFlag(decoded: Decoded, sent: string | undefined): Decoded {
  if (sent === undefined || sent === 'N') return decoded;
  const flag = instrumentFlags.find((one) => one === sent);
  if (flag !== undefined && flag !== 'B' && flag !== 'F') return { ...decoded, state: { flag } };
  return { raw: decoded.raw, value: null, reason: 'instrument-status', state: flag ? { flag } : unknownFlag(sent) };
}

const unknownFlag = (sent: string): StatedState => ({
  flag: 'D',
  zh: `数据标记 "${sent.slice(0, 8)}" 不在标准中`,
  en: `marked "${sent.slice(0, 8)}", which is no flag of the standard`,
});
