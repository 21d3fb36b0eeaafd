import { afterEach, describe, expect, test } from 'vitest';
import { isClean } from '../../test-rigs/platform/audit.ts';
import { Platform } from '../../test-rigs/platform/platform.ts';
import { AedesBroker } from '../../test-rigs/surroundings/aedes-broker.ts';
import { MemoryStore } from '../../test-rigs/surroundings/memory-store.ts';
import { MosquittoBroker } from '../../test-rigs/surroundings/mosquitto-broker.ts';
import { birthOf, gateway, minuteRecord } from '../../test-rigs/surroundings/sample-records.ts';
import { sceneKey } from '../../test-rigs/surroundings/uplink-scene.ts';
import { LocalTime, systemClock } from '../clock.ts';
import { decodeBatch } from '../contract/decode.ts';
import { isFault } from '../contract/fields.ts';
import { topicOf } from '../contract/topics.ts';
import { isBrokerFault } from './broker.ts';
import { mqttJsBroker } from './mqtt-js-broker.ts';
import { MqttUplink } from './mqtt-uplink.ts';
import type { UplinkEvent } from './port.ts';
import { uplinkSettings } from './settings.ts';

const cleaning: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleaning.splice(0).reverse()) await clean();
});

function uplinkTo(url: string, protocol: '3.1.1' | '5', store: MemoryStore, more: object = {}) {
  const events: UplinkEvent[] = [];
  const watchers = new Set<() => void>();
  const uplink = new MqttUplink({
    settings: uplinkSettings.parse({ id: 'district', kind: 'mqtt', url, protocol, ...more }),
    gateway,
    identity: { birth: () => birthOf(sceneKey), onChanged: () => () => {} },
    key: sceneKey,
    store,
    clock: systemClock,
    localTime: new LocalTime('Asia/Shanghai'),
    observe(event) {
      events.push(event);
      for (const watcher of watchers) watcher();
    },
    broker: mqttJsBroker({ url, protocol, clientId: 'zl-0001', clock: systemClock }),
    random: () => 0,
  });
  cleaning.push(() => uplink.stop(200));
  const sees = (condition: (event: UplinkEvent) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!events.some(condition)) return;
        watchers.delete(check);
        resolve();
      };
      watchers.add(check);
      check();
    });
  return { uplink, events, sees };
}

const isState = (state: string) => (event: UplinkEvent) => event.kind === 'uplink-state' && event.state === state;

async function platformAt(url: string, protocol: '3.1.1' | '5'): Promise<Platform> {
  const platform = new Platform({ url, protocol });
  cleaning.push(() => platform.stop());
  await platform.start();
  return platform;
}

async function drained(store: MemoryStore): Promise<void> {
  while ((await store.backlog('district')).records > 0) await new Promise((resolve) => setImmediate(resolve));
}

describe.each([
  ['3.1.1 on mosquitto', '3.1.1', () => MosquittoBroker.start()],
  ['5 on mosquitto', '5', () => MosquittoBroker.start()],
  ['3.1.1 on aedes', '3.1.1', () => AedesBroker.start()],
] as const)('over MQTT %s', (_, protocol, begin) => {
  test('backlog and fresh records reach the platform once each and are let go', async () => {
    const broker = await begin();
    cleaning.push(() => broker.stop());
    const platform = await platformAt(broker.url, protocol);
    const store = new MemoryStore({ gateway: gateway.gateway, clock: systemClock });
    for (let n = 0; n < 3000; n++) void store.append(minuteRecord(n));
    const { uplink } = uplinkTo(broker.url, protocol, store);
    uplink.start();
    for (let n = 3000; n < 3020; n++) await store.append(minuteRecord(n));
    await platform.holds(3020);
    await drained(store);
    expect(isClean(platform.audit())).toBe(true);
    expect(platform.audit()).toMatchObject({ received: 3020, redelivered: 0 });
  });
});

test('mosquitto killed after its PUBACK, before the platform read: nothing is missing', async () => {
  const broker = await MosquittoBroker.start();
  cleaning.push(() => broker.stop());
  const store = new MemoryStore({ gateway: gateway.gateway, clock: systemClock });
  const { uplink, sees } = uplinkTo(broker.url, '5', store);
  uplink.start();
  await sees(isState('connected'));
  // No platform listens, only somebody who tells that the broker has taken and handed on every batch.
  let handedOn = 0;
  const witness = mqttJsBroker({ url: broker.url, protocol: '5', clientId: 'witness', clock: systemClock });
  const allTaken = new Promise<void>((resolve) => {
    const onMessage = (_topic: string, payload: Uint8Array): void => {
      const batch = decodeBatch(payload);
      handedOn += isFault(batch) ? 0 : batch.entries.length;
      if (handedOn === 10) resolve();
    };
    const will = { topic: 'witness', payload: Buffer.from(''), retain: false, contentType: 'text/plain' };
    void witness
      .connect({ will, onMessage, onClosed: () => {} })
      .then((connection) => {
        if (!isBrokerFault(connection)) return connection.subscribe(topicOf(gateway, 'data'));
        throw new Error(connection.message);
      })
      .then(() => {
        for (let n = 0; n < 10; n++) void store.append(minuteRecord(n));
      });
  });
  await allTaken;
  await broker.kill();
  await sees(isState('waiting'));
  expect(await store.backlog('district')).toMatchObject({ records: 10 });
  await broker.restart();
  const platform = await platformAt(broker.url, '5');
  await platform.holds(10);
  await drained(store);
  expect(isClean(platform.audit())).toBe(true);
});

test('an outage of the embedded broker fills the backlog, and its end drains it', async () => {
  const broker = await AedesBroker.start();
  cleaning.push(() => broker.stop());
  const platform = await platformAt(broker.url, '3.1.1');
  const store = new MemoryStore({ gateway: gateway.gateway, clock: systemClock });
  const { uplink, sees } = uplinkTo(broker.url, '3.1.1', store);
  uplink.start();
  await store.append(minuteRecord(0));
  await platform.holds(1);
  await broker.cut();
  await sees(isState('waiting'));
  for (let n = 1; n < 100; n++) await store.append(minuteRecord(n));
  expect(platform.table.keys).toBe(1);
  await broker.restore();
  await platform.holds(100);
  await drained(store);
  expect(isClean(platform.audit())).toBe(true);
});

test('the uplink and the platform stop at once while the broker is away, and while it does not answer', async () => {
  const broker = await MosquittoBroker.start();
  cleaning.push(() => broker.stop());
  const platform = new Platform({ url: broker.url });
  await platform.start();
  const store = new MemoryStore({ gateway: gateway.gateway, clock: systemClock });
  const first = uplinkTo(broker.url, '5', store);
  first.uplink.start();
  await first.sees(isState('connected'));
  await broker.kill();
  await first.sees(isState('waiting'));
  await first.uplink.stop(200);
  await broker.restart();
  broker.freeze(true);
  const second = uplinkTo(broker.url, '5', store);
  second.uplink.start();
  await second.uplink.stop(200);
  await platform.stop();
  expect(first.events.at(-1)).toMatchObject({ state: 'stopped' });
  expect(second.events.at(-1)).toMatchObject({ state: 'stopped' });
});
