import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LocalTime, systemClock, type WallTime } from '../../../gateway/clock.ts';
import { type ExportOutcome, type ExportTask, exportStore } from '../../../gateway/export/export-store.ts';
import { verifyExport } from '../../../gateway/proof/verify-export.ts';
import { openStore } from '../../../gateway/store/sqlite-store.ts';
import { type ExportedSite, exportedSite, exportTask, minutes } from '../../surroundings/exported-site.ts';
import { SmallMedium } from '../../surroundings/small-medium.ts';

/** Why a medium cannot be put in and pulled out here; null where it can. */
const reason = SmallMedium.whyNot();

let site: ExportedSite;
beforeEach(async () => {
  site = await exportedSite();
});
afterEach(() => rmSync(site.root, { recursive: true, force: true }));

async function exported(of: ExportTask, onPart?: (parts: number) => void): Promise<ExportOutcome> {
  const outcome = await exportStore(of, ({ doing, parts }) => doing === 'writing' && onPart?.(parts));
  if ('message' in outcome) throw new Error(outcome.message);
  return outcome;
}

async function findings(out: string): Promise<unknown> {
  const report = await verifyExport(out, site.keys.publicKey);
  return 'message' in report ? report.message : report.findings;
}

/** A stick: its content survives being pulled out. */
function stick(): { readonly at: string; put(): void; pull(): void } {
  const [content, at] = [site.out('content'), site.out('stick')];
  for (const path of [content, at]) mkdirSync(path);
  const run = (...command: [string, ...string[]]): void => {
    const [program, ...args] = command;
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
  };
  return { at, put: () => run('mount', '--bind', content, at), pull: () => run('umount', '--lazy', at) };
}

test.skipIf(reason !== null)('a stick that is pulled out in the middle and put back holds a whole export', async () => {
  await site.append(minutes(3000));
  const { at, put, pull } = stick();
  const task = exportTask(site, 'stick/november', { partBytes: 50_000 });
  put();
  const first = await exported(task, (parts) => {
    if (parts === 3 && readdirSync(at).length > 0) pull();
  });
  expect(first).toMatchObject({ state: 'stopped', fault: { why: 'gone' }, parts: 3 });
  // Nothing is written where the stick was, which is the gateway's own card.
  expect(readdirSync(at)).toEqual([]);
  put();
  try {
    expect(await exported(task)).toMatchObject({ state: 'whole', kept: 3, entries: 3001 });
    expect(await findings(task.out)).toEqual([]);
  } finally {
    pull();
  }
});

test.skipIf(reason !== null)('a stick that is full says so, and goes on when there is room again', async () => {
  await site.append(minutes(6000));
  mkdirSync(site.out('stick'));
  const medium = SmallMedium.over(site.out('stick'), 8);
  if (typeof medium === 'string') throw new Error(medium);
  try {
    const task = exportTask(site, 'stick/all', { partBytes: 300_000 });
    const first = await exported(task, (parts) => {
      if (parts === 2) medium.fill();
    });
    expect(first).toMatchObject({ state: 'stopped', fault: { why: 'full' }, parts: 2 });
    medium.empty();
    expect(await exported(task)).toMatchObject({ state: 'whole', kept: 2, entries: 6001 });
    expect(await findings(task.out)).toEqual([]);
    for (const name of readdirSync(task.out)) expect(statSync(join(task.out, name)).size).toBeLessThan(600_000);
  } finally {
    medium[Symbol.dispose]();
  }
});

test('an export goes on beside a gateway that writes, and ends where the store stood when it began', async () => {
  await site.append(minutes(1500));
  const options = { directory: site.directory, gateway: 'zl-0001', site: 'site-1', clock: systemClock };
  const store = await openStore({
    ...options,
    localTime: new LocalTime('Asia/Shanghai'),
    observe: () => {},
    uplinks: [],
    keepSamples: false,
    windows: { records: 1, samples: 1 },
  });
  if ('refusal' in store) throw new Error(store.message);
  await Promise.all(minutes(1, 4000).map((record) => store.append(record)));
  const task = exportTask(site, 'beside', { partBytes: 10_000 });
  const appended: Promise<unknown>[] = [];
  const outcome = await exported(task, () => {
    appended.push(...minutes(5, 5000 + appended.length).map((record) => store.append(record)));
  });
  await Promise.all(appended);
  await store.close();
  expect(outcome).toMatchObject({ state: 'whole', entries: 1502 });
  expect(appended.length).toBeGreaterThan(20);
  expect(await findings(task.out)).toEqual([]);
});

test('a gateway that is started in the middle of an export of its store at rest does not end it', async () => {
  await site.append(minutes(1500));
  const file = join(site.directory, 'store', 'store.sqlite');
  // Opens it as a gateway does, commits, and is killed, so that its log stays.
  const program = `const { DatabaseSync } = require('node:sqlite');
    const database = new DatabaseSync(${JSON.stringify(file)});
    database.exec("PRAGMA journal_mode = WAL; INSERT INTO notes VALUES ('test', 'x')");
    process.kill(process.pid, 'SIGKILL');`;
  let started = 0;
  const outcome = await exported(exportTask(site, 'woken', { partBytes: 10_000 }), (parts) => {
    if (parts !== 2 || started++ > 0) return;
    spawnSync(process.execPath, ['-e', program]);
    expect(readdirSync(join(site.directory, 'store'))).toContain('store.sqlite-wal');
  });
  expect(outcome).toMatchObject({ state: 'whole', kept: 2, entries: 1501 });
  expect(await findings(site.out('woken'))).toEqual([]);
});

test('what retention lets go between two attempts is told as absent, and the chain still holds', async () => {
  await site.append(minutes(3000));
  const stop = new AbortController();
  const task = exportTask(site, 'years', { partBytes: 100_000 });
  const first = await exported({ ...task, signal: stop.signal }, (parts) => {
    if (parts === 2) stop.abort();
  });
  expect(first).toMatchObject({ state: 'stopped', parts: 2 });
  // Six years on: what was kept for five goes.
  const clock = { ...systemClock, wall: () => (Date.now() + 6 * 365.25 * 86_400_000) as WallTime };
  await site.append(minutes(3000, 5000), 0, { clock });
  const second = await exported(task);
  expect(second).toMatchObject({ state: 'whole', kept: 2 });
  expect(second.entries).toBeLessThan(3001);
  expect(second.entries).toBeGreaterThanOrEqual(first.entries);
  const report = await verifyExport(task.out, site.keys.publicKey);
  if ('message' in report) throw new Error(report.message);
  expect(report.findings).toEqual([]);
  expect(report.chains[0]?.absent).toMatchObject([[first.entries + 1, expect.any(Number), 'expired']]);
});
