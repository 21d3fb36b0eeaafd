import { afterEach, expect, test } from 'vitest';
import { isClean } from '../../test-rigs/platform/audit.ts';
import { brokerLine } from '../../test-rigs/platform/line.ts';
import { Platform, type PlatformOptions } from '../../test-rigs/platform/platform.ts';
import { MemoryBroker } from '../../test-rigs/surroundings/memory-broker.ts';
import { MemoryStore } from '../../test-rigs/surroundings/memory-store.ts';
import { birthOf, gateway, minuteRecord, reading } from '../../test-rigs/surroundings/sample-records.ts';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { LocalTime } from '../clock.ts';
import { decodeBatch } from '../contract/decode.ts';
import { isFault } from '../contract/fields.ts';
import { topicOf } from '../contract/topics.ts';
import { newSigningKey, readSigningKey } from '../record/signature.ts';
import { MqttUplink } from './mqtt-uplink.ts';
import type { UplinkEvent } from './port.ts';
import { uplinkSettings } from './settings.ts';

const key = readSigningKey(newSigningKey());
const running: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

async function scene(settings: object = {}, platformOptions: PlatformOptions = {}) {
  const clock = new SimulatedClock();
  const broker = new MemoryBroker(clock);
  const platform = new Platform({ line: brokerLine(broker, clock), clock, ...platformOptions });
  await platform.start();
  const store = new MemoryStore({ gateway: gateway.gateway, clock });
  const events: UplinkEvent[] = [];
  let changed = (): void => {};
  const uplink = new MqttUplink({
    settings: uplinkSettings.parse({ id: 'district', kind: 'mqtt', url: 'mqtt://127.0.0.1', ...settings }),
    gateway,
    identity: {
      birth: () => birthOf(key),
      onChanged(listener) {
        changed = listener;
        return () => {};
      },
    },
    key,
    store,
    clock,
    localTime: new LocalTime('Asia/Shanghai'),
    observe: (event) => events.push(event),
    broker,
    random: () => 0.5,
  });
  running.push(async () => {
    await Promise.all([uplink.stop(0), platform.stop(), clock.advance(5000)]);
  });
  let n = 0;
  /** One minute record a minute. */
  const minutes = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      void store.append(minuteRecord(n++));
      await clock.advance(60_000);
    }
  };
  const held = async (): Promise<number> => (await store.backlog('district')).records;
  /** Batches as the broker took them, in order. */
  const batches = () =>
    broker.accepted.flatMap(({ topic, payload }) => {
      const batch = topic === topicOf(gateway, 'data') ? decodeBatch(payload) : null;
      return batch === null || isFault(batch) ? [] : [batch];
    });
  return { clock, broker, platform, store, events, uplink, minutes, held, batches, identityChanged: () => changed() };
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
  await clock.advance(180_000);
  await minutes(1);
  const audit = platform.audit();
  expect(audit).toMatchObject({ received: 1443, redelivered: 0 });
  expect(audit.late).toBeGreaterThan(1430);
  expect(isClean(audit)).toBe(true);
  const backlog = batches().filter(({ late }) => late);
  expect(backlog.map(({ from }) => from)).toEqual(backlog.map(({ from }) => from).sort((a, b) => a - b));
  expect(await held()).toBe(0);
});
