import type { KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { encodeText, toBatch } from '../../gateway/contract/encode.ts';
import { signKeyLink } from '../../gateway/record/key-chain.ts';
import type { Entry } from '../../gateway/record/record.ts';
import { newSigningKey, publicKeyText, readSigningKey } from '../../gateway/record/signature.ts';
import { birthOf, gateway, minuteRecord } from '../surroundings/sample-records.ts';
import { auditText, isClean } from './audit.ts';
import { content, heard, key, signed } from './heard.ts';
import type { PlatformOptions } from './platform.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const listening = (options?: PlatformOptions) => heard(stops, options);

test('batches in any order become rows, and the receipts say so', async () => {
  const { platform, say, born, receipts } = await listening();
  await born();
  const first = content(1, 3);
  const second = content(4, 2, first.after);
  await say('data', signed(second));
  expect(platform.audit().missing).toEqual([{ gateway: 'zl-0001', stream: 'records', epoch: 'e1', first: 1, last: 3 }]);
  await say('data', signed(first));
  expect(isClean(platform.audit())).toBe(true);
  expect(platform.table.rows().map(({ seq, copies }) => [seq, copies])).toEqual([1, 2, 3, 4, 5].map((seq) => [seq, 1]));
  expect(receipts().map(({ have }) => have)).toEqual([[[4, 5]], [[1, 3]]]);
});

test('a batch that was altered on its way is reported and not kept', async () => {
  const { platform, say, born, receipts } = await listening();
  await born();
  const batch = toBatch(content(1, 1), gateway.gateway, key);
  const text = JSON.stringify(batch).replace('[0.1]', '[0.7]');
  expect(text).not.toBe(JSON.stringify(batch));
  await say('data', encodeText(text).payload);
  expect(platform.audit()).toMatchObject({ received: 0, altered: 1 });
  expect(isClean(platform.audit())).toBe(false);
  expect(receipts()).toEqual([]);
});

test('a batch that another key signed is reported and not kept', async () => {
  const { platform, say, born } = await listening();
  await born();
  await say('data', signed(content(1, 2), readSigningKey(newSigningKey())));
  expect(platform.audit()).toMatchObject({ received: 0, badSignatures: 1 });
});

test('an enrolled key is trusted, whatever birth says', async () => {
  const { platform, say, born } = await listening({
    enrolled: { [gateway.gateway]: publicKeyText(key) },
  });
  const thief = readSigningKey(newSigningKey());
  await born(thief);
  await say('data', signed(content(1, 2), thief));
  await say('data', signed(content(1, 2)));
  expect(platform.audit()).toMatchObject({ received: 2, foreignKeys: 1, badSignatures: 1 });
});

/** Says the birth of a gateway whose key was rotated through these, and gives the newest of them. */
function rotated(say: (leaf: 'birth', payload: Uint8Array) => Promise<void>, ...keys: KeyObject[]): Promise<void> {
  const newest = keys.at(-1) ?? key;
  const links = keys.slice(1).map((one, index) => signKeyLink('zl-0001', keys[index] ?? key, publicKeyText(one)));
  const first = { publicKey: publicKeyText(keys[0] ?? key), previous: null, signature: null };
  return say('birth', Buffer.from(JSON.stringify({ ...birthOf(newest), keys: [first, ...links] })));
}

test('a rotated key is followed from whatever key of the chain is trusted; the one before holds for what was on its way', async () => {
  const [first, second, third] = [1, 2, 3].map(() => readSigningKey(newSigningKey())) as [
    KeyObject,
    KeyObject,
    KeyObject,
  ];
  const enrolled = { [gateway.gateway]: publicKeyText(second) };
  const { clock, platform, say } = await listening({ enrolled });
  const [one, two] = [content(1, 2), content(3, 2, content(1, 2).after)];
  await rotated(say, first, second, third);
  await say('data', signed(one, third));
  await say('data', signed(two, second));
  expect(platform.audit()).toMatchObject({ received: 4, badSignatures: 0, foreignKeys: 0, formerKeys: 0 });
  await clock.advance(600_001);
  await say('data', signed(two, second));
  await say('data', signed(two, first));
  expect(platform.audit()).toMatchObject({ received: 4, redelivered: 0, badSignatures: 1, formerKeys: 1 });
  expect(isClean(platform.audit())).toBe(false);
});

test('a chain that a key of its own making leads, or that is for another gateway, is not followed', async () => {
  const [thief, loot] = [readSigningKey(newSigningKey()), readSigningKey(newSigningKey())];
  const { platform, say } = await listening({ enrolled: { [gateway.gateway]: publicKeyText(key) } });
  await rotated(say, thief, loot);
  const forOther = signKeyLink('zl-0002', key, publicKeyText(loot));
  await say('birth', Buffer.from(JSON.stringify({ ...birthOf(loot), keys: [forOther] })));
  await say('data', signed(content(1, 2), loot));
  expect(platform.audit()).toMatchObject({ received: 0, foreignKeys: 2, badSignatures: 1 });
});

test('a gateway whose birth never came is not believed', async () => {
  const { platform, say } = await listening();
  await say('data', signed(content(1, 2)));
  expect(platform.audit()).toMatchObject({ received: 0, unknownGateways: 1 });
});

test('a stretch that never came is named, also behind the last batch', async () => {
  const { platform, say, born } = await listening();
  await born();
  const first = content(1, 3);
  await say('data', signed(content(8, 1, 'ab'.repeat(32))));
  await say('data', signed(first));
  const streams = [{ stream: 'records', epoch: 'e1', head: 10, oldest: 1 }];
  const backlog = { records: 2, samples: 0, refused: 0, oldest: null };
  const at = '2026-11-24T00:00:00.000+08:00';
  const status = { v: 1, online: true, session: 's', connectedAt: at, at, every: 60, streams, backlog };
  await say('status', Buffer.from(JSON.stringify(status)));
  expect(platform.audit().missing.map(({ first, last }) => [first, last])).toEqual([
    [4, 7],
    [9, 10],
  ]);
  expect(auditText(platform.audit())).toContain('missing        zl-0001 records e1 4..7');
});

test.each([
  ['in order', [0, 1]],
  ['out of order', [1, 0]],
])('a batch that does not follow from the one before it is a break of the chain, %s', async (_, order) => {
  const { platform, say, born } = await listening();
  await born();
  const batches = [content(1, 3), content(4, 2, 'cd'.repeat(32))];
  for (const i of order) await say('data', signed(batches[i] ?? content(1, 1)));
  expect(platform.audit()).toMatchObject({ received: 5, chainBreaks: [{ seq: 3 }] });
});

test('a first batch that does not begin at the start of its epoch is a break of the chain', async () => {
  const { platform, say, born } = await listening();
  await born();
  await say('data', signed(content(1, 2, 'ef'.repeat(32))));
  expect(platform.audit()).toMatchObject({ chainBreaks: [{ seq: 0 }] });
});

test('two gateways with one identity are a fork: both entries are kept, and it is reported', async () => {
  const { platform, say, born } = await listening();
  await born();
  const first = content(1, 2);
  await say('data', signed(first));
  await say('data', signed(content(3, 2, first.after)));
  await say('data', signed(content(3, 2, first.after, (seq) => minuteRecord(seq, 'south-gate'))));
  const audit = platform.audit();
  expect(audit).toMatchObject({ received: 4, redelivered: 0 });
  expect(audit.conflicts.map(({ seq }) => seq)).toEqual([3, 4]);
  expect(isClean(audit)).toBe(false);
});

test('the same batch twice is one row each, counted as redelivered', async () => {
  const { platform, say, born } = await listening();
  await born();
  await say('data', signed(content(1, 4)));
  await say('data', signed(content(1, 4)));
  expect(platform.audit()).toMatchObject({ received: 4, redelivered: 4, conflicts: [] });
  expect(isClean(platform.audit())).toBe(true);
});

test('a kind that nobody knows yet is stored and acknowledged', async () => {
  const { platform, say, born, receipts } = await listening();
  await born();
  const tomorrow = { kind: 'hologram', depth: 3, words: ['new'] } as unknown as Entry;
  await say('data', signed(content(1, 1, undefined, () => tomorrow)));
  expect(platform.table.rows()).toMatchObject([{ seq: 1, kind: 'hologram' }]);
  expect(receipts()).toMatchObject([{ have: [[1, 1]] }]);
});

test('a known kind that breaks its schema is refused by number, and the rest is taken', async () => {
  const { platform, say, born, receipts } = await listening();
  await born();
  const broken = { ...minuteRecord(2), count: 'many' } as unknown as Entry;
  await say('data', signed(content(1, 3, undefined, (seq) => (seq === 2 ? broken : minuteRecord(seq)))));
  expect(platform.audit()).toMatchObject({ received: 2, refused: 1, missing: [], chainBreaks: [] });
  expect(receipts()).toMatchObject([
    {
      have: [
        [1, 1],
        [3, 3],
      ],
      refused: [[2, expect.stringContaining('count')]],
    },
  ]);
});

test('malformed messages are counted and named, and the next good one is taken', async () => {
  const { broker, clock, platform, say, born } = await listening();
  const good = signed(content(1, 2));
  const nonsense = [
    Buffer.alloc(0),
    Buffer.from('{'),
    Buffer.from([0x78, 0x9c, 1, 2]),
    Buffer.from('{"v":1}'),
    good.slice(0, 40),
  ];
  for (const leaf of ['birth', 'status', 'data'] as const) for (const bytes of nonsense) await say(leaf, bytes);
  broker.route({ topic: 'fenceline/v1/a/b c/data', payload: good, retain: false, contentType: '' });
  await clock.advance(1);
  expect(platform.audit()).toMatchObject({ malformed: 16, received: 0 });
  expect(platform.audit().faults).toHaveLength(16);
  await born();
  await say('data', good);
  expect(platform.audit().received).toBe(2);
});

test('a full picture is given on birth, and survives a restart with its file', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fenceline-platform-'));
  stops.push(async () => rmSync(directory, { recursive: true }));
  const file = join(directory, 'platform.db');
  const first = await listening({ file });
  await first.born();
  await first.say('data', signed(content(1, 4)));
  const second = await listening({ file });
  await second.born();
  expect(second.receipts()).toMatchObject([{ stream: 'records', epoch: 'e1', have: [[1, 4]] }]);
  expect(second.platform.audit().received).toBe(4);
});

test('a receipt can be slow', async () => {
  const { clock, say, born, receipts } = await listening({ receiptAfter: 5000 });
  await born();
  await say('data', signed(content(1, 4)));
  expect(receipts()).toEqual([]);
  await clock.advance(5000);
  expect(receipts()).toHaveLength(1);
});
