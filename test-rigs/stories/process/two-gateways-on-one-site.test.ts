import { expect, test } from 'vitest';
import { accountOf } from '../../gateway-process/account.ts';
import { Platform } from '../../platform/platform.ts';
import { AedesBroker } from '../../surroundings/aedes-broker.ts';
import { ProcessSite, until } from '../process-site.ts';

test('a second gateway on a site refuses and names the process; the first goes on, and its successor is let in', async () => {
  const broker = await AedesBroker.start();
  const platform = new Platform({ url: broker.url, protocol: '3.1.1' });
  await using site = await ProcessSite.start(broker.url);
  await platform.start();
  try {
    const first = await site.run();
    await until('records are told', () => site.ledger.size > 3);
    await expect(site.run()).rejects.toThrow(`is in use by process ${first.pid}; stop that one first`);
    const more = site.ledger.size + 3;
    await until('the first goes on', () => site.ledger.size > more);
    await first.kill();
    const successor = await site.run();
    expect(await successor.stop()).toBe(0);
    expect(accountOf(site.ledger, platform)).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
  } finally {
    await platform.stop();
    await broker.stop();
  }
});
