import { encodeBatch } from '../../../../gateway/contract/encode.ts';
import { topicOf } from '../../../../gateway/contract/topics.ts';
import { followChain } from '../../../../gateway/contract/verify.ts';
import { chainStart } from '../../../../gateway/record/chain.ts';
import type { PeriodRecord } from '../../../../gateway/record/record.ts';
import { newSigningKey, readSigningKey } from '../../../../gateway/record/signature.ts';
import { batchEntries } from '../../../../gateway/uplink/sender.ts';
import { rounded } from '../../measure/statistics.ts';
import { numbersIn, SiteMinutes } from '../site-minutes.ts';
import { compressedPayload, sparkplugPayload } from './sparkplug.ts';

/** Bytes of a PUBLISH packet (MQTT 5.0 section 3.3, 3.1.1 without `properties`) at QoS 1, whole as TCP carries it. */
function publishBytes(topic: string, payload: number, properties: number | null = 0): number {
  const head = properties === null ? 0 : properties + variableLength(properties);
  const remaining = 2 + Buffer.byteLength(topic) + 2 + head + payload;
  return 1 + variableLength(remaining) + remaining;
}

/** Bytes of a Variable Byte Integer (MQTT 5.0 section 1.5.5). */
function variableLength(value: number): number {
  return value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;
}

export interface WireFigures {
  readonly points: 8 | 50;
  readonly minutes: 1 | 60;
  /** Numbers in so many minutes, on average. */
  readonly numbers: number;
  /** Bytes per number: ours, one JSON message per value, Sparkplug B as it is and compressed. */
  readonly ours: number;
  readonly json: number;
  readonly sparkplug: number;
  readonly sparkplugCompressed: number;
}

const address = { area: '320404', gateway: 'zl-0001' };

/** One message per value, as many brokers see it: a topic per value, time in milliseconds, value, and the flag. */
function jsonBytes(records: readonly PeriodRecord[]): number {
  let bytes = 0;
  for (const record of records) {
    for (const name of ['average', 'minimum', 'maximum'] as const) {
      const message = { ts: Date.parse(record.from), value: record[name], flag: record.flag };
      const topic = `${address.area}/${address.gateway}/${record.point}/${record.factor}/${name}`;
      bytes += publishBytes(topic, JSON.stringify(message).length);
    }
  }
  return bytes;
}

function sparkplugBytes(records: readonly PeriodRecord[], site: SiteMinutes, historical: boolean): [number, number] {
  const aliases = new Map(site.series.map(({ point, factor }, index) => [`${point}/${factor}`, index]));
  const plain = sparkplugPayload(records, ({ point, factor }) => aliases.get(`${point}/${factor}`) ?? 0, historical);
  const topic = `spBv1.0/${address.area}/NDATA/${address.gateway}`;
  // A compressed payload is sent where it is the smaller one.
  const packed = Math.min(plain.length, compressedPayload(plain).length);
  return [publishBytes(topic, plain.length), publishBytes(topic, packed)];
}

/**
 * Bytes of the same minutes in each form, topic and packet included, in batches as the sender makes them; `minutes` of 1
 * is fresh, of 60 is backlog.
 */
export function measureWire(points: 8 | 50, minutes: 1 | 60, batches: number): WireFigures {
  const site = new SiteMinutes(points, 7);
  const key = readSigningKey(newSigningKey());
  // Some way into an epoch: numbers of five and six digits, as after a day or a week.
  let seq = 60_001;
  let before = chainStart(address.gateway, 'records', '1-3f9a2c71');
  let [numbers, ours, json, sparkplug, sparkplugCompressed] = [0, 0, 0, 0, 0];
  for (let batch = 0; batch < batches; batch++) {
    const records = site.minutes(minutes);
    for (let start = 0; start < records.length; start += batchEntries) {
      const entries = records.slice(start, start + batchEntries).map((entry, i) => ({ seq: seq + i, entry }));
      const { after } = followChain({ before, entries, absent: [] });
      const place = { stream: 'records', epoch: '1-3f9a2c71', from: seq, to: seq + entries.length - 1 } as const;
      const content = { ...place, before, after, site: '5a0d3c1be1f2a790', late: minutes > 1, entries, absent: [] };
      const { payload } = encodeBatch(content, address.gateway, key);
      ours += publishBytes(topicOf(address, 'data'), payload.length);
      [before, seq] = [after, seq + entries.length];
    }
    json += jsonBytes(records);
    const [plain, packed] = sparkplugBytes(records, site, minutes > 1);
    sparkplug += plain;
    sparkplugCompressed += packed;
    numbers += numbersIn(records);
  }
  const per = (bytes: number): number => rounded(bytes / numbers, 2);
  const peers = { json: per(json), sparkplug: per(sparkplug), sparkplugCompressed: per(sparkplugCompressed) };
  return { points, minutes, numbers: Math.round(numbers / batches), ours: per(ours), ...peers };
}
