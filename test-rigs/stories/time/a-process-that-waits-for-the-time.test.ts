import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SiteDocument } from '../../../gateway/site/site-schema.ts';
import { accountOf, isComplete } from '../../gateway-process/account.ts';
import { runCommand } from '../../gateway-process/gateway-process.ts';
import { Platform } from '../../platform/platform.ts';
import { AedesBroker } from '../../surroundings/aedes-broker.ts';
import { fast, ProcessSite, until } from '../process-site.ts';
import { received, samplesOf } from '../received.ts';

/** What chronyc says, as `tracking` in its `-c` form. */
const unheard = '00000000,,0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised';
const heard = (): string =>
  `C0A80101,192.168.1.1,2,${Date.now() / 1000},0.00001,0.0,0.0,0.0,0.0,0.0,0.012,0.002,64.0,Normal`;

test('the real process holds what it measures until chrony hears a server, over a restart in the same boot, and then tells all of it once', async () => {
  const broker = await AedesBroker.start();
  const platform = new Platform({ url: broker.url, protocol: '3.1.1' });
  const trusting = (document: SiteDocument): SiteDocument => ({ ...fast(document), clock: { trust: 'ntp' } });
  await using site = await ProcessSite.start(broker.url, trusting);
  await platform.start();
  try {
    // A chronyc of our own, before the one of the machine.
    const programs = join(site.directory, 'programs');
    await mkdir(programs);
    const says = (line: string): Promise<void> => writeFile(join(programs, 'said'), `${line}\n`);
    await says(unheard);
    await writeFile(join(programs, 'chronyc'), '#!/bin/sh\nexec cat "$(dirname "$0")/said"\n');
    await chmod(join(programs, 'chronyc'), 0o755);
    const environment = { PATH: `${programs}:${process.env.PATH}` };

    const began = Date.now();
    const first = await site.run({ environment });
    await until('readings are held', async () => (await site.picture(first)).clock.held.readings > 20);
    const { clock } = await site.picture(first);
    expect(clock).toMatchObject({
      trusted: false,
      source: null,
      why: { en: 'chrony has not heard a time server yet' },
    });
    await expect(runCommand(['doctor', '--site', site.directory, '--lang', 'en'])).rejects.toThrow(/NOT known: chrony/);
    expect(await first.stop()).toBe(0);
    const ended = Date.now();
    expect(platform.table.rows().map(({ kind, stream }) => `${stream} ${kind}`)).toEqual(
      expect.arrayContaining(['records audit', 'samples audit']),
    );
    expect([...received(platform, 'samples'), ...received(platform, 'minute')]).toEqual([]);

    const second = await site.run({ environment });
    await says(heard());
    await until('the time is known', async () => (await site.picture(second)).clock.trusted);
    await until('all is released', async () => (await site.picture(second)).clock.held.readings === 0);
    expect(await second.stop()).toBe(0);

    const instruments = [...new Set(received(platform, 'samples').map(({ entry }) => entry.instrument))];
    const samples = instruments.flatMap((one) => samplesOf(platform, one).map((sample) => ({ ...sample, one })));
    const keys = samples.map(({ one, factor, at }) => `${one} ${factor} ${at}`);
    expect(new Set(keys).size).toBe(keys.length);
    const ofFirst = samples.filter(({ at }) => at <= ended);
    expect(ofFirst.length).toBeGreaterThanOrEqual(clock.held.readings);
    expect(Math.min(...samples.map(({ at }) => at))).toBeGreaterThanOrEqual(began - 1000);
    const starts = received(platform, 'audit').filter(({ entry }) => entry.action === 'gateway-started');
    expect(starts.map(({ entry }) => Date.parse(entry.at) < ended)).toEqual([true, false]);
    expect(isComplete(accountOf(site.ledger, platform))).toBe(true);
  } finally {
    await platform.stop();
    await broker.stop();
  }
});
