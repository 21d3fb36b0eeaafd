import { afterEach, expect, test } from 'vitest';
import { isClean } from '../../test-rigs/platform/audit.ts';
import { type UplinkScene, uplinkScene } from '../../test-rigs/surroundings/uplink-scene.ts';
import { decodeBatch } from '../contract/decode.ts';
import { isFault } from '../contract/fields.ts';
import type { Message } from './broker.ts';
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

/** Whether a message is a batch with that entry in it. */
const holds =
  (seq: number) =>
  ({ topic, payload }: Message): boolean => {
    const batch = topic.endsWith('/data') ? decodeBatch(payload) : null;
    return batch !== null && !isFault(batch) && batch.entries.some((one) => one.seq === seq);
  };

const setAside = ({ events }: UplinkScene): number[] =>
  events.flatMap((event) => (event.kind === 'uplink-refused' ? [event.seq] : []));

test.each([
  ['ends the connection for', (broker: UplinkScene['broker']) => Object.assign(broker, { kills: holds(77) })],
  [
    'refuses',
    (broker: UplinkScene['broker']) =>
      Object.assign(broker, { refuses: (one: Message) => (holds(77)(one) ? 'Payload format invalid' : null) }),
  ],
])('of 200 entries the one that the broker always %s is found and set aside, and all others arrive', async (_, set) => {
  const made = await scene();
  const { clock, broker, uplink, platform, commit, minutes, held } = made;
  await commit(200);
  set(broker);
  uplink.start();
  await minutes(20);
  expect(setAside(made)).toEqual([77]);
  const audit = platform.audit();
  expect(audit).toMatchObject({ received: 219, conflicts: [], chainBreaks: [], missing: [{ first: 77, last: 77 }] });
  expect(await held()).toBe(0);
  expect(await made.store.backlog('district')).toMatchObject({ refused: 1 });
  await clock.advance(600_000);
  expect(made.events.filter(({ kind }) => kind === 'uplink-refused')).toHaveLength(1);
});

test('while the entry is looked for, fresh minutes go on arriving within 3 s', async () => {
  const { clock, broker, store, uplink, platform, commit, minutes } = await scene();
  await commit(200);
  broker.kills = holds(77);
  uplink.start();
  await clock.advance(10);
  await minutes(10);
  await clock.advance(5000);
  const waits = platform.table
    .rows()
    .filter(({ seq }) => seq > 200)
    .map(({ received_at, seq }) => received_at - (store.committedAt('records', seq) ?? 0));
  expect(waits).toHaveLength(10);
  expect(Math.max(...waits)).toBeLessThan(3000);
});

test('with nothing else to send nothing is proven, and the entry is kept', async () => {
  const made = await scene();
  const { clock, broker, uplink, commit, held } = made;
  await commit(1);
  broker.kills = holds(1);
  uplink.start();
  await clock.advance(3_600_000);
  expect(setAside(made)).toEqual([]);
  expect(await held()).toBe(1);
});

test('an hour over quota sets nothing aside, and afterwards everything arrives', async () => {
  const made = await scene();
  const { clock, broker, uplink, platform, commit, minutes, held } = made;
  uplink.start();
  await commit(20);
  await minutes(2);
  broker.refusal = 'Quota exceeded';
  await minutes(60);
  expect(setAside(made)).toEqual([]);
  broker.refusal = null;
  await clock.advance(180_000);
  expect(platform.audit()).toMatchObject({ received: 82, missing: [], refused: 0 });
  expect(await held()).toBe(0);
});

test('a line that drops every third publish loses and sets aside nothing', async () => {
  const made = await scene();
  const { clock, broker, uplink, platform, commit, minutes, held } = made;
  let count = 0;
  broker.kills = ({ topic }) => topic.endsWith('/data') && ++count % 3 === 0;
  await commit(300);
  uplink.start();
  await minutes(120);
  await clock.advance(60_000);
  expect(setAside(made)).toEqual([]);
  expect(platform.audit()).toMatchObject({ received: 420, missing: [], conflicts: [] });
  expect(await held()).toBe(0);
});

test('a broker that ends the connection for large packets without saying so is given small ones', async () => {
  const made = await scene();
  const { clock, broker, uplink, platform, commit, held, batches, events } = made;
  broker.bytesPerMillisecond = 1000;
  broker.kills = ({ topic, payload }) => topic.endsWith('/data') && payload.byteLength > 3000;
  await commit(3000);
  uplink.start();
  await clock.advance(600_000);
  expect(platform.audit()).toMatchObject({ received: 3000, missing: [] });
  expect(isClean(platform.audit())).toBe(true);
  expect(await held()).toBe(0);
  expect(setAside(made)).toEqual([]);
  expect(batches().length).toBeGreaterThan(3);
  // Once it is known how much is too much, no more connections are lost.
  expect(events.filter((event) => event.kind === 'uplink-state' && event.state === 'waiting').length).toBeLessThan(8);
});
