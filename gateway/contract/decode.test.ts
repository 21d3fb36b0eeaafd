import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { minuteRecord } from '../../test-rigs/surroundings/sample-records.ts';
import { chainStart } from '../record/chain.ts';
import type { Entry } from '../record/record.ts';
import { newSigningKey, publicKeyText, readPublicKey, readSigningKey } from '../record/signature.ts';
import { limits } from './batch.ts';
import { decodeBatch } from './decode.ts';
import { type BatchContent, encodeBatch, toBatch } from './encode.ts';
import { entryFault } from './entry.ts';
import { ContractFault, isFault } from './fields.ts';
import { readTopic, topicOf } from './topics.ts';
import { followChain, verifyBatch } from './verify.ts';

const key = readSigningKey(newSigningKey());
const publicKey = readPublicKey(publicKeyText(key));

function content(count: number, absent: BatchContent['absent'] = []): BatchContent {
  const before = chainStart('zl-0001', 'records', 'e1');
  const gone = new Set(absent.flatMap(([a, b]) => Array.from({ length: b - a + 1 }, (_, i) => a + i)));
  const seqs = Array.from({ length: count }, (_, i) => i + 1).filter((seq) => !gone.has(seq));
  const entries = seqs.map((seq) => ({ seq, entry: minuteRecord(seq) }));
  const { after } = followChain({ before, entries, absent });
  const place = { stream: 'records', epoch: 'e1', from: 1, to: count } as const;
  return { ...place, before, after, site: 's', late: false, entries, absent };
}

const message = (count = 3): Record<string, unknown> => ({ ...toBatch(content(count), 'zl-0001', key) });
const decode = (value: unknown) => decodeBatch(Buffer.from(JSON.stringify(value)));

test('a batch comes back with its entries at their places, packed or not', () => {
  for (const count of [1, 200]) {
    const batch = decodeBatch(encodeBatch(content(count), 'zl-0001', key).payload);
    if (isFault(batch)) throw new Error(batch.fault);
    expect(batch.entries).toEqual(content(count).entries);
    expect(verifyBatch(batch, 'zl-0001', publicKey).wrong).toBeNull();
  }
});

test('a batch of many records is packed, and says so in its first byte', () => {
  const { payload, contentType } = encodeBatch(content(50), 'zl-0001', key);
  expect(contentType).toBe('application/zlib');
  expect(payload[0]).toBe(0x78);
});

test('what is absent keeps its place, at the beginning, in the middle and at the end', () => {
  const hash = 'ab'.repeat(32);
  const batch = decodeBatch(
    encodeBatch(
      content(9, [
        [1, 2, 'lost', hash],
        [5, 5, 'expired', hash],
        [8, 9, 'lost', hash],
      ]),
      'zl-0001',
      key,
    ).payload,
  );
  if (isFault(batch)) throw new Error(batch.fault);
  expect(batch.entries.map(({ seq }) => seq)).toEqual([3, 4, 6, 7]);
  expect(verifyBatch(batch, 'zl-0001', publicKey).wrong).toBeNull();
});

test('whoever carries a batch cannot put "absent" in the place of its entries', () => {
  const original = message(3);
  const forged = { ...original, records: [], absent: [[1, 3, 'lost', original.after]] };
  const batch = decode(forged);
  if (isFault(batch)) throw new Error(batch.fault);
  expect(verifyBatch(batch, 'zl-0001', publicKey).wrong).toBe('signature');
});

test('a batch of another gateway, epoch or stream does not verify', () => {
  const batch = decode(message());
  if (isFault(batch)) throw new Error(batch.fault);
  expect(verifyBatch(batch, 'zl-0002', publicKey).wrong).toBe('signature');
  expect(verifyBatch({ ...batch, epoch: 'e2' }, 'zl-0001', publicKey).wrong).toBe('signature');
  expect(verifyBatch({ ...batch, stream: 'samples' }, 'zl-0001', publicKey).wrong).toBe('signature');
});

test('a batch may carry fields that nobody knows yet', () => {
  expect(isFault(decode({ ...message(), weather: 'fine', fault: 'none of ours' }))).toBe(false);
});

test.each([
  ['another version', { v: 2 }, 'v'],
  ['a last seq that is not covered', { to: 4 }, '1..4'],
  ['too many entries', { to: 2 }, '1..2'],
  ['an end before its beginning', { from: 3, to: 1 }, 'before from'],
  ['absent out of bounds', { absent: [[4, 4, 'lost', 'ab'.repeat(32)]] }, 'absent 4..4'],
  ['a hash that is none', { after: 'xyz' }, 'after'],
  ['another encoding', { encoding: 'rows' }, 'encoding'],
  ['a column that holds nothing', { records: [{ keys: ['a'], rows: 3, columns: [{}] }] }, 'columns'],
  ['a seq beyond exact integers', { from: 2 ** 53, to: 2 ** 53 + 2 }, 'from'],
])('%s is a fault that names itself', (_, change, word) => {
  const batch = decode({ ...message(), ...change });
  expect(batch).toBeInstanceOf(ContractFault);
  expect(batch).toMatchObject({ fault: expect.stringContaining(word) });
});

test('a message that unpacks without end is a fault before it fills the memory', () => {
  const bomb = deflateSync(Buffer.alloc(limits.text * 4, 0x20));
  expect(bomb.byteLength).toBeLessThan(limits.payload);
  expect(decodeBatch(bomb)).toBeInstanceOf(ContractFault);
  expect(decodeBatch(Buffer.alloc(limits.payload + 1, 0x20))).toBeInstanceOf(ContractFault);
  expect(decodeBatch(gzipSync('{}'))).toBeInstanceOf(ContractFault);
});

test('nesting without end is a fault', () => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  const text = JSON.stringify(message()).replace('"columns":[', `"columns":[[${deep},1,2],`);
  expect(decodeBatch(Buffer.from(text))).toBeInstanceOf(ContractFault);
});

test('a number that JSON can write and no double can hold is a fault', () => {
  const text = JSON.stringify(message())
    .replace('"average"', '"average","more"')
    .replace('"columns":[', '"columns":[[1,1,1e999],');
  expect(decodeBatch(Buffer.from(text))).toMatchObject({ fault: expect.stringContaining('too large') });
});

test('whatever the bytes are, the answer is a batch or a fault', () => {
  const { payload } = encodeBatch(content(50), 'zl-0001', key);
  const damage = fc.array(fc.tuple(fc.nat(payload.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), damage, (noise, hits) => {
      expect(decodeBatch(noise)).toBeInstanceOf(ContractFault);
      const hurt = Uint8Array.from(payload);
      for (const [place, byte] of hits) hurt[place] = byte;
      expect(typeof decodeBatch(hurt)).toBe('object');
    }),
    { numRuns: 500 },
  );
});

test('any JSON in any field is a batch or a fault', () => {
  const fields = fc.constantFrom(...Object.keys(message()));
  fc.assert(
    fc.property(fields, fc.jsonValue(), (field, value) => {
      expect(typeof decode({ ...message(), [field]: value })).toBe('object');
    }),
    { numRuns: 500 },
  );
});

test('known kinds are held to their schema, unknown ones are taken', () => {
  expect(entryFault(minuteRecord(1))).toBeNull();
  expect(entryFault({ ...minuteRecord(1), extra: 1, reason: 'a-new-reason', flag: 'Q' })).toBeNull();
  expect(entryFault({ ...minuteRecord(1), average: 'warm' })).toContain('average');
  expect(entryFault({ kind: 'hologram' } as unknown as Entry)).toBeNull();
  expect(entryFault({ kind: 7 })).toContain('kind');
  expect(entryFault({})).toContain('kind');
});

test('topics are built and read, and nothing else is one', () => {
  const address = { area: '320404', gateway: 'zl-0001' };
  expect(topicOf(address, 'data')).toBe('fenceline/v1/320404/zl-0001/data');
  expect(readTopic('fenceline/v1/320404/zl-0001/receipt')).toEqual({ ...address, leaf: 'receipt' });
  for (const topic of [
    '',
    'fenceline/v2/a/b/data',
    'fenceline/v1/a/b/data/x',
    'fenceline/v1/a/+/data',
    'fenceline/v1//b/data',
    'fenceline/v1/a/b/toString',
  ]) {
    expect(readTopic(topic), topic).toBeUndefined();
  }
  expect(() => topicOf({ ...address, gateway: 'a/b' }, 'data')).toThrow(/"a\/b"/);
});
