import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Picture } from '../../../gateway/http/picture.ts';
import type { SiteDocument } from '../../../gateway/site/site-schema.ts';
import { accountOf } from '../../gateway-process/account.ts';
import type { GatewayProcess } from '../../gateway-process/gateway-process.ts';
import { readStored } from '../../gateway-process/stored.ts';
import { Platform } from '../../platform/platform.ts';
import { AedesBroker } from '../../surroundings/aedes-broker.ts';
import type { DiskFaults } from '../../surroundings/power-cut/disk-switches.ts';
import { PowerCut } from '../../surroundings/power-cut/power-cut.ts';
import { ProcessSite, until } from '../process-site.ts';
import { seededRandom } from '../seeded-random.ts';

/** All of the demo's instruments on its three lines, and windows as short as the site file allows. */
function everyLine(document: SiteDocument): SiteDocument {
  const instruments = document.instruments.map((one) => ({ ...one, every: '500ms' }));
  return { ...document, instruments, records: { commitEvery: '100ms' }, samples: { keep: true, commitEvery: '100ms' } };
}

/** A site whose disk can be made to fail, with everything around it. */
async function failingSite(story: (parts: Parts) => Promise<void>): Promise<void> {
  const broker = await AedesBroker.start();
  const platform = new Platform({ url: broker.url, protocol: '3.1.1' });
  await using site = await ProcessSite.start(broker.url, everyLine);
  using disk = PowerCut.follow(site.directory, { told: 3 });
  await platform.start();
  try {
    await story({ site, platform, disk });
  } finally {
    await platform.stop();
    await broker.stop();
  }
}

/** A change to the gateway's code that lets a story see within seconds what takes minutes. */
const preloaded = (name: string): string =>
  `--import=${join(import.meta.dirname, '..', '..', 'torture', 'mistakes', `${name}.mjs`)}`;

interface Parts {
  readonly site: ProcessSite;
  readonly platform: Platform;
  readonly disk: PowerCut;
}

/** Waits for a picture that is as asked for, and returns it. */
async function untilPicture(
  site: ProcessSite,
  gateway: GatewayProcess,
  what: string,
  isSo: (picture: Picture) => boolean,
): Promise<Picture> {
  let picture = await site.picture(gateway);
  await until(what, async () => {
    picture = await site.picture(gateway);
    return isSo(picture);
  });
  return picture;
}

const answers = ({ instruments }: Picture): number[] => instruments.map(({ counters }) => counters.ok);

/** Passes when every instrument answers twice more. */
async function acquisitionGoesOn(site: ProcessSite, gateway: GatewayProcess): Promise<void> {
  const before = answers(await site.picture(gateway));
  const grown = async (): Promise<boolean> =>
    answers(await site.picture(gateway)).every((ok, index) => ok >= (before[index] ?? 0) + 2);
  await until('every instrument answers on', grown);
}

/** Turns the fault on until the page tells of it and every line has gone on, then off until the page tells of none. */
async function throughFault({ site, disk }: Parts, gateway: GatewayProcess, faults: DiskFaults): Promise<string> {
  disk.switches.turn(faults);
  await until('the page tells of the disk', async () => (await site.picture(gateway)).store.fault !== null);
  const { fault } = (await site.picture(gateway)).store;
  await acquisitionGoesOn(site, gateway);
  expect((await site.picture(gateway)).store.fault).not.toBeNull();
  disk.switches.turn({});
  await until('commits work again', async () => (await site.picture(gateway)).store.fault === null);
  return fault ?? '';
}

test('a disk that refuses writes, fails to sync or is read-only holds up no line; it heals, and a power cut then takes nothing', () =>
  failingSite(async (parts) => {
    const { site, platform, disk } = parts;
    const gateway = await site.run({ environment: disk.environment });
    await until('receipts are kept', () => platform.table.rows().length > 10);
    expect(await throughFault(parts, gateway, { write: 'EIO' })).toContain('disk I/O error');
    expect(await throughFault(parts, gateway, { sync: 'EIO' })).toContain('disk I/O error');
    expect(await throughFault(parts, gateway, { write: 'EROFS' })).toContain('disk I/O error');
    expect(disk.switches.refused).toBeGreaterThan(3);
    await gateway.kill();
    // The kernel forgets what a sync failed to write, and the next sync succeeds: nothing may be built on it.
    const random = seededRandom(3);
    for (let cut = 0; cut < 10; cut++) {
      disk.cut({ rules: cut % 2 === 0 ? 'prefix' : 'reordered', random });
      const stored = await readStored(site.directory);
      expect(stored.breaks).toEqual([]);
      for (const [key, hash] of site.ledger.hashes) expect([key, stored.hashes.get(key)]).toEqual([key, hash]);
    }
  }));

test('a disk that is full in the middle of a commit holds up no line; it heals, and everything arrives', () =>
  failingSite(async (parts) => {
    const { site, platform, disk } = parts;
    const gateway = await site.run({ environment: disk.environment });
    await until('records are told', () => site.ledger.size > 10);
    expect(await throughFault(parts, gateway, { room: 3000 })).toContain('full');
    expect(await gateway.stop()).toBe(0);
    expect(accountOf(site.ledger, platform)).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
  }));

test('samples that a failing disk made it drop are counted on the page, and by an event in the records', () =>
  failingSite(async ({ site, platform, disk }) => {
    const small = preloaded('small-open-group');
    const gateway = await site.run({ environment: disk.environment, nodeOptions: [small] });
    await until('records are told', () => site.ledger.size > 10);
    disk.switches.turn({ write: 'EIO' });
    const dropped = async (): Promise<number> => (await site.picture(gateway)).store.dropped;
    await until('something is dropped', async () => (await dropped()) > 0);
    disk.switches.turn({});
    await until('commits work again', async () => (await site.picture(gateway)).store.fault === null);
    const told = await dropped();
    expect(await gateway.stop()).toBe(0);

    const events = platform.table.rows().flatMap(({ entry }) => {
      const { kind, event, details } = JSON.parse(entry ?? '{}');
      return kind === 'event' && event === 'samples-dropped' ? [details.readings as number] : [];
    });
    expect(events.reduce((sum, one) => sum + one, 0)).toBeGreaterThanOrEqual(told);
    expect(accountOf(site.ledger, platform)).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
  }));

test('a slow disk holds up no line, the page tells of it, and what it committed in the end is whole', () =>
  failingSite(async ({ site, platform, disk }) => {
    const gateway = await site.run({
      environment: disk.environment,
      nodeOptions: [preloaded('impatient-store')],
    });
    await until('records are told', () => site.ledger.size > 10);
    disk.switches.turn({ syncDelay: 1200 });
    const committed = site.ledger.size;
    const before = answers(await site.picture(gateway));
    const { store } = await untilPicture(site, gateway, 'the page tells of it', (one) => one.store.fault !== null);
    expect(store.fault).toContain('the disk stalls');
    await until('a slow commit ends', () => site.ledger.size > committed + 5);
    const after = answers(await site.picture(gateway));
    expect(after.every((ok, index) => ok > (before[index] ?? 0))).toBe(true);
    const { instruments } = await untilPicture(site, gateway, 'it is over', (one) => one.store.fault === null);
    expect(instruments.map(({ counters }) => counters['no-bytes'])).toEqual(instruments.map(() => 0));
    disk.switches.turn({});
    expect(await gateway.stop()).toBe(0);
    expect(accountOf(site.ledger, platform)).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
  }));
