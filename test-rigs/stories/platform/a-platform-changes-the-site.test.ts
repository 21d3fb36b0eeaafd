import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Command } from '../../../gateway/contract/command.ts';
import type { Json } from '../../../gateway/record/record.ts';
import type { SiteDocument } from '../../../gateway/site/site-schema.ts';
import { accountOf } from '../../gateway-process/account.ts';
import type { GatewayProcess } from '../../gateway-process/gateway-process.ts';
import { freePort } from '../../links/free-port.ts';
import { Platform } from '../../platform/platform.ts';
import { MosquittoBroker } from '../../surroundings/mosquitto-broker.ts';
import { fast, ProcessSite, until, wait } from '../process-site.ts';
import { received } from '../received.ts';
import { seededRandom } from '../seeded-random.ts';

/** A broker, a platform whose key the site names, and the real gateway. */
class Scene implements AsyncDisposable {
  readonly broker: MosquittoBroker;
  readonly platform: Platform;
  readonly site: ProcessSite;
  readonly document: SiteDocument;

  private constructor(broker: MosquittoBroker, platform: Platform, site: ProcessSite, document: SiteDocument) {
    this.broker = broker;
    this.platform = platform;
    this.site = site;
    this.document = document;
  }

  static async start(): Promise<Scene> {
    const broker = await MosquittoBroker.start();
    const platform = new Platform({ url: broker.url });
    await platform.start();
    const platformKeys = [platform.commander.publicKey];
    const site = await ProcessSite.start(broker.url, (document) => {
      const quick = fast(document);
      return {
        ...quick,
        uplinks: (quick.uplinks ?? []).map((one) => ({ ...one, platformKeys, reconnectWithin: '1s' })),
      };
    });
    const document = JSON.parse(await readFile(join(site.directory, 'site.json'), 'utf8'));
    return new Scene(broker, platform, site, document);
  }

  get address(): { area: string; gateway: string } {
    return { area: this.document.gateway.area, gateway: this.document.gateway.id };
  }

  /** The site version that the newest record of the site at the platform names. */
  get base(): string {
    return received(this.platform, 'site').at(-1)?.entry.version ?? '';
  }

  async inForce(): Promise<SiteDocument> {
    return JSON.parse(await readFile(join(this.site.directory, 'site.json'), 'utf8'));
  }

  /** The document with another permit, which nothing depends on. */
  changed(permit: string, more: Partial<SiteDocument> = {}): SiteDocument {
    return { ...this.document, source: { ...this.document.source, permit }, ...more };
  }

  change(document: SiteDocument, within = 20): Command {
    const body = { kind: 'site-change', document: document as unknown as Json, within };
    const command = this.platform.commander.signed(this.address, body, { base: this.base });
    this.platform.commander.send(this.address, command);
    return command;
  }

  async lastWordOn({ id }: Command): Promise<unknown> {
    const { commander } = this.platform;
    await until(`a last word on ${id}`, () => commander.lastWord(id) !== undefined);
    return commander.lastWord(id);
  }

  async run(drain?: string): Promise<GatewayProcess> {
    const known = received(this.platform, 'site').length;
    const gateway = await this.site.run(drain === undefined ? {} : { drain });
    await until('the platform knows the site', () => received(this.platform, 'site').length > known);
    return gateway;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.site[Symbol.asyncDispose]();
    await this.platform.stop();
    await this.broker.stop();
  }
}

test('a site change runs at once and stays once the platform is reached; one with faults, and one of another version, changes nothing', async () => {
  await using scene = await Scene.start();
  const { platform, site } = scene;
  const gateway = await scene.run();
  const old = scene.base;

  const wrong = scene.change({ ...scene.document, points: [] });
  expect(await scene.lastWordOn(wrong)).toMatchObject({ outcome: 'refused', reason: 'site-fault', site: old });
  const gone = scene.change({ ...scene.document, uplinks: [] });
  expect(await scene.lastWordOn(gone)).toMatchObject({ outcome: 'refused', faults: [{ field: 'uplinks.district' }] });
  expect(await scene.inForce()).toEqual(scene.document);

  const wanted = scene.changed('new');
  const change = scene.change(wanted);
  const word = await scene.lastWordOn(change);
  expect(word).toMatchObject({ outcome: 'done', result: { from: old, to: scene.base } });
  expect(platform.commander.repliesTo(change.id).map(({ outcome }) => outcome)).toEqual(['accepted', 'done']);
  expect(await scene.inForce()).toEqual(wanted);
  await until('the trial is over', async () => (await site.picture(gateway)).commands.trial === null);
  expect((await site.picture(gateway)).gateway.site).toBe(scene.base);

  const stale = platform.commander.signed(scene.address, { kind: 'intervals', every: {} }, { base: old });
  platform.commander.send(scene.address, stale);
  expect(await scene.lastWordOn(stale)).toMatchObject({ outcome: 'refused', reason: 'stale' });

  // A small change of the same kind.
  const [instrument] = wanted.instruments;
  const body = { kind: 'intervals', every: { [instrument?.id ?? '']: '250ms' }, within: 20 };
  const faster = platform.commander.signed(scene.address, body, { base: scene.base });
  platform.commander.send(scene.address, faster);
  expect(await scene.lastWordOn(faster)).toMatchObject({ outcome: 'done' });
  expect((await scene.inForce()).instruments[0]?.every).toBe('250ms');

  expect(await gateway.stop()).toBe(0);
  expect(accountOf(site.ledger, platform)).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
});

test('a site change that breaks the uplink is taken back by itself, recorded and reported, and nothing is lost', async () => {
  await using scene = await Scene.start();
  const { platform, site } = scene;
  // The document that is taken back can send nothing on its way out.
  const gateway = await scene.run('5s');
  const old = scene.base;
  const nowhere = `mqtt://127.0.0.1:${await freePort()}`;
  const change = scene.change(
    scene.changed('unreachable', { uplinks: (scene.document.uplinks ?? []).map((one) => ({ ...one, url: nowhere })) }),
    5,
  );
  await until('it is on trial', async () => {
    const picture = await site.picture(gateway).catch(() => null);
    return picture?.commands.trial?.id === change.id;
  });
  expect(await scene.lastWordOn(change)).toMatchObject({ outcome: 'failed', reason: 'rolled-back', site: old });
  expect(await scene.inForce()).toEqual(scene.document);
  await until('it is recorded', () =>
    received(platform, 'audit').some(({ entry }) => entry.action === 'site-rolled-back'),
  );
  // What the broken document's run recorded comes late, after what is fresh.
  await until('all three runs are told', () => received(platform, 'site').length === 3);
  const versions = received(platform, 'site').map(({ entry }) => entry.version);
  expect([versions[0], versions[2], versions[1] === old]).toEqual([old, old, false]);
  expect(await gateway.stop()).toBe(0);
  expect(accountOf(site.ledger, platform)).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
});

test('killed at any moment of a site change, the gateway comes back with the old document or the new one, and says which', async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  await using scene = await Scene.start();
  const { platform, site } = scene;
  let gateway = await scene.run();
  let held = scene.document;
  const words: string[] = [];
  for (let round = 0; round < 4; round++) {
    const wanted = scene.changed(`round ${round}`);
    const change = scene.change(wanted);
    await wait(random() * 600);
    await gateway.kill();
    const { permit } = (await scene.inForce()).source;
    expect([held.source.permit, wanted.source.permit]).toContain(permit);
    gateway = await scene.run();
    // Sent again until its last word comes, as a platform does.
    await until(`round ${round} is told`, async () => {
      if (platform.commander.lastWord(change.id) !== undefined) return true;
      platform.commander.send(scene.address, change);
      await wait(200);
      return false;
    });
    const word = platform.commander.lastWord(change.id);
    words.push(word?.outcome ?? '');
    held = word?.outcome === 'done' ? wanted : held;
    expect(await scene.inForce()).toEqual(held);
    await until('the platform knows what holds', () => received(platform, 'site').at(-1)?.entry.version === word?.site);
  }
  console.log(words.join(' '));
  await until('it is connected', async () => (await site.picture(gateway)).uplinks[0]?.state === 'connected');
  expect(await gateway.stop()).toBe(0);
  expect(accountOf(site.ledger, platform)).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
});
