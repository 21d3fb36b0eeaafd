import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StorePicture } from '../../../gateway/http/picture.ts';
import { accountOf } from '../../gateway-process/account.ts';
import { Platform } from '../../platform/platform.ts';
import { AedesBroker } from '../../surroundings/aedes-broker.ts';
import { SmallMedium } from '../../surroundings/small-medium.ts';
import { ProcessSite, until } from '../process-site.ts';

/** Why no small file system can be made here; null where it can. */
const reason = SmallMedium.whyNot();

async function smallSite(story: (site: ProcessSite, medium: SmallMedium, platform: Platform) => Promise<void>) {
  const broker = await AedesBroker.start();
  const platform = new Platform({ url: broker.url, protocol: '3.1.1' });
  await using site = await ProcessSite.start(broker.url);
  const document = readFileSync(join(site.directory, 'site.json'), 'utf8');
  const medium = SmallMedium.over(site.directory, 24);
  if (typeof medium === 'string') throw new Error(medium);
  try {
    await site.write(JSON.parse(document));
    await platform.start();
    await story(site, medium, platform);
  } finally {
    medium[Symbol.dispose]();
    await platform.stop();
    await broker.stop();
  }
}

/** The store makes it after some commits. */
const reserveOf = (site: ProcessSite): Promise<void> =>
  until('there is a reserve', () => existsSync(join(site.directory, 'store', 'reserve')));

test.skipIf(reason !== null)(
  'on a full disk the reserve pays first, then the page tells of it and every line goes on, and room heals it',
  () =>
    smallSite(async (site, medium, platform) => {
      const gateway = await site.run();
      const store = async (): Promise<StorePicture> => (await site.picture(gateway)).store;
      const answers = async (): Promise<number[]> =>
        (await site.picture(gateway)).instruments.map(({ counters }) => counters.ok);
      await reserveOf(site);
      medium.fill();
      const paid = site.ledger.size + 10;
      await until('the reserve pays', () => site.ledger.size > paid);
      expect((await store()).fault).toBeNull();
      // Until it is spent as well.
      const isFull = async (): Promise<boolean> => {
        medium.fill();
        return (await store()).fault?.includes('full') ?? false;
      };
      await until('the page tells of it', isFull);
      const before = await answers();
      await until('every line goes on', async () =>
        (await answers()).every((ok, index) => ok >= (before[index] ?? 0) + 2),
      );
      medium.empty();
      await until('commits work again', async () => (await store()).fault === null);
      expect(await gateway.stop()).toBe(0);
      expect(accountOf(site.ledger, platform)).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
    }),
);

test.skipIf(reason !== null)('the gateway starts on a full disk and measures: the reserve pays for the opening', () =>
  smallSite(async (site, medium, platform) => {
    const before = await site.run();
    await reserveOf(site);
    await before.stop();
    medium.fill();
    const gateway = await site.run();
    await until('every instrument answers', async () =>
      (await site.picture(gateway)).instruments.every(({ counters }) => counters.ok > 1),
    );
    medium.empty();
    await until('commits work', async () => (await site.picture(gateway)).store.lastCommitAt !== null);
    expect(await gateway.stop()).toBe(0);
    expect(accountOf(site.ledger, platform)).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
  }),
);

test.skipIf(reason !== null)(
  'a medium that was mounted read-only is refused in words, and the gateway goes on where it was once it is writable',
  () =>
    smallSite(async (site, medium, platform) => {
      const gateway = await site.run();
      await until('records are told', () => site.ledger.size > 5);
      await gateway.kill();
      medium.setWritable(false);
      await expect(site.run()).rejects.toThrow(/cannot be used: EROFS.*writable/);
      medium.setWritable(true);
      const again = await site.run();
      const more = site.ledger.size + 5;
      await until('records are told again', () => site.ledger.size > more);
      expect(await again.stop()).toBe(0);
      expect(accountOf(site.ledger, platform)).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
      expect(new Set([...site.ledger.hashes.keys()].map((key) => key.split(' ')[1])).size).toBe(1);
    }),
);
