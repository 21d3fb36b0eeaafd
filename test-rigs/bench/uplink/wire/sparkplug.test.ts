import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { minuteRecord } from '../../../surroundings/sample-records.ts';
import { compressedPayload, sparkplugPayload } from './sparkplug.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

test('a payload is the bytes that the message definition gives, field by field', () => {
  const record = { ...minuteRecord(1), average: 1.5, minimum: null, flag: 'B' } as const;
  const at = 'e0 c4 8e c9 a0 34';
  const later = 'c0 99 92 c9 a0 34';
  expect(Date.parse(record.from)).toBe(1_795_449_660_000);
  expect(sparkplugPayload([{ ...record, maximum: 2 }], () => 1, false)).toEqual(
    hex(`08 ${later}
      12 12  10 04  18 ${at}  69 00 00 00 00 00 00 f8 3f
      12 0b  10 05  18 ${at}  38 01
      12 12  10 06  18 ${at}  69 00 00 00 00 00 00 00 40
      12 0c  10 07  18 ${at}  7a 01 42
      18 75`),
  );
});

test('a compressed payload names its algorithm and unpacks to the plain one', () => {
  const plain = sparkplugPayload([minuteRecord(1), minuteRecord(2)], () => 1, true);
  const packed = compressedPayload(plain);
  expect(packed.subarray(2, 20).toString()).toBe('SPBV1.0_COMPRESSED');
  expect(packed.includes('DEFLATE')).toBe(true);
  expect(inflateSync(packed.subarray(packed.indexOf(0x78, 40)))).toEqual(plain);
});
