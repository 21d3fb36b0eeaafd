import { expect, test } from 'vitest';
import { accountOf } from '../../gateway-process/account.ts';
import { Platform } from '../../platform/platform.ts';
import { MosquittoBroker } from '../../surroundings/mosquitto-broker.ts';
import { ProcessSite, until, wait } from '../process-site.ts';

test.each(['3.1.1', '5'] as const)(
  'over MQTT %s on real mosquitto every committed entry is at the platform once',
  async (protocol) => {
    const broker = await MosquittoBroker.start();
    const platform = new Platform({ url: broker.url, protocol });
    try {
      await platform.start();
      await using site = await ProcessSite.start(broker.url, (document) => ({
        ...document,
        samples: { keep: true, commitEvery: '1s' },
        uplinks: [{ id: 'district', kind: 'mqtt', url: broker.url, protocol }],
      }));
      const gateway = await site.run();
      await until('every instrument answers', async () =>
        (await site.picture(gateway)).instruments.every(({ condition }) => condition === 'answering'),
      );
      await wait(3000);
      expect(await gateway.stop()).toBe(0);
      const account = accountOf(site.ledger, platform);
      expect(account).toMatchObject({ missing: 0, conflicts: 0, faults: 0, redelivered: 0 });
      expect(account.received).toBe(account.committed);
    } finally {
      await platform.stop();
      await broker.stop();
    }
  },
);
