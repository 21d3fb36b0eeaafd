import { deflateSync } from 'node:zlib';
import type { PeriodRecord } from '../../../../gateway/record/record.ts';

/*
 * A Sparkplug B payload as an edge node publishes it (NDATA), written by hand: Sparkplug 3.0.0 section 6.4, message
 * `Payload` of sparkplug_b.proto, in Protocol Buffers' wire format. As lean as the specification lets it be: metrics by
 * alias without a name (tck-id-payloads-alias-data-cmd-requirement) and without a datatype
 * (tck-id-payloads-metric-datatype-not-req), each with its timestamp, which is a must
 * (tck-id-payloads-name-birth-data-requirement). Values are doubles: a float would not bring every decimal back.
 */

/** Field numbers in sparkplug_b.proto. */
const payload = { timestamp: 1, metrics: 2, seq: 3, uuid: 4, body: 5 } as const;
const metric = { name: 1, alias: 2, timestamp: 3, isHistorical: 5, isNull: 7, double: 13, string: 15 } as const;

/** Wire types: how a field is laid out. */
const [varintType, fixed64Type, lengthType] = [0, 1, 2];

/** Base 128, the least significant seven bits first. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  while (left >= 128) {
    bytes.push((left % 128) | 128);
    left = Math.floor(left / 128);
  }
  return [...bytes, left];
}

const tag = (field: number, type: number): number[] => varint(field * 8 + type);
const number = (field: number, value: number): number[] => [...tag(field, varintType), ...varint(value)];
const bytes = (field: number, value: Iterable<number> & { readonly length: number }): number[] => [
  ...tag(field, lengthType),
  ...varint(value.length),
  ...value,
];
const text = (field: number, value: string): number[] => bytes(field, Buffer.from(value, 'utf8'));

function double(field: number, value: number): number[] {
  const eight = Buffer.alloc(8);
  eight.writeDoubleLE(value);
  return [...tag(field, fixed64Type), ...eight];
}

/** What a record is to Sparkplug: a metric each for average, minimum and maximum, and one for a flag that is not N. */
function metricsOf(record: PeriodRecord, alias: number, historical: boolean): number[][] {
  const at = Date.parse(record.from);
  const one = (place: number, value: readonly number[]): number[] => [
    ...number(metric.alias, alias * 4 + place),
    ...number(metric.timestamp, at),
    ...(historical ? number(metric.isHistorical, 1) : []),
    ...value,
  ];
  const values = [record.average, record.minimum, record.maximum].map((value, place) =>
    one(place, value === null ? number(metric.isNull, 1) : double(metric.double, value)),
  );
  return record.flag === 'N' ? values : [...values, one(3, text(metric.string, record.flag))];
}

/** One NDATA payload of these records; series get their aliases from `aliasOf`. */
export function sparkplugPayload(
  records: readonly PeriodRecord[],
  aliasOf: (record: PeriodRecord) => number,
  historical: boolean,
): Buffer {
  const body = records.flatMap((record) =>
    metricsOf(record, aliasOf(record), historical).flatMap((one) => bytes(payload.metrics, one)),
  );
  const sent = Date.parse(records.at(-1)?.from ?? '') + 60_000;
  return Buffer.from([...number(payload.timestamp, sent), ...body, ...number(payload.seq, 117)]);
}

/** The same, compressed: the body of another payload that names the algorithm (Sparkplug 3.0.0 section 6.4.30 and on). */
export function compressedPayload(plain: Buffer): Buffer {
  const algorithm = [...text(metric.name, 'algorithm'), ...text(metric.string, 'DEFLATE')];
  const head = [...text(payload.uuid, 'SPBV1.0_COMPRESSED'), ...bytes(payload.metrics, algorithm)];
  return Buffer.from([...head, ...bytes(payload.body, deflateSync(plain))]);
}
