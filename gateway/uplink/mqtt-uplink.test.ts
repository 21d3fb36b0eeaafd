import { afterEach, expect, test } from 'vitest';
import { isClean } from '../../test-rigs/platform/audit.ts';
import { content, signed } from '../../test-rigs/platform/heard.ts';
import type { PlatformOptions } from '../../test-rigs/platform/platform.ts';
import { birthOf, gateway, minuteRecord, reading } from '../../test-rigs/surroundings/sample-records.ts';
import { sceneKey, type UplinkScene, uplinkScene } from '../../test-rigs/surroundings/uplink-scene.ts';
import { topicOf } from '../contract/topics.ts';
import { MqttUplink } from './mqtt-uplink.ts';
import { uplinkSettings } from './settings.ts';

const open: UplinkScene[] = [];
afterEach(async () => {
  for (const scene of open.splice(0)) await scene.end();
});

async function scene(settings: object = {}, platform: PlatformOptions = {}): Promise<UplinkScene> {
  const parsed = uplinkSettings.parse({ id: 'district', kind: 'mqtt', url: 'mqtt://127.0.0.1', ...settings });
  const made = await uplinkScene((options) => new MqttUplink(options), parsed, platform);
  open.push(made);
  return made;
}

test('a commit goes out at once, becomes a row at the platform, and is let go at its receipt', async () => {
  const { clock, store, uplink, platform, held, events } = await scene();
  uplink.start();
  await clock.advance(10);
  await store.append(minuteRecord(1));
  await clock.advance(10);
  expect(platform.audit()).toMatchObject({ received: 1, late: 0, redelivered: 0, missing: [] });
  expect(JSON.parse(platform.table.rows()[0]?.entry ?? '')).toEqual(minuteRecord(1));
  expect(await held()).toBe(0);
  expect(events.at(-1)).toEqual({ kind: 'uplink-acknowledged', uplink: 'district', stream: 'records', entries: 1 });
});

test('after a day without a broker every minute arrives once, in order, marked late, behind what is fresh', async () => {
  const { clock, broker, uplink, platform, minutes, batches, held } = await scene({ window: 4 });
  uplink.start();
  await minutes(2);
  broker.cut();
  await minutes(1440);
  expect(await held()).toBe(1440);
  broker.restore();
  await clock.advance(330_000);
  await minutes(1);
  const audit = platform.audit();
  expect(audit).toMatchObject({ received: 1443, redelivered: 0 });
  expect(audit.late).toBeGreaterThan(1430);
  expect(isClean(audit)).toBe(true);
  const backlog = batches().filter(({ late }) => late);
  expect(backlog.map(({ from }) => from)).toEqual(backlog.map(({ from }) => from).sort((a, b) => a - b));
  expect(await held()).toBe(0);
});

test.each([1, 20])(
  'a fresh minute does not wait for a backlog on a line of 4 kB/s, with a window of %i',
  async (window) => {
    const { clock, broker, store, uplink, platform, held } = await scene({ window });
    broker.cut();
    uplink.start();
    let noise = 1;
    const next = (): number => {
      noise = (Math.imul(noise, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return (noise >>> 8) / 1000;
    };
    for (let n = 0; n < 20_000; n++) {
      void store.append({ ...minuteRecord(n), average: next(), minimum: next(), maximum: next() });
    }
    await clock.advance(120_000);
    broker.restore();
    broker.bytesPerMillisecond = 4;
    while (platform.table.keys === 0) await clock.advance(1000);
    const place = { gateway: gateway.gateway, stream: 'records', epoch: store.epoch };
    const waits: number[] = [];
    for (let n = 0; n < 20; n++) {
      const before = clock.wall();
      const { seq } = await store.append(minuteRecord(n));
      while (!platform.table.have(place).has(seq)) await clock.advance(50);
      waits.push(clock.wall() - before);
      await clock.advance(700);
    }
    expect(await held()).toBeGreaterThan(1000);
    expect(Math.max(...waits)).toBeLessThan(3000);
  },
);

test('a receipt for what another gateway with our key sent lets nothing of ours go: it is sent, and kept beside the other', async () => {
  const { clock, broker, store, uplink, platform, held } = await scene({ acknowledge: 'platform' });
  platform.receive(topicOf(gateway, 'birth'), Buffer.from(JSON.stringify(birthOf(sceneKey))));
  const others = content(1, 5, undefined, (seq) => minuteRecord(seq, 'south-gate'), store.epoch);
  platform.receive(topicOf(gateway, 'data'), signed(others, sceneKey));
  broker.cut();
  const ours: string[] = [];
  for (let n = 1; n <= 5; n++) ours.push((await store.append(minuteRecord(n))).hash);
  uplink.start();
  broker.restore();
  await clock.advance(30_000);
  expect(platform.audit()).toMatchObject({ received: 5, disputes: [{ kind: 'fork', first: 1, last: 5 }] });
  expect(platform.table.conflicts(10).map(({ hash }) => hash)).toEqual(ours);
  expect(await held()).toBe(0);
});

test('a broker that keeps its PUBACKs is left, and what it swallowed is sent again', async () => {
  const { clock, broker, uplink, platform, commit, held, events } = await scene();
  uplink.start();
  await clock.advance(10);
  broker.isSilent = true;
  await commit(3);
  await clock.advance(19_000);
  expect(events.filter(({ kind }) => kind === 'uplink-state')).toHaveLength(2);
  await clock.advance(1000);
  expect(events.at(-1)).toMatchObject({ state: 'waiting', detail: expect.stringContaining('no PUBACK') });
  broker.isSilent = false;
  await clock.advance(10_000);
  expect(platform.audit()).toMatchObject({ received: 3, missing: [] });
  expect(events).toContainEqual(expect.objectContaining({ kind: 'uplink-sent', again: true }));
  expect(await held()).toBe(0);
});

test('with one publish allowed at a time there is never a second', async () => {
  const { clock, broker, uplink, platform, minutes } = await scene();
  broker.receiveMaximum = 1;
  broker.latency = 200;
  broker.cut();
  uplink.start();
  await minutes(50);
  broker.restore();
  await clock.advance(120_000);
  await minutes(5);
  expect(platform.audit()).toMatchObject({ received: 55, redelivered: 0 });
  expect(broker.mostOpen).toBe(1);
});

test('fresh commits that wait for room go out in the order in which they were committed', async () => {
  const { clock, broker, uplink, commit, batches } = await scene();
  broker.receiveMaximum = 1;
  uplink.start();
  await clock.advance(10);
  broker.latency = 500;
  for (let i = 0; i < 5; i++) await commit(1);
  await clock.advance(5000);
  expect(batches().map(({ from, to }) => [from, to])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
    [5, 5],
  ]);
});

test('what a dying broker took and never handed on is sent again, and nothing is missing', async () => {
  const { clock, broker, uplink, platform, commit, held } = await scene();
  uplink.start();
  await clock.advance(10);
  broker.swallow = ({ topic }) => topic.endsWith('/data');
  await commit(5);
  await clock.advance(1000);
  expect(broker.accepted.filter(({ topic }) => topic.endsWith('/data'))).toHaveLength(1);
  expect(await held()).toBe(5);
  broker.swallow = () => false;
  broker.cut();
  broker.restore();
  await clock.advance(10_000);
  expect(platform.audit()).toMatchObject({ received: 5, missing: [] });
  expect(await held()).toBe(0);
});

test('a receipt that does not come makes it send again, after longer and longer times', async () => {
  const { clock, uplink, platform, commit, batches, held } = await scene({}, { receiptAfter: null });
  uplink.start();
  await clock.advance(10);
  await commit(1);
  const counts: number[] = [];
  for (const seconds of [19, 2, 38, 2, 78, 2]) {
    await clock.advance(seconds * 1000);
    counts.push(batches().length);
  }
  // 20 s, then 40 s more, then 80 s more.
  expect(counts).toEqual([1, 2, 2, 3, 3, 4]);
  expect(platform.audit()).toMatchObject({ received: 1, redelivered: 3, conflicts: [] });
  platform.receiptAfter = 0;
  await clock.advance(200_000);
  expect(await held()).toBe(0);
});

test('with a platform that says nothing, no more than the window is under way', async () => {
  const { clock, uplink, commit, batches } = await scene({ window: 3 }, { receiptAfter: null });
  uplink.start();
  await clock.advance(10);
  for (let i = 0; i < 10; i++) {
    await commit(1);
    await clock.advance(100);
  }
  expect(batches()).toHaveLength(3);
});

test('where the broker is trusted, its PUBACK lets go', async () => {
  const { clock, uplink, commit, held } = await scene({ acknowledge: 'broker' }, { receiptAfter: null });
  uplink.start();
  await clock.advance(10);
  await commit(2);
  await clock.advance(10);
  expect(await held()).toBe(0);
});

test('receipts may come twice, in any order, for another epoch, or as nonsense', async () => {
  const { clock, broker, uplink, platform, commit, held, events } = await scene({}, { receiptAfter: null });
  uplink.start();
  await clock.advance(10);
  for (let i = 0; i < 3; i++) {
    await commit(2);
    await clock.advance(10);
  }
  const say = async (receipt: object | string): Promise<void> => {
    const payload = Buffer.from(typeof receipt === 'string' ? receipt : JSON.stringify(receipt));
    broker.route({ topic: topicOf(gateway, 'receipt'), payload, retain: false, contentType: 'application/json' });
    await clock.advance(10);
  };
  const receipt = { v: 1, stream: 'records', epoch: 'epoch-1', have: [[5, 6]], refused: [] };
  await say(receipt);
  await say(receipt);
  expect(await held()).toBe(4);
  await say({ ...receipt, epoch: 'an-older-one', have: [[1, 6]] });
  for (const nonsense of ['', '{', '[]', 'null', '\u0000', { ...receipt, have: [[9, 3]] }, { ...receipt, v: 2 }]) {
    await say(nonsense);
  }
  expect(await held()).toBe(4);
  expect(events.filter(({ kind }) => kind === 'uplink-malformed')).toHaveLength(7);
  await say({
    ...receipt,
    have: [
      [1, 1],
      [3, 4],
    ],
  });
  await say({ ...receipt, have: [[1, 2]] });
  expect(await held()).toBe(0);
  const acknowledged = events.flatMap((event) => (event.kind === 'uplink-acknowledged' ? [event.entries] : []));
  expect(acknowledged).toEqual([2, 3, 1]);
  expect(platform.audit().received).toBe(6);
});

test('an entry that the platform refuses for good is set aside, shown, and never sent again', async () => {
  const { clock, store, uplink, platform, commit, held, batches, events } = await scene(
    {},
    { refuse: (_place, seq) => (seq === 2 ? 'unknown point' : null) },
  );
  uplink.start();
  await clock.advance(10);
  await commit(3);
  await clock.advance(300_000);
  expect(platform.audit()).toMatchObject({ received: 2, refused: 1, missing: [], chainBreaks: [] });
  expect(await held()).toBe(0);
  expect(await store.backlog('district')).toMatchObject({ refused: 1 });
  expect(batches()).toHaveLength(1);
  expect(events).toContainEqual(expect.objectContaining({ kind: 'uplink-refused', seq: 2, reason: 'unknown point' }));
});

test('single readings go out too, unless this platform is not to have them', async () => {
  const wanted = await scene();
  const unwanted = await scene({ sampleStream: false });
  for (const { uplink, store, clock } of [wanted, unwanted]) {
    await store.sample([reading(1)]);
    uplink.start();
    await clock.advance(5000);
    await store.sample([reading(2)]);
    await clock.advance(5000);
    expect(await store.backlog('district')).toMatchObject({ samples: 0 });
  }
  expect(wanted.platform.audit()).toMatchObject({ samples: 2, missing: [] });
  expect(unwanted.platform.audit()).toMatchObject({ samples: 0, missing: [] });
});
