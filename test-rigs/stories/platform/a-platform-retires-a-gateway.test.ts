import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { accountOf } from '../../gateway-process/account.ts';
import { runCommand } from '../../gateway-process/gateway-process.ts';
import { Platform } from '../../platform/platform.ts';
import { MosquittoBroker } from '../../surroundings/mosquitto-broker.ts';
import { fast, ProcessSite, until, wait } from '../process-site.ts';
import { received } from '../received.ts';

test('a retired gateway delivers everything, reads and sends nothing more, also after a kill, until the site takes it back', async () => {
  const broker = await MosquittoBroker.start();
  const platform = new Platform({ url: broker.url });
  const { commander } = platform;
  try {
    await platform.start();
    await using site = await ProcessSite.start(broker.url, (document) => {
      const quick = fast(document);
      const more = { platformKeys: [commander.publicKey] };
      return { ...quick, uplinks: (quick.uplinks ?? []).map((one) => ({ ...one, ...more })) };
    });
    const first = await site.run();
    await until('readings arrive', () => platform.table.keys > 20);
    const { id: gateway, area } = (await site.picture(first)).gateway;
    const command = commander.signed({ area, gateway }, { kind: 'retire' });
    commander.send({ area, gateway }, command);
    // Killed on its way out.
    await until('it is written down', () => existsSync(join(site.directory, 'retired.json')));
    await first.kill();
    const second = await site.run();
    await until('everything is delivered', () => commander.lastWord(command.id) !== undefined);
    expect(commander.lastWord(command.id)).toMatchObject({ outcome: 'done' });
    await until('it sends no more', async () => (await site.picture(second)).uplinks[0]?.state === 'stopped');
    const { commands } = await site.picture(second);
    expect(commands).toMatchObject({ isReading: false, retired: [{ delivered: true }] });
    const account = accountOf(site.ledger, platform);
    expect(account).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
    expect(account.received).toBe(account.committed);

    expect(await second.stop()).toBe(0);
    const third = await site.run();
    await until('it sends nothing', async () => (await site.picture(third)).uplinks[0]?.state === 'stopped');
    const { sent } = (await site.picture(third)).uplinks[0] ?? {};
    await wait(1000);
    const still = await site.picture(third);
    expect(still.uplinks[0]).toMatchObject({ state: 'stopped', sent });
    expect(still.instruments.flatMap(({ values }) => values).every(({ value }) => value === null)).toBe(true);

    const held = platform.table.keys;
    expect(await runCommand(['resume', '--site', site.directory, '--lang', 'en'])).toContain('taken back');
    await until('it sends again', () => platform.table.keys > held + 20);
    await until('it is recorded', () =>
      received(platform, 'audit').some(({ entry }) => entry.action === 'uplink-resumed' && entry.who === 'site'),
    );
    await expect(runCommand(['resume', '--site', site.directory])).rejects.toThrow('ended with 1');
    expect((await site.picture(third)).commands).toMatchObject({ isReading: true, retired: [] });
    expect(await third.stop()).toBe(0);
    expect(accountOf(site.ledger, platform)).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
  } finally {
    await platform.stop();
    await broker.stop();
  }
});
