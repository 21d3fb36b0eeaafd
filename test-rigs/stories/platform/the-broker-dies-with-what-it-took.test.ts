import { expect, test } from 'vitest';
import { type Account, accountOf } from '../../gateway-process/account.ts';
import { Platform } from '../../platform/platform.ts';
import { MosquittoBroker } from '../../surroundings/mosquitto-broker.ts';
import { fast, ProcessSite, until, wait } from '../process-site.ts';

/**
 * A real mosquitto without persistence takes batches while no platform reads, is killed with all of it in its memory,
 * and comes back; then the platform connects.
 */
async function brokerDies(acknowledge: 'broker' | 'platform'): Promise<Account> {
  const broker = await MosquittoBroker.start();
  const platform = new Platform({ url: broker.url });
  try {
    await using site = await ProcessSite.start(broker.url, (document) => {
      const uplinks = [{ id: 'district', kind: 'mqtt', url: broker.url, acknowledge, reconnectWithin: '1s' } as const];
      return { ...fast(document), uplinks };
    });
    const gateway = await site.run();
    await until('the broker took something', async () => ((await site.picture(gateway)).uplinks[0]?.sent ?? 0) > 20);
    await broker.kill();
    await wait(500);
    await broker.restart();
    await platform.start();
    await wait(1000);
    expect(await gateway.stop()).toBe(0);
    return accountOf(site.ledger, platform);
  } finally {
    await platform.stop();
    await broker.stop();
  }
}

test('with receipts from the platform, nothing is missing that a dead broker had acknowledged', async () => {
  const account = await brokerDies('platform');
  expect(account).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
  expect(account.committed).toBeGreaterThan(20);
});

test('with the word of the broker alone, what it took with it is missing, and the comparison shows it', async () => {
  expect((await brokerDies('broker')).missing).toBeGreaterThan(0);
});
