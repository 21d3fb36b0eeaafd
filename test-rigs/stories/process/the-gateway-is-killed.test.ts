import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Account, accountOf, isComplete } from '../../gateway-process/account.ts';
import type { Ledger } from '../../gateway-process/ledger.ts';
import { readStored, type Stored } from '../../gateway-process/stored.ts';
import { Platform } from '../../platform/platform.ts';
import { AedesBroker } from '../../surroundings/aedes-broker.ts';
import { ProcessSite, until, wait } from '../process-site.ts';
import { seededRandom } from '../seeded-random.ts';

interface Outcome {
  readonly account: Account;
  readonly stored: Stored;
  readonly ledger: Ledger;
  readonly platformHashes: ReadonlyMap<string, string>;
}

/** Milliseconds after which no life begins that is to be killed: a start of a second takes five where much else runs. */
const enough = 60_000;

/**
 * Starts the real gateway and kills it at a random moment, at most so many times, while the broker comes and goes; then lets it
 * run in peace until everything it holds is sent. `mutation`: a module that its Node loads first; each life then goes on at
 * least until it has told of a commit.
 */
async function killed(times: number, seed: number, mutation?: string): Promise<Outcome> {
  const random = seededRandom(seed);
  const broker = await AedesBroker.start();
  const platform = new Platform({ url: broker.url, protocol: '3.1.1' });
  await using site = await ProcessSite.start(broker.url);
  await platform.start();
  const how = { nodeOptions: mutation === undefined ? [] : [`--import=${mutation}`] };
  try {
    const end = performance.now() + enough;
    for (let round = 0; round < times && performance.now() < end; round++) {
      if (random() < 0.6) await broker.cut();
      else await broker.restore();
      const told = site.ledger.size;
      const gateway = await site.run(how);
      await wait(100 + random() * 500);
      if (mutation !== undefined) await until('a commit is told', () => site.ledger.size > told);
      if (random() < 0.4) await broker.restore();
      await wait(random() * 400);
      await gateway.kill();
    }
    await broker.restore();
    const last = await site.run(how);
    await wait(500);
    await until('enough is told', () => site.ledger.size > 100);
    expect(await last.stop()).toBe(0);
    const { ledger } = site;
    const account = accountOf(ledger, platform);
    const platformHashes = new Map(
      platform.table.rows().map((row) => [`${row.stream} ${row.epoch} ${row.seq}`, row.hash]),
    );
    return { account, stored: await readStored(site.directory), ledger, platformHashes };
  } finally {
    await platform.stop();
    await broker.stop();
  }
}

test('kills at random moments during outages lose nothing that was committed, and double nothing', async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  console.log(`seed ${seed}`);
  const { account, stored, ledger, platformHashes } = await killed(20, seed);
  expect(account).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
  // Three accounts of the same thing: what the gateway said outside, what is on its disk, what the platform holds.
  expect(stored.breaks).toEqual([]);
  for (const [key, hash] of ledger.hashes) expect([key, stored.hashes.get(key)]).toEqual([key, hash]);
  expect(new Map(platformHashes)).toEqual(new Map(stored.hashes));
});

test('the same comparison turns red when the store leaves out its commit', async () => {
  const mutation = join(import.meta.dirname, 'without-commit.mjs');
  const { account } = await killed(3, 7, mutation);
  // What was lost is missing, or its place in the sequence was taken by something else.
  expect(account.missing + account.conflicts).toBeGreaterThan(0);
  expect(isComplete(account)).toBe(false);
});
