import { afterEach, expect, test } from 'vitest';
import { isClean } from '../../test-rigs/platform/audit.ts';
import { type UplinkScene, uplinkScene } from '../../test-rigs/surroundings/uplink-scene.ts';
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

const hour = 3_600_000;
const states = ({ events }: UplinkScene): string[] =>
  events.flatMap((event) => (event.kind === 'uplink-state' ? [event.state] : []));

test('a site that may send at night connects at night, drains, and leaves in the morning with a goodbye', async () => {
  // The scene's clock begins at midnight in China.
  const made = await scene({ sendWithin: ['01:00-02:00'] });
  const { clock, uplink, commit, held, said, platform, broker } = made;
  uplink.start();
  await commit(500);
  await clock.advance(hour - 20_000);
  expect(states(made)).toEqual(['scheduled']);
  expect(uplink.pace.opensAt).toBe('01:00');
  expect(broker.accepted).toEqual([]);
  await clock.advance(10 * 60_000);
  expect(states(made)).toEqual(['scheduled', 'connecting', 'connected']);
  expect(await held()).toBe(0);
  await clock.advance(hour);
  expect(said('status').at(-1)).toMatchObject({ online: false });
  expect(states(made).at(-1)).toBe('scheduled');
  const before = broker.accepted.length;
  await commit(3);
  await clock.advance(22 * hour);
  expect(broker.accepted).toHaveLength(before);
  expect(await held()).toBe(3);
  await clock.advance(1.5 * hour);
  expect(await held()).toBe(0);
  expect(isClean(platform.audit())).toBe(true);
});

test('after an outage the backlog waits its turn, and new minutes do not', async () => {
  const { clock, broker, uplink, minutes, commit, held, batches } = await scene();
  uplink.start();
  await clock.advance(5000);
  broker.cut();
  await minutes(60);
  broker.restore();
  await clock.advance(31_000);
  expect(uplink.pace.backlogWaits).toBe('spread');
  const waiting = await held();
  expect(waiting).toBeGreaterThan(55);
  await commit(1);
  await clock.advance(2000);
  expect(batches().at(-1)).toMatchObject({ late: false });
  // The setting's 5 minutes are its longest turn.
  await clock.advance(300_000);
  expect(uplink.pace.backlogWaits).toBeNull();
  expect(await held()).toBe(0);
});

test('a line that is lost again and again for moments does not put the backlog off for ever', async () => {
  const { clock, broker, uplink, minutes, held } = await scene();
  uplink.start();
  await clock.advance(5000);
  broker.cut();
  await minutes(24 * 60);
  broker.restore();
  await clock.advance(31_000);
  expect(uplink.pace.backlogTurnIn).toBeGreaterThan(30);
  // A minute of connection, some seconds without, for as long as the longest turn.
  for (let times = 0; times < 6; times++) {
    broker.cut();
    await clock.advance(3000);
    broker.restore();
    await clock.advance(60_000);
  }
  expect(uplink.pace.backlogTurnIn).toBeNull();
  expect(await held()).toBe(0);
});

test('a stop does not send what the month of a metered line has no bytes for', async () => {
  const { clock, broker, uplink, minutes, held } = await scene({ megabytesPerMonth: 0.05, statusEvery: '600min' });
  uplink.start();
  await minutes(100);
  broker.cut();
  await minutes(120);
  broker.restore();
  await clock.advance(20 * 60_000);
  const stopped = uplink.stop(10_000);
  await clock.advance(15_000);
  await stopped;
  expect(await held()).toBe(120);
});

test('on a metered line that has used up its month new records still go out, and the backlog waits for the next', async () => {
  const { clock, broker, uplink, minutes, commit, held, batches } = await scene({
    megabytesPerMonth: 0.05,
    statusEvery: '600min',
  });
  uplink.start();
  await minutes(100);
  expect(uplink.pace.month.bytes).toBeGreaterThan(50_000);
  broker.cut();
  await minutes(120);
  broker.restore();
  await clock.advance(20 * 60_000);
  expect(uplink.pace.backlogWaits).toBe('month');
  expect(await held()).toBe(120);
  await commit(1);
  await clock.advance(2000);
  expect(batches().filter(({ late }) => !late)).not.toHaveLength(0);
  expect(await held()).toBe(120);
  // The scene begins on 24 November; a new month has bytes for it.
  await clock.advance(7 * 24 * hour);
  expect(await held()).toBe(0);
});

test('a backlog that may take a fifth of the line leaves the rest of it to others', async () => {
  const { clock, broker, uplink, commit, held, events } = await scene({ backlogShare: 0.2 });
  broker.bytesPerMillisecond = 4;
  broker.cut();
  uplink.start();
  await commit(15_000);
  broker.restore();
  const began = clock.monotonic();
  for (let seconds = 0; seconds < 600 && (await held()) > 0; seconds++) await clock.advance(1000);
  const took = (clock.monotonic() - began) / 1000;
  const bytes = events.reduce((sum, event) => sum + (event.kind === 'uplink-sent' ? event.bytes : 0), 0);
  expect(await held()).toBe(0);
  // Until the line has told its rate the first batch is not held to it.
  expect(bytes / took).toBeLessThan(1000);
  expect(bytes / took).toBeGreaterThan(600);
});
