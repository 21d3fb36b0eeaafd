import { afterEach, expect, test } from 'vitest';
import { isClean } from '../../test-rigs/platform/audit.ts';
import { minuteRecord } from '../../test-rigs/surroundings/sample-records.ts';
import { type UplinkScene, uplinkScene } from '../../test-rigs/surroundings/uplink-scene.ts';
import { birthSchema } from '../contract/birth.ts';
import { statusSchema } from '../contract/status.ts';
import { Backoff } from './backoff.ts';
import { MqttUplink } from './mqtt-uplink.ts';
import { uplinkSettings } from './settings.ts';

const open: UplinkScene[] = [];
afterEach(async () => {
  for (const scene of open.splice(0)) await scene.end();
});

async function scene(settings: object = {}): Promise<UplinkScene> {
  const parsed = uplinkSettings.parse({ id: 'district', kind: 'mqtt', url: 'mqtt://127.0.0.1', ...settings });
  const made = await uplinkScene((options) => new MqttUplink(options), parsed);
  open.push(made);
  return made;
}

test('birth and status are said on every connect, retained, before any batch', async () => {
  const { clock, broker, uplink, commit, said } = await scene({ statusEvery: '30s' });
  await commit(1);
  uplink.start();
  await clock.advance(10_000);
  const topics = broker.accepted.map(({ topic }) => topic.split('/').at(-1));
  expect(topics.slice(0, 2)).toEqual(['birth', 'status']);
  expect(topics).toContain('data');
  expect(birthSchema.safeParse(said('birth')[0]).success).toBe(true);
  expect(said('status')[0]).toMatchObject({
    online: true,
    every: 30,
    streams: [
      { stream: 'records', epoch: 'epoch-1', head: 1, oldest: 1 },
      { stream: 'samples', epoch: 'epoch-1', head: 0 },
    ],
    backlog: { records: 1, refused: 0 },
  });
  expect(broker.accepted.filter(({ retain }) => retain)).toHaveLength(2);
  broker.cut();
  broker.restore();
  await clock.advance(10_000);
  expect(said('birth')).toHaveLength(2);
});

test('status is repeated on its cadence, and every one is what the schema promises', async () => {
  const { clock, uplink, said } = await scene({ statusEvery: '30s' });
  uplink.start();
  await clock.advance(95_000);
  expect(said('status')).toHaveLength(4);
  for (const status of said('status')) expect(statusSchema.safeParse(status).success).toBe(true);
});

test('a changed birth document is said again at once', async () => {
  const { clock, uplink, said, identityChanged } = await scene();
  uplink.start();
  await clock.advance(10);
  identityChanged();
  await clock.advance(10);
  expect(said('birth')).toHaveLength(2);
});

test('a gateway that vanishes is said to be offline, under the session that was lost', async () => {
  const { clock, broker, uplink, said } = await scene();
  uplink.start();
  await clock.advance(10);
  const [online] = said('status');
  broker.cut();
  await clock.advance(10);
  expect(said('status').at(-1)).toEqual({ v: 1, online: false, session: online?.session });
});

test('stopping waits for what is in flight, says goodbye and leaves', async () => {
  const { clock, broker, uplink, commit, said, held, events } = await scene();
  broker.latency = 300;
  uplink.start();
  await clock.advance(3000);
  await commit(2);
  const stopping = uplink.stop(2000);
  await clock.advance(1500);
  await stopping;
  expect(await held()).toBe(0);
  expect(said('status').at(-1)).toMatchObject({ online: false });
  expect(events.at(-1)).toMatchObject({ kind: 'uplink-state', state: 'stopped' });
  const before = broker.accepted.length;
  await commit(1);
  await clock.advance(60_000);
  expect(broker.accepted).toHaveLength(before);
});

test('a broker that never answers does not keep the uplink from stopping', async () => {
  const { clock, broker, uplink, commit, events } = await scene();
  uplink.start();
  await clock.advance(10);
  broker.isSilent = true;
  await commit(1);
  const stopping = uplink.stop(500);
  await clock.advance(2000);
  await stopping;
  expect(events.at(-1)).toMatchObject({ state: 'stopped' });
});

test('pauses between tries grow, and the fleet does not keep step', async () => {
  const { clock, broker, uplink, events } = await scene();
  broker.cut();
  uplink.start();
  await clock.advance(200_000);
  const waits = events.flatMap((event) => {
    const wait = event.kind === 'uplink-state' && /next try in (\d+) s/.exec(event.detail)?.[1];
    return wait ? [Number(wait)] : [];
  });
  expect(waits.slice(0, 6)).toEqual([1, 2, 3, 6, 12, 23]);
  const [early, late] = [new Backoff(1000, 60_000, () => 0), new Backoff(1000, 60_000, () => 1)];
  expect(Array.from({ length: 8 }, () => early.next())).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  expect(Array.from({ length: 8 }, () => late.next())).toEqual([1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]);
});

test('a broker over its quota is asked again later, and nothing is lost', async () => {
  const { clock, broker, uplink, platform, commit, held } = await scene({ acknowledge: 'broker' });
  uplink.start();
  await clock.advance(10);
  broker.refusal = 'Quota exceeded';
  await commit(2);
  await clock.advance(10_000);
  expect(await held()).toBe(2);
  broker.refusal = null;
  await clock.advance(30_000);
  expect(await held()).toBe(0);
  expect(platform.audit()).toMatchObject({ received: 2, redelivered: 0 });
});

test('a small Maximum Packet Size makes more and smaller batches, with the chain whole', async () => {
  const { clock, broker, uplink, platform, commit, batches } = await scene();
  broker.maximumPacketSize = 900;
  uplink.start();
  await clock.advance(10);
  await commit(400);
  await clock.advance(30_000);
  const audit = platform.audit();
  expect(audit.received).toBe(400);
  expect(isClean(audit)).toBe(true);
  expect(batches().length).toBeGreaterThan(1);
  expect(
    Math.max(...broker.accepted.filter(({ topic }) => topic.endsWith('data')).map(({ payload }) => payload.length)),
  ).toBeLessThan(900);
});

test('an entry that no packet can carry is set aside, and the others pass', async () => {
  const { clock, broker, store, uplink, platform, commit, held, events } = await scene();
  broker.maximumPacketSize = 2000;
  uplink.start();
  await clock.advance(10);
  const noise = Array.from({ length: 5000 }, (_, i) => ((i * 7919) % 10_007) / 3);
  const details = { noise };
  void store.append({ kind: 'event', at: minuteRecord(0).from, event: 'too-much', details, revision: 0 });
  await commit(3);
  await clock.advance(30_000);
  expect(platform.audit().received).toBe(3);
  expect(events).toContainEqual(expect.objectContaining({ kind: 'uplink-refused', seq: 1 }));
  expect(await held()).toBe(0);
});

test('what retention took is accounted for by a word in its place', async () => {
  const { clock, store, uplink, platform, commit, held } = await scene();
  await commit(10);
  store.expire('records', 3, 6, 'expired');
  uplink.start();
  await clock.advance(10_000);
  const audit = platform.audit();
  expect(audit).toMatchObject({ received: 6, missing: [], absent: [{ first: 3, last: 6, reason: 'expired' }] });
  expect(isClean(audit)).toBe(true);
  expect(await held()).toBe(0);
});
