import { afterEach, expect, test } from 'vitest';
import { minuteRecord } from '../../test-rigs/surroundings/sample-records.ts';
import { type UplinkScene, uplinkScene } from '../../test-rigs/surroundings/uplink-scene.ts';
import { type Broker, isBrokerFault } from './broker.ts';
import { MqttUplink } from './mqtt-uplink.ts';
import { uplinkSettings } from './settings.ts';

const open: UplinkScene[] = [];
afterEach(async () => {
  for (const scene of open.splice(0)) await scene.end();
});

/** `over`: what stands between the uplink and the broker. */
async function scene(over: (broker: Broker) => Broker = (broker) => broker) {
  const settings = uplinkSettings.parse({ id: 'district', kind: 'mqtt', url: 'mqtt://127.0.0.1' });
  const heard: string[] = [];
  const onCommand = (payload: Uint8Array): void => void heard.push(Buffer.from(payload).toString());
  const made = await uplinkScene(
    (options) => new MqttUplink({ ...options, broker: over(options.broker), onCommand }),
    settings,
  );
  open.push(made);
  return { ...made, heard };
}

const reply = (id: string) => ({
  v: 1,
  id,
  at: '2026-11-24T00:00:00.000+08:00',
  outcome: 'done',
  site: '0'.repeat(16),
});

/** A broker that does not let this client subscribe to commands. */
const deaf = (broker: Broker): Broker => ({
  async connect(options) {
    const inner = await broker.connect(options);
    if (isBrokerFault(inner)) return inner;
    return {
      receiveMaximum: inner.receiveMaximum,
      maximumPacketSize: inner.maximumPacketSize,
      publish: (message) => inner.publish(message),
      subscribe: async (topic) => (topic.endsWith('/command') ? 'not authorised' : inner.subscribe(topic)),
      close: () => inner.close(),
    };
  },
});

test('a broker that does not let the gateway hear commands is told of, and takes what was measured all the same', async () => {
  const { clock, uplink, store, held, events } = await scene(deaf);
  uplink.start();
  await store.append(minuteRecord(1));
  await clock.advance(5000);
  expect(await held()).toBe(0);
  expect(events.filter(({ kind }) => kind === 'uplink-deaf')).toMatchObject([{ fault: 'not authorised' }]);
});

test('a command is heard, and its replies go out in order, over a lost connection too', async () => {
  const { clock, uplink, broker, platform, heard } = await scene();
  uplink.start();
  await clock.advance(1000);
  platform.commander.send({ area: '320404', gateway: 'zl-0001' }, Buffer.from('what now'));
  await clock.advance(1000);
  expect(heard).toEqual(['what now']);
  uplink.reply(reply('one'));
  await clock.advance(1000);
  broker.cut();
  for (const id of ['two', 'three']) uplink.reply(reply(id));
  expect(uplink.hasReplied).toBe(false);
  await clock.advance(10_000);
  broker.restore();
  await clock.advance(60_000);
  expect(platform.commander.replies.map(({ id }) => id)).toEqual(['one', 'two', 'three']);
  expect(uplink.hasReplied).toBe(true);
});

test('replies that nobody takes are bounded, and each that is dropped is told', async () => {
  const { clock, uplink, platform, events } = await scene();
  for (let n = 1; n <= 100; n++) uplink.reply(reply(`r${n}`));
  expect(events.filter(({ kind }) => kind === 'uplink-reply-dropped')).toHaveLength(36);
  uplink.start();
  await clock.advance(10_000);
  const ids = platform.commander.replies.map(({ id }) => id);
  expect([ids.length, ids[0], ids[1], ids.at(-1)]).toEqual([64, 'r1', 'r38', 'r100']);
});
