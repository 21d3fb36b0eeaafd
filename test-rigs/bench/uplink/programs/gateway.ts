import { monitorEventLoopDelay } from 'node:perf_hooks';
import { LocalTime, systemClock } from '../../../../gateway/clock.ts';
import type { StreamRecord } from '../../../../gateway/record/record.ts';
import { newSigningKey, readSigningKey } from '../../../../gateway/record/signature.ts';
import { openStore } from '../../../../gateway/store/sqlite-store.ts';
import { mqttJsBroker } from '../../../../gateway/uplink/mqtt-js-broker.ts';
import { MqttUplink } from '../../../../gateway/uplink/mqtt-uplink.ts';
import { type UplinkSettings, uplinkSettings } from '../../../../gateway/uplink/settings.ts';
import { birthOf } from '../../../surroundings/sample-records.ts';
import { childPlan, serveParent } from '../../measure/child-program.ts';
import { SiteMinutes } from '../site-minutes.ts';

export interface GatewayPlan {
  readonly directory: string;
  readonly gateway: string;
  readonly url: string;
  readonly protocol: '3.1.1' | '5';
  readonly points: 8 | 10 | 50;
  /** A new minute of the site is committed every so many milliseconds. */
  readonly newMinuteEvery: number;
}

export interface DrainFigures {
  /** Milliseconds from the start of the uplink to the receipt of the last record. */
  readonly milliseconds: number;
  /** Records that the platform gave receipts for, new ones included, and batches and payload bytes that took. */
  readonly acknowledged: number;
  readonly batches: number;
  readonly bytes: number;
  readonly again: number;
  /** The event loop's longest and its 99th percentile delay, milliseconds: how long an instrument's answer may wait. */
  readonly loopLongestMs: number;
  readonly loopP99Ms: number;
  /** [seq, wall time at which it was handed to the store] of every new minute's record. */
  readonly appended: readonly (readonly [number, number])[];
}

/* The store and the uplink of a gateway as they are, without instruments: minutes come from the made-up site. */
const plan = childPlan<GatewayPlan>();
const address = { area: '320404', gateway: plan.gateway };
const localTime = new LocalTime('Asia/Shanghai');
const key = readSigningKey(newSigningKey());
const { url, protocol } = plan;
const settings: UplinkSettings = uplinkSettings.parse({ id: 'platform', kind: 'mqtt', url, protocol });
const site = new SiteMinutes(plan.points, 99, Date.now());

const opened = await openStore({
  ...{ directory: plan.directory, gateway: plan.gateway, site: '5a0d3c1be1f2a790', uplinks: [settings.id] },
  ...{ keepSamples: true, clock: systemClock, localTime, observe: () => undefined },
});
if ('refusal' in opened) throw new Error(opened.message);
const store = opened;
let [held, acknowledged, batches, bytes, again] = [(await store.backlog(settings.id)).records, 0, 0, 0, 0];
let check = (): void => {};
const uplink = new MqttUplink({
  ...{ settings, gateway: address, key, store, clock: systemClock, localTime },
  identity: { birth: () => ({ ...birthOf(key), ...address }), onChanged: () => () => undefined },
  observe(event) {
    if (event.kind === 'uplink-acknowledged' && event.stream === 'records') acknowledged += event.entries;
    if (event.kind === 'uplink-sent') {
      batches += 1;
      bytes += event.bytes;
      if (event.again) again += event.entries;
    }
    check();
  },
  broker: mqttJsBroker({ url, protocol, clientId: `bench-${plan.gateway}`, clock: systemClock }),
});
const appended: [number, number][] = [];

/** Starts the uplink and resolves when nothing is held any more. */
async function drain(): Promise<DrainFigures> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const began = performance.now();
  const minutes = setInterval(() => {
    for (const record of site.minute()) {
      const at = Date.now();
      held += 1;
      void append(record, at);
    }
  }, plan.newMinuteEvery);
  uplink.start();
  await new Promise<void>((resolve) => {
    check = () => {
      if (acknowledged >= held) resolve();
    };
    check();
  });
  const milliseconds = performance.now() - began;
  clearInterval(minutes);
  delay.disable();
  const loop = { loopLongestMs: delay.max / 1e6, loopP99Ms: delay.percentile(99) / 1e6 };
  return { milliseconds, acknowledged, batches, bytes, again, ...loop, appended };
}

async function append(record: StreamRecord, at: number): Promise<void> {
  const { seq } = await store.append(record);
  appended.push([seq, at]);
}

serveParent({
  ready: { held },
  answers: { drain },
  end: async () => {
    await uplink.stop(0);
    await store.close();
  },
});
