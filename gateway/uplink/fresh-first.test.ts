import { afterEach, expect, test } from 'vitest';
import { gateway, minuteRecord, reading } from '../../test-rigs/surroundings/sample-records.ts';
import { type UplinkScene, uplinkScene } from '../../test-rigs/surroundings/uplink-scene.ts';
import { MqttUplink } from './mqtt-uplink.ts';
import { uplinkSettings } from './settings.ts';

const open: UplinkScene[] = [];
afterEach(async () => {
  for (const scene of open.splice(0)) await scene.end();
});

async function scene(settings: object = {}): Promise<UplinkScene> {
  const parsed = uplinkSettings.parse({
    id: 'district',
    kind: 'mqtt',
    url: 'mqtt://127.0.0.1',
    spreadBacklog: '1s',
    ...settings,
  });
  const made = await uplinkScene((options) => new MqttUplink(options), parsed);
  open.push(made);
  return made;
}

/** Hands one minute to the store; milliseconds until the platform has it. */
async function freshMinute({ clock, store, platform }: UplinkScene, n: number): Promise<number> {
  const before = clock.wall();
  const { seq } = await store.append(minuteRecord(n));
  const place = { gateway: gateway.gateway, stream: 'records', epoch: store.epoch };
  while (!platform.table.have(place).has(seq)) await clock.advance(50);
  return clock.wall() - before;
}

/** Values that no compression makes small. */
function noise(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) / 1000;
  };
}

test.each([1, 20])(
  'minutes do not wait for samples that alone are more than the line carries, window %i',
  async (window) => {
    const story = await scene({ window });
    const { clock, broker, store, uplink, held, platform } = story;
    const next = noise();
    broker.cut();
    uplink.start();
    for (let n = 0; n < 2000; n++) void store.append({ ...minuteRecord(n), average: next(), minimum: next() });
    await clock.advance(120_000);
    broker.restore();
    broker.bytesPerMillisecond = 4;
    while (platform.table.keys === 0) await clock.advance(1000);
    const before = await held();
    const waits: number[] = [];
    for (let n = 0; n < 30; n++) {
      // Every five seconds some 40 kB, twice what the line carries.
      for (let block = 0; block < 80; block++) {
        void store.sample(Array.from({ length: 100 }, (_, i) => ({ ...reading(i), value: next() * 1e6 })));
      }
      waits.push(await freshMinute(story, n));
      await clock.advance(5000);
    }
    expect((await store.backlog('district')).samples).toBeGreaterThan(100);
    expect(Math.max(...waits)).toBeLessThan(2500);
    // Nor do samples keep the backlog of minutes from going on.
    expect(await held()).toBeLessThan(before - 500);
  },
);

test('a fresh minute does not wait until the platform has answered for the backlog', async () => {
  const story = await scene({ window: 1 });
  const { clock, broker, uplink, commit, platform } = story;
  platform.receiptAfter = 15_000;
  broker.cut();
  uplink.start();
  await commit(5000);
  await clock.advance(120_000);
  broker.restore();
  broker.latency = 50;
  while (platform.table.keys === 0) await clock.advance(100);
  expect(await freshMinute(story, 5000)).toBeLessThan(500);
});

test('the backlog uses a line with a long way at its rate', async () => {
  const { clock, broker, store, uplink, held } = await scene();
  const next = noise();
  broker.cut();
  uplink.start();
  for (let n = 0; n < 8000; n++) void store.append({ ...minuteRecord(n), average: next(), minimum: next() });
  await clock.advance(120_000);
  broker.restore();
  broker.bytesPerMillisecond = 20;
  broker.latency = 600;
  const bytes = (): number => broker.accepted.reduce((sum, { payload }) => sum + payload.byteLength, 0);
  while ((await held()) > 7000) await clock.advance(100);
  const [before, at] = [bytes(), clock.monotonic()];
  while ((await held()) > 1000) await clock.advance(100);
  expect((bytes() - before) / (clock.monotonic() - at)).toBeGreaterThan(14);
});
