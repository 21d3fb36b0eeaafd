import { expect, test } from 'vitest';
import { fingerprintOf } from '../../../gateway/record/key-chain.ts';
import { accountOf } from '../../gateway-process/account.ts';
import { runCommand } from '../../gateway-process/gateway-process.ts';
import { isClean } from '../../platform/audit.ts';
import { Platform } from '../../platform/platform.ts';
import { MosquittoBroker } from '../../surroundings/mosquitto-broker.ts';
import { ProcessSite, until, wait } from '../process-site.ts';
import { received } from '../received.ts';

interface Shown {
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly keys: number;
}

test('keys are rotated under the running gateway and while it stands: the platform follows, and nothing is lost or doubted', async () => {
  const broker = await MosquittoBroker.start();
  const platform = new Platform({ url: broker.url });
  try {
    await platform.start();
    await using site = await ProcessSite.start(broker.url);
    const command = async (name: string, ...verb: string[]): Promise<unknown> =>
      JSON.parse(await runCommand([name, ...verb, '--site', site.directory, '--json']));
    const first = await site.run();
    await until('minutes and readings arrive', () => platform.table.keys > 20);
    const before = (await command('key', 'show')) as Shown;
    expect((await site.picture(first)).gateway.fingerprint).toBe(before.fingerprint);

    const second = (await command('key', 'rotate', '--yes')) as Shown;
    expect(second).toMatchObject({ keys: 2, fingerprint: fingerprintOf(second.publicKey) });
    expect(second.publicKey).not.toBe(before.publicKey);
    expect((await site.picture(first)).gateway.fingerprint).toBe(second.fingerprint);
    const held = platform.table.keys;
    await until('what the second key signs arrives', () => platform.table.keys > held + 20);
    expect(await first.stop()).toBe(0);

    const third = (await runCommand(['key', 'rotate', '--yes', '--json', '--site', site.directory])).split('\n');
    const again = await site.run();
    await wait(1500);
    expect(await again.stop()).toBe(0);

    const keys = received(platform, 'key').map(({ entry }) => entry.publicKey);
    expect(keys).toEqual([before.publicKey, second.publicKey, expect.any(String)]);
    expect(third.join('\n')).toContain(String(keys[2]));
    const verified = (await command('verify')) as { holds: boolean; keys: { publicKey: string }[] };
    expect(verified).toMatchObject({ holds: true, keys: keys.map((publicKey) => ({ publicKey })) });
    const account = accountOf(site.ledger, platform);
    expect(account).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
    expect(account.received).toBe(account.committed);
    expect(isClean(platform.audit())).toBe(true);
  } finally {
    await platform.stop();
    await broker.stop();
  }
});
