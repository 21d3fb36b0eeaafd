import { expect, test } from 'vitest';
import type { LinkPicture, Picture } from '../../../gateway/http/picture.ts';
import type { SampleBlock } from '../../../gateway/record/record.ts';
import { accountOf } from '../../gateway-process/account.ts';
import { counting, SimulatedModbusSlave } from '../../instruments/simulated-modbus-slave.ts';
import { TtyAdapter } from '../../links/tty-pair.ts';
import { Platform } from '../../platform/platform.ts';
import { AedesBroker } from '../../surroundings/aedes-broker.ts';
import { ProcessSite, until } from '../process-site.ts';

const lineOf = (picture: Picture): LinkPicture => picture.links[0] as LinkPicture;

/** One value as the platform has it. */
interface Sample {
  readonly value: number | null;
  readonly flag: string;
}

/** Every sample of PM10 that the platform holds, in order. */
function pm10At(platform: Platform): Sample[] {
  return platform.table
    .rows()
    .filter(({ kind }) => kind === 'samples')
    .flatMap(({ entry }) => {
      const { series, values, flags } = JSON.parse(entry ?? '') as SampleBlock;
      const row = series.findIndex(({ factor }) => factor === 'pm10');
      return (values[row] ?? []).map((value, time) => ({ value, flag: flags[row]?.[time] ?? '' }));
    });
}

const flagsAt = (platform: Platform): string =>
  pm10At(platform)
    .map(({ flag }) => flag)
    .join('');

test('a serial adapter that vanishes and comes back under another name is polled again by itself', async () => {
  const adapter = await TtyAdapter.plugIn({ baudRate: 9600 });
  const broker = await AedesBroker.start();
  const platform = new Platform({ url: broker.url, protocol: '3.1.1' });
  const registers = counting();
  new SimulatedModbusSlave({ address: 3, registers }).serveRtu(adapter.line);
  try {
    await platform.start();
    await using site = await ProcessSite.start(broker.url, (document) => ({
      ...document,
      links: { 'rs485-1': { kind: 'serial', path: adapter.path, baudRate: 9600, listenFirst: '0s' } },
      points: [{ id: 'gate' }],
      instruments: [
        { id: 'dust-1', profile: 'jxct/jxbs-3001-pm', link: 'rs485-1', address: 3, every: '200ms', point: 'gate' },
      ],
      samples: { keep: true, commitEvery: '200ms' },
    }));
    const gateway = await site.run();
    const line = async (): Promise<LinkPicture> => lineOf(await site.picture(gateway));
    await until('the instrument answers', async () => (await line()).counters.ok > 5);
    await adapter.unplug();
    await until('the line is told to be lost', async () => (await line()).state === 'closed');
    expect((await line()).fault).not.toBeNull();
    await until('its absence has arrived', () => /B{3}/.test(flagsAt(platform)));
    const before = (await line()).counters.ok;
    await adapter.replug();
    await until('the line is open again', async () => (await line()).state === 'open');
    await until('the instrument answers again', async () => (await line()).counters.ok > before + 5);
    expect(await gateway.stop()).toBe(0);

    expect(accountOf(site.ledger, platform)).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
    const samples = pm10At(platform);
    // PM10 stands in register 9 of table 3: the slave gives (9 x 7 + 3 x 64) mod 256 in the high byte, a count below it.
    for (const { value, flag } of samples) {
      if (flag === 'N') expect(Math.floor((value ?? 0) / 256)).toBe((9 * 7 + 3 * 64) & 0xff);
      else expect([value, flag]).toEqual([null, 'B']);
    }
    expect(flagsAt(platform)).toMatch(/N.*B{3}.*N/);
  } finally {
    await platform.stop();
    await broker.stop();
    await adapter.remove();
  }
});
