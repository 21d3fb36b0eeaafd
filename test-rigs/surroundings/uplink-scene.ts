import { LocalTime } from '../../gateway/clock.ts';
import { type DecodedBatch, decodeBatch } from '../../gateway/contract/decode.ts';
import { isFault } from '../../gateway/contract/fields.ts';
import { type Leaf, topicOf } from '../../gateway/contract/topics.ts';
import { newSigningKey, readSigningKey } from '../../gateway/record/signature.ts';
import type { MqttUplinkOptions } from '../../gateway/uplink/mqtt-uplink.ts';
import type { Uplink, UplinkEvent } from '../../gateway/uplink/port.ts';
import type { UplinkSettings } from '../../gateway/uplink/settings.ts';
import { brokerLine } from '../platform/line.ts';
import { Platform, type PlatformOptions } from '../platform/platform.ts';
import { MemoryBroker } from './memory-broker.ts';
import { MemoryStore } from './memory-store.ts';
import { birthOf, gateway, minuteRecord } from './sample-records.ts';
import { SimulatedClock } from './simulated-clock.ts';

export const sceneKey = readSigningKey(newSigningKey());

/** A store, an uplink made by `make`, a broker and a platform on one simulated clock; the platform listens already. */
export async function uplinkScene(
  make: (options: MqttUplinkOptions) => Uplink,
  settings: UplinkSettings,
  platformOptions: PlatformOptions = {},
) {
  const clock = new SimulatedClock();
  const broker = new MemoryBroker(clock);
  const platform = new Platform({ line: brokerLine(broker, clock), clock, ...platformOptions });
  await platform.start();
  const store = new MemoryStore({ gateway: gateway.gateway, clock });
  const events: UplinkEvent[] = [];
  const birthListeners = new Set<() => void>();
  const uplink = make({
    settings,
    gateway,
    identity: {
      birth: () => birthOf(sceneKey),
      onChanged(listener) {
        birthListeners.add(listener);
        return () => birthListeners.delete(listener);
      },
    },
    key: sceneKey,
    store,
    clock,
    localTime: new LocalTime('Asia/Shanghai'),
    observe: (event) => events.push(event),
    broker,
    random: () => 0.5,
  });
  let minute = 0;
  return {
    clock,
    broker,
    platform,
    store,
    events,
    uplink,
    /** So many minutes pass, with one record each. */
    async minutes(count: number): Promise<void> {
      for (let i = 0; i < count; i++) {
        void store.append(minuteRecord(minute++));
        await clock.advance(60_000);
      }
    },
    /** Records committed in one go. */
    async commit(count: number): Promise<void> {
      await Promise.all(Array.from({ length: count }, () => store.append(minuteRecord(minute++))));
    },
    /** Records that the uplink has not let go. */
    async held(): Promise<number> {
      return (await store.backlog(settings.id)).records;
    },
    /** Batches as the broker took them, in order. */
    batches(): DecodedBatch[] {
      return broker.accepted.flatMap(({ topic, payload }) => {
        const batch = topic === topicOf(gateway, 'data') ? decodeBatch(payload) : null;
        return batch === null || isFault(batch) ? [] : [batch];
      });
    },
    /** What was said under one leaf, as JSON. */
    said(leaf: Leaf): { [name: string]: unknown }[] {
      const said = broker.accepted.filter(({ topic }) => topic === topicOf(gateway, leaf));
      return said.map(({ payload }) => JSON.parse(Buffer.from(payload).toString()));
    },
    identityChanged(): void {
      for (const listener of birthListeners) listener();
    },
    /** Ends the uplink and the platform, letting time pass so that nobody waits. */
    async end(): Promise<void> {
      const stopping = Promise.all([uplink.stop(0), platform.stop()]);
      await clock.advance(5000);
      await stopping;
    },
  };
}

export type UplinkScene = Awaited<ReturnType<typeof uplinkScene>>;
