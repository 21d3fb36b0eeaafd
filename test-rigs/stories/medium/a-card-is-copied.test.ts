import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Picture } from '../../../gateway/http/picture.ts';
import { runCommand } from '../../gateway-process/gateway-process.ts';
import type { Ledger } from '../../gateway-process/ledger.ts';
import type { DisputeKind } from '../../platform/disputes/dispute-table.ts';
import { Platform } from '../../platform/platform.ts';
import { MosquittoBroker } from '../../surroundings/mosquitto-broker.ts';
import { fast, ProcessSite, until } from '../process-site.ts';

/** Node's options for a gateway that believes to run on the machine of that name. */
const on = (machine: string) => ({
  nodeOptions: ['--import', new URL(`named-machine.mjs?${machine}`, import.meta.url).href],
});

/** A gateway that has sent its first entries and was stopped, and a copy of its card. */
async function withCopy(
  story: (parts: { platform: Platform; site: ProcessSite; copy: ProcessSite; image: string }) => Promise<void>,
): Promise<void> {
  const broker = await MosquittoBroker.start();
  const platform = new Platform({ url: broker.url });
  const image = join(await mkdtemp(join(tmpdir(), 'fenceline-image-')), 'image');
  try {
    await platform.start();
    await using site = await ProcessSite.start(broker.url, (document) => ({
      ...fast(document),
      uplinks: [{ id: 'district', kind: 'mqtt', url: broker.url, acknowledge: 'platform', reconnectWithin: '2s' }],
    }));
    const first = await site.run(on('one'));
    await until('the first entries arrive', () => platform.table.keys > 20);
    expect(await first.stop()).toBe(0);
    await cp(site.directory, image, { recursive: true });
    await using copy = site.beside();
    await cp(image, copy.directory, { recursive: true, force: true });
    await story({ platform, site, copy, image });
  } finally {
    await platform.stop();
    await broker.stop();
    await rm(join(image, '..'), { recursive: true, force: true });
  }
}

/** Committed entries that the platform has neither applied nor keeps beside what it applied. */
function lostOf(ledger: Ledger, platform: Platform): string[] {
  const kept = new Set([...platform.table.rows(), ...platform.table.conflicts(100_000)].map(({ hash }) => hash));
  return [...ledger.hashes].flatMap(([key, hash]) => (kept.has(hash) ? [] : [key]));
}

const kindsOf = (platform: Platform): DisputeKind[] => platform.audit().disputes.map(({ kind }) => kind);
const apartOf = ({ store }: Picture): string | undefined => store.apart?.reason;

async function holds(site: ProcessSite): Promise<boolean> {
  return JSON.parse(await runCommand(['verify', '--site', site.directory, '--json'])).holds;
}

test('a copy that runs beside its original on a like machine: one notices and goes on apart, a fork is reported, and nothing of either is lost', async () => {
  await withCopy(async ({ platform, site, copy }) => {
    const [original, clone] = await Promise.all([
      site.run({ drain: '8s', ...on('one') }),
      copy.run({ drain: '8s', ...on('one') }),
    ]);
    // The broker lets only one of them in at a time, so the one whose entries came first may never hear of the other.
    await until('one of them goes on in an epoch of its own', async () => {
      const pictures = await Promise.all([site.picture(original), copy.picture(clone)]);
      return pictures.some((picture) => apartOf(picture) === 'another-writer');
    });
    expect(await clone.stop()).toBe(0);
    expect(await original.stop()).toBe(0);
    // While both ran, each threw the other out: what the first to stop still held goes out when it has the name alone.
    expect(await (await copy.run(on('one'))).stop()).toBe(0);
    expect([lostOf(site.ledger, platform), lostOf(copy.ledger, platform)]).toEqual([[], []]);
    expect(kindsOf(platform)).toContain('fork');
    expect(kindsOf(platform).filter((kind) => kind !== 'fork' && kind !== 'conflict')).toEqual([]);
    expect([await holds(site), await holds(copy)]).toEqual([true, true]);
  });
});

test('a copy in another box begins an epoch at its first start; the original goes on, and the platform reports the fork', async () => {
  await withCopy(async ({ platform, site, copy }) => {
    const clone = await copy.run({ drain: '5s', ...on('two') });
    expect(apartOf(await copy.picture(clone))).toBe('another-machine');
    const original = await site.run({ drain: '5s', ...on('one') });
    await until('the fork is reported', () => kindsOf(platform).includes('fork'));
    expect(await clone.stop()).toBe(0);
    expect(await original.stop()).toBe(0);
    // While both ran, each threw the other out: what the first to stop still held goes out when it has the name alone.
    expect(await (await copy.run(on('two'))).stop()).toBe(0);
    expect([lostOf(site.ledger, platform), lostOf(copy.ledger, platform)]).toEqual([[], []]);
    expect(platform.table.count('conflicts')).toBe(0);
    expect(new Set(kindsOf(platform))).toEqual(new Set(['fork']));
    expect(await holds(copy)).toBe(true);
  });
});

test('an old copy that is put back goes on in an epoch of its own as soon as the platform is heard, and nothing is lost', async () => {
  await withCopy(async ({ platform, site, copy }) => {
    const held = platform.table.keys;
    const later = await site.run(on('one'));
    await until('later entries arrive', () => platform.table.keys > held + 20);
    expect(await later.stop()).toBe(0);
    const restored = await copy.run(on('one'));
    await until('it goes on apart', async () => apartOf(await copy.picture(restored)) === 'another-writer');
    expect(await restored.stop()).toBe(0);
    expect([lostOf(site.ledger, platform), lostOf(copy.ledger, platform)]).toEqual([[], []]);
    expect(await holds(copy)).toBe(true);
  });
});
