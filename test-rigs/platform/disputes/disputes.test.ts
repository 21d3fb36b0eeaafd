import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type BatchContent, encodeText, toBatch } from '../../../gateway/contract/encode.ts';
import type { AuditRecord, Entry } from '../../../gateway/record/record.ts';
import { newSigningKey, readSigningKey } from '../../../gateway/record/signature.ts';
import { seededRandom } from '../../stories/seeded-random.ts';
import { gateway, minuteRecord } from '../../surroundings/sample-records.ts';
import { auditText, isClean } from '../audit.ts';
import { content, heard, signed } from '../heard.ts';
import type { PlatformOptions } from '../platform.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function listening(options?: PlatformOptions) {
  const one = await heard(stops, options);
  const found = () =>
    one.platform.audit().disputes.map(({ kind, stream, epoch, first, last }) => [kind, stream, epoch, first, last]);
  const takes = async (...batches: readonly BatchContent[]): Promise<void> => {
    for (const batch of batches) await one.say('data', signed(batch));
  };
  return { ...one, found, takes };
}

const south = (seq: number): Entry => minuteRecord(seq, 'south-gate');

/** Batches of so many entries each, one after the other, from `seq` on. */
function history(
  from: number,
  counts: readonly number[],
  before?: string,
  entryOf = minuteRecord as (seq: number) => Entry,
) {
  const batches: BatchContent[] = [];
  let [seq, hash] = [from, before];
  for (const count of counts) {
    const batch = content(seq, count, hash, entryOf);
    batches.push(batch);
    [seq, hash] = [seq + count, batch.after];
  }
  return batches;
}

function begins(epoch: string, previousEpoch: string, previousLastSeq: number): BatchContent {
  const record: AuditRecord = {
    ...{ kind: 'audit', at: '2026-11-24T00:00:00.000+08:00', who: 'gateway', action: 'epoch-begun', revision: 1 },
    details: { epoch, previousEpoch, previousLastSeq, why: 'a test' },
  };
  return content(1, 2, undefined, (seq) => (seq === 1 ? record : minuteRecord(seq)), epoch);
}

test('a fork is named from where the histories part to where the shorter one ends, and what came first stays', async () => {
  const { platform, born, takes, found } = await listening();
  await born();
  const [trunk] = history(1, [4]) as [BatchContent];
  await takes(trunk, ...history(5, [2, 3, 4], trunk.after), ...history(5, [3, 2, 1], trunk.after, south));
  expect(found()).toEqual([['fork', 'records', 'e1', 5, 10]]);
  expect(platform.audit()).toMatchObject({ received: 13, redelivered: 0, chainBreaks: [] });
  expect(platform.table.rows().every(({ entry }) => !entry?.includes('south-gate'))).toBe(true);
  expect(platform.table.conflicts(100).map(({ seq }) => seq)).toEqual([5, 6, 7, 8, 9, 10]);
  expect(auditText(platform.audit())).toMatch(/fork +zl-0001 records e1 5\.\.10: two signed histories/);
});

test('both branches of a fork may go on in turns: no key is lost, none is overwritten, and no break is claimed', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seededRandom(seed);
    const { platform, born, takes } = await listening();
    await born();
    const [trunk] = history(1, [3]) as [BatchContent];
    const [ours, theirs] = [history(4, [2, 1, 3, 2], trunk.after), history(4, [1, 3, 1, 2], trunk.after, south)];
    const sent = [trunk, ...ours, ...theirs].flatMap((batch) => (random() < 0.3 ? [batch, batch] : [batch]));
    const order = sent.map((batch) => ({ batch, at: random() })).sort((a, b) => a.at - b.at);
    await takes(...order.map(({ batch }) => batch));
    const kept = new Set([...platform.table.rows(), ...platform.table.conflicts(100)].map(({ hash }) => hash));
    for (const { after } of sent) expect([seed, kept.has(after)]).toEqual([seed, true]);
    expect([seed, kept.size]).toEqual([seed, 3 + 8 + 7]);
    const { disputes, received } = platform.audit();
    expect([seed, received]).toEqual([seed, 11]);
    expect(disputes.filter(({ kind }) => kind !== 'fork' && kind !== 'conflict')).toEqual([]);
    const first = platform.table.rows().map(({ seq, hash }) => [seq, hash]);
    await takes(...order.map(({ batch }) => batch).reverse());
    expect(platform.table.rows().map(({ seq, hash }) => [seq, hash])).toEqual(first);
  }
});

test('the same key with another content and no common ground is a conflict, and the break before it is named', async () => {
  const { born, takes, found } = await listening();
  await born();
  const [one, two] = history(1, [3, 2]) as [BatchContent, BatchContent];
  await takes(one, two, content(4, 2, 'ab'.repeat(32), south));
  expect(found()).toEqual([
    ['conflict', 'records', 'e1', 4, 5],
    ['chain-break', 'records', 'e1', 3, 3],
  ]);
});

test('a break is settled when the history that it claimed comes after all, and the fork is what is left', async () => {
  const { born, takes, found } = await listening();
  await born();
  const [trunk] = history(1, [2]) as [BatchContent];
  const [ours, theirs] = [history(3, [2, 2], trunk.after), history(3, [2, 2], trunk.after, south)];
  await takes(trunk, ...ours, theirs[1] as BatchContent);
  expect(found().map(([kind]) => kind)).toEqual(['conflict', 'chain-break']);
  await takes(theirs[0] as BatchContent);
  expect(found()).toEqual([
    ['conflict', 'records', 'e1', 5, 6],
    ['fork', 'records', 'e1', 3, 4],
  ]);
});

test('a stretch that is missing is named until it comes', async () => {
  const { born, takes, found } = await listening();
  await born();
  const [one, two, three] = history(1, [3, 2, 4]) as [BatchContent, BatchContent, BatchContent];
  await takes(one, three);
  expect(found()).toEqual([['missing', 'records', 'e1', 4, 5]]);
  await takes(two);
  expect(found()).toEqual([]);
});

test('a batch that was altered, or signed by nobody, by a thief, or before any birth, is named with its numbers and not kept', async () => {
  const { platform, say, born, found } = await listening();
  const [one, two] = history(1, [2, 2]) as [BatchContent, BatchContent];
  await say('data', signed(two));
  expect(found()).toEqual([['unknown-key', 'records', 'e1', 3, 4]]);
  await born();
  expect(found()).toEqual([]);
  const text = JSON.stringify(toBatch(one, gateway.gateway, readSigningKey(newSigningKey())));
  await say('data', encodeText(text).payload);
  await say('data', encodeText(text.replace('[0.1', '[0.7')).payload);
  const thief = readSigningKey(newSigningKey());
  await born(thief);
  await say('data', signed(two, thief));
  await say('data', signed(two, thief));
  expect(found()).toEqual([
    ['altered', 'records', 'e1', 1, 2],
    ['bad-signature', 'records', 'e1', 1, 2],
    ['unknown-key', null, null, null, null],
    ['unknown-key', 'records', 'e1', 3, 4],
  ]);
  expect(platform.audit()).toMatchObject({ received: 0, altered: 1, badSignatures: 3, foreignKeys: 1 });
  expect(auditText(platform.audit())).toMatch(/unknown-key .* 3\.\.4: the key (\d{5} ){6}signed it.*\(2 times\)/);
});

test('a refused key that comes again with another content is disputed as well', async () => {
  const { born, takes, found } = await listening({ refuse: () => 'not wanted' });
  await born();
  await takes(content(1, 2), content(1, 2), content(1, 2, undefined, south));
  expect(found()).toEqual([['fork', 'records', 'e1', 1, 2]]);
});

test('an epoch that goes on after another one followed it is a fork: a clone that noticed, and its original', async () => {
  const { born, takes, found } = await listening();
  await born();
  const [one, two, three] = history(1, [4, 3, 2]) as [BatchContent, BatchContent, BatchContent];
  await takes(one, begins('e2', 'e1', 4));
  expect(found()).toEqual([]);
  await takes(two, three);
  expect(found()).toEqual([['fork', 'records', 'e1', 5, 9]]);
});

test('an epoch that ended with what its end was known to be, and comes late, is no fork', async () => {
  const { platform, born, takes } = await listening();
  await born();
  const [one, two] = history(1, [4, 3]) as [BatchContent, BatchContent];
  // The tail was lost at the gateway after it had been sent; the rest comes late.
  await takes(two, begins('e2', 'e1', 6), one);
  expect(isClean(platform.audit())).toBe(true);
});

test('two epochs that follow the same one are a fork', async () => {
  const { born, takes, found } = await listening();
  await born();
  await takes(content(1, 4), begins('e2', 'e1', 4), begins('e3', 'e1', 4), begins('e3', 'e1', 4));
  expect(found()).toEqual([['fork', 'records', 'e3', 1, 1]]);
});

test('disputes outlive the platform’s process', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fenceline-disputes-'));
  stops.push(async () => rmSync(directory, { recursive: true }));
  const file = join(directory, 'platform.db');
  const first = await listening({ file });
  await first.born();
  await first.takes(content(1, 2), content(1, 2, undefined, south), content(3, 1, 'ab'.repeat(32)));
  await first.say('data', signed(content(4, 1), readSigningKey(newSigningKey())));
  const told = first.found();
  expect(told.map(([kind]) => kind)).toEqual(['fork', 'bad-signature', 'chain-break']);
  expect((await listening({ file })).found()).toEqual(told);
});

test('what floods it is bounded and counted', async () => {
  const { platform, say, born } = await listening();
  await born();
  const thief = readSigningKey(newSigningKey());
  for (let seq = 1; seq <= 1010; seq++) await say('data', signed(content(seq, 1), thief));
  expect(platform.audit()).toMatchObject({ badSignatures: 1010, disputesBeyond: 10 });
  expect(platform.audit().disputes).toHaveLength(1000);
});
