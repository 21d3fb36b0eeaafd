import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { minuteRecord, reading } from '../../test-rigs/surroundings/sample-records.ts';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { LocalTime } from '../clock.ts';
import { signKeyLink } from '../record/key-chain.ts';
import type { KeyRecord } from '../record/record.ts';
import { newSigningKey, publicKeyText, readSigningKey } from '../record/signature.ts';
import type { StoreEvent } from '../store/port.ts';
import { StoreReader } from '../store/reader.ts';
import { openStore, type SqliteStore } from '../store/sqlite-store.ts';
import type { StoreOptions } from '../store/store-options.ts';
import type { ProofReport } from './finding.ts';
import { verifyStore } from './verify-store.ts';

let directory: string;
let clock: SimulatedClock;
let store: SqliteStore | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'proof-'));
  clock = new SimulatedClock();
});

afterEach(async () => {
  await store?.close();
  store = undefined;
  rmSync(directory, { recursive: true });
});

async function opened(more: Partial<StoreOptions> = {}): Promise<SqliteStore> {
  const options = { directory, gateway: 'zl-0001', site: 'site-1', clock, localTime: new LocalTime('Asia/Shanghai') };
  const made = await openStore({ ...options, observe: () => {}, uplinks: ['district'], keepSamples: true, ...more });
  if ('refusal' in made) throw new Error(made.message);
  clock.settleWith(() => made.idle());
  store = made;
  return made;
}

/** Commits of four minutes each, with readings beside them. */
async function filled(more: Partial<StoreOptions> = {}, commits = 8): Promise<void> {
  const made = await opened(more);
  for (let commit = 0; commit < commits; commit++) {
    for (let n = 1; n <= 4; n++) void made.append(minuteRecord(commit * 4 + n));
    void made.sample([reading(commit)]);
    await clock.advance(10_000);
  }
}

async function closed(): Promise<void> {
  await store?.close();
  store = undefined;
}

async function verified(publicKey?: string): Promise<ProofReport> {
  const report = await verifyStore(directory, publicKey);
  if ('fault' in report) throw new Error(report.message);
  return report;
}

function withDatabase(work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(join(directory, 'store', 'store.sqlite'));
  work(database);
  database.close();
}

const found = ({ findings }: ProofReport): unknown[] =>
  findings.map(({ kind, stream, first, last }) => [kind, stream, first, last]);

test('a store that nobody touched holds, beside the running gateway and when it is closed', async () => {
  await filled();
  const running = await verified();
  expect(running).toMatchObject({ findings: [], remarks: [] });
  expect(running.chains).toMatchObject([
    { stream: 'records', first: 1, last: 33, proven: 33, holds: true },
    { stream: 'samples', first: 1, last: 9, proven: 9, holds: true },
  ]);
  await closed();
  expect(await verified()).toEqual(running);
});

test('verifying leaves the files of a store at rest as they were', async () => {
  await filled();
  await closed();
  const files = () =>
    readdirSync(join(directory, 'store')).map((name) => [name, statSync(join(directory, 'store', name)).mtimeMs]);
  const before = files();
  await verified();
  expect(files()).toEqual(before);
});

test('an epoch under another name is found by its chain, its first record and the list beside the store', async () => {
  await filled();
  await closed();
  withDatabase((database) => database.exec(`UPDATE epochs SET id = '1-00000000'`));
  const kinds = (await verified()).findings.map(({ kind }) => kind);
  expect(kinds).toEqual(['epoch-renamed', 'epoch-renamed', 'epoch-list', 'epoch-list']);
});

test('entries that an uplink was told were received, and that are not here, were cut off', async () => {
  await filled();
  const epoch = (await store?.heads())?.[0]?.epoch ?? '';
  await store?.acknowledge('district', 'records', epoch, [[1, 33]]);
  await closed();
  withDatabase((database) => {
    database.exec(`UPDATE claims SET let_go = '[[1,40]]' WHERE stream = 'records'`);
  });
  expect(found(await verified())).toEqual([['cut-short', 'records', 34, 40]]);
});

test('minutes that were recorded as covered, and that are not here, were cut off', async () => {
  await filled();
  await closed();
  withDatabase((database) => database.exec('UPDATE covered SET until = until + 60000'));
  expect((await verified()).findings).toMatchObject([
    { kind: 'cut-short', detail: expect.stringContaining('recorded until') },
  ]);
});

test('an epoch that is struck off the list, one that the store has none of, and a list that is gone', async () => {
  await filled();
  await closed();
  const list = join(directory, 'store', 'epochs');
  const text = readFileSync(list, 'utf8');
  appendFileSync(list, '1-12345678 2026-11-24T00:00:00.000+08:00\n');
  expect((await verified()).findings).toMatchObject([{ kind: 'epoch-list', epoch: '1-12345678' }]);
  writeFileSync(list, text.replace(/^1-\S+/, '1-12345678'));
  expect((await verified()).findings).toHaveLength(2);
  rmSync(list);
  expect((await verified()).findings).toMatchObject([{ kind: 'epoch-list', epoch: null }]);
});

test('a key record must be signed by the key before it, and the key in use must be the newest', async () => {
  const [first, second, thief] = [1, 2, 3].map(() => readSigningKey(newSigningKey()));
  if (!first || !second || !thief) throw new Error('no keys');
  const made = await opened();
  const record = (more: Pick<KeyRecord, 'publicKey' | 'previous' | 'signature'>): KeyRecord => ({
    kind: 'key',
    at: '2026-11-24T00:00:00.000+08:00',
    ...more,
    revision: 1,
  });
  void made.append(record({ publicKey: publicKeyText(first), previous: null, signature: null }));
  void made.append(record(signKeyLink('zl-0001', first, publicKeyText(second))));
  await clock.advance(1000);
  expect(await verified(publicKeyText(second))).toMatchObject({
    findings: [],
    keys: [{ publicKey: publicKeyText(first) }, { publicKey: publicKeyText(second) }],
  });
  expect((await verified(publicKeyText(first))).findings).toMatchObject([{ kind: 'key' }]);
  const forged = signKeyLink('zl-0001', thief, publicKeyText(thief));
  void made.append(record({ ...forged, previous: publicKeyText(second) }));
  await clock.advance(1000);
  expect((await verified()).findings).toMatchObject([
    { kind: 'key', first: 4, detail: expect.stringContaining('not signed') },
  ]);
});

test('what was let go for its age is accounted for: the chain holds over it, also where it took the first record', async () => {
  await filled({ uplinks: [], retention: { records: 40_000, samples: 20_000, limit: null } }, 32);
  // Answered after what the store does behind its last commit.
  await store?.heads();
  const report = await verified();
  expect(report.findings).toEqual([]);
  expect(report.chains).toMatchObject([
    { stream: 'records', first: 1, last: 129, holds: true },
    { stream: 'samples', first: 1, last: 33, holds: true },
  ]);
  for (const { absent, proven, last } of report.chains) {
    expect(absent).toMatchObject([[1, expect.any(Number), 'expired']]);
    expect(proven).toBe(last - (absent[0]?.[1] ?? 0));
  }
});

test('what is let go while it is read is accounted for once: the reading goes on behind what it has read', async () => {
  await filled({ uplinks: [] }, 24);
  const reader = StoreReader.open(directory);
  if ('fault' in reader) throw new Error(reader.message);
  const [epoch] = reader.epochs;
  if (epoch === undefined) throw new Error('the store has no epoch');
  const read = reader.commits('records', epoch);
  const first = [read.next().value, read.next().value, read.next().value];
  await closed();
  await filled({ uplinks: [], retention: { records: 20_000, samples: 20_000, limit: null } }, 16);
  const commits = [...first, ...read];
  reader.close();
  const ends = commits.map((commit) => commit?.to ?? 0);
  expect(commits.map((commit) => commit?.from)).toEqual([1, ...ends.slice(0, -1).map((end) => end + 1)]);
  expect(commits.some((commit) => (commit?.absent.length ?? 0) > 0)).toBe(true);
});

test('a store that was recovered from a damaged one holds; what was lost is accounted for, and the file set aside is named', async () => {
  await filled({}, 40);
  await closed();
  const file = join(directory, 'store', 'store.sqlite');
  const bytes = readFileSync(file);
  bytes.fill(0xff, 100, 400);
  bytes.fill(0xff, Math.floor(bytes.length / 2048) * 1024, Math.floor(bytes.length / 2048) * 1024 + 3072);
  writeFileSync(file, bytes);
  const events: StoreEvent[] = [];
  await opened({ observe: (event) => void events.push(event) });
  await expect.poll(() => events.some((event) => event.kind === 'store-salvage' && event.finished)).toBe(true);
  await clock.advance(10_000);
  const report = await verified();
  expect(report.findings).toEqual([]);
  expect(report.remarks.map(({ en }) => en)).toEqual([
    expect.stringContaining('was set aside as damaged'),
    expect.stringMatching(/^\d+ entries could not be read and are accounted for as lost/),
  ]);
  const lost = report.chains.flatMap(({ absent }) => absent.filter(([, , reason]) => reason === 'lost'));
  expect(lost.length).toBeGreaterThan(0);
});

test('a store that went on apart from another one holds, in both its epochs', async () => {
  await filled({ machine: 'board:aaaa' });
  await closed();
  await filled({ machine: 'board:bbbb' });
  const report = await verified();
  expect(report.findings).toEqual([]);
  expect(report.chains.map(({ holds }) => holds)).toEqual([true, true, true, true]);
});

test('a store that is not there, and one of a newer layout, are named', async () => {
  expect(await verifyStore(directory, undefined)).toMatchObject({ fault: 'absent' });
  await filled();
  await closed();
  withDatabase((database) => database.exec('PRAGMA user_version = 99'));
  expect(await verifyStore(directory, undefined)).toMatchObject({ fault: 'newer' });
});

/** The fourth commit of records: seq 14 to 17. Its body is rewritten as whoever changes the past would do it. */
function rewritten(change: (texts: string[]) => string[]): void {
  withDatabase((database) => {
    const row = database.prepare('SELECT last, body FROM records_blocks ORDER BY last LIMIT 1 OFFSET 4').get();
    const body = row?.body;
    const text = typeof body === 'string' ? body : inflateRawSync(body as unknown as Uint8Array).toString();
    const made = change(text.split('\n')).join('\n');
    const write = database.prepare('UPDATE records_blocks SET body = ?, entries = entries WHERE last = ?');
    write.run(typeof body === 'string' ? made : deflateRawSync(made), row?.last as number);
  });
}

test.each<[string, (texts: string[]) => string[]]>([
  ['a byte in an entry', (texts) => texts.with(1, (texts[1] ?? '').replace('"average":1.4', '"average":0.4'))],
  ['an entry taken out', (texts) => texts.toSpliced(2, 1)],
  ['two entries swapped', ([a = '', b = '', ...rest]) => [b, a, ...rest]],
  ['an entry added', (texts) => [...texts, texts[0] ?? '']],
])('%s is found in the commit it was done to, and nothing else is blamed', async (_, change) => {
  await filled();
  await closed();
  rewritten(change);
  const report = await verified();
  expect(found(report)).toEqual([['altered', 'records', 14, 17]]);
  expect(report.findings[0]?.at).toBe((report.findings[0]?.heldUntil ?? 0) + 10_000);
  expect(report.chains.map(({ holds }) => holds)).toEqual([false, true]);
});

test.each([
  [
    'the hash after a commit',
    'UPDATE records_blocks SET after = zeroblob(32) WHERE last % 65536 = 17',
    'hash-changed',
    14,
    17,
  ],
  [
    'the hash before a commit',
    'UPDATE records_blocks SET before = zeroblob(32) WHERE last % 65536 = 17',
    'does-not-follow',
    14,
    17,
  ],
  ['a commit taken out', 'DELETE FROM records_blocks WHERE last % 65536 = 17', 'lost', 14, 17],
  ['a body that is no text', "UPDATE records_blocks SET body = x'00ff' WHERE last % 65536 = 17", 'altered', 14, 17],
])('%s is found', async (_, statement, kind, first, last) => {
  await filled();
  await closed();
  withDatabase((database) => database.exec(statement));
  expect(found(await verified())[0]).toEqual([kind, 'records', first, last]);
});

test('the end cut off is found by what is known to be covered', async () => {
  await filled();
  await closed();
  withDatabase((database) =>
    database.exec('DELETE FROM records_blocks WHERE last = (SELECT max(last) FROM records_blocks)'),
  );
  expect((await verified()).findings).toMatchObject([{ kind: 'cut-short' }]);
});
