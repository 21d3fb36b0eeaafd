import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LocalTime, pause, systemClock } from '../../../gateway/clock.ts';
import { openStore } from '../../../gateway/store/sqlite-store.ts';
import { mqttJsBroker } from '../../../gateway/uplink/mqtt-js-broker.ts';
import { MqttUplink } from '../../../gateway/uplink/mqtt-uplink.ts';
import { uplinkSettings } from '../../../gateway/uplink/settings.ts';
import { SiteMinutes } from '../../bench/uplink/site-minutes.ts';
import { NarrowRelay } from '../../links/narrow-relay.ts';
import { isClean } from '../../platform/audit.ts';
import { Platform } from '../../platform/platform.ts';
import { MosquittoBroker } from '../../surroundings/mosquitto-broker.ts';
import { birthOf, gateway } from '../../surroundings/sample-records.ts';
import { sceneKey } from '../../surroundings/uplink-scene.ts';

const bytesPerSecond = 4000;

test('on a real narrow line to real mosquitto a new minute stands behind about a second of the backlog', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fenceline-narrow-'));
  const mosquitto = await MosquittoBroker.start();
  await using line = await NarrowRelay.start({ target: mosquitto.port, bytesPerSecond });
  const platform = new Platform({ url: mosquitto.url });
  const [clock, localTime] = [systemClock, new LocalTime('Asia/Shanghai')];
  const plan = { directory, gateway: gateway.gateway, site: 'site-1', uplinks: ['district'], keepSamples: false };
  const windows = { records: 100, samples: 100 };
  const store = await openStore({ ...plan, clock, localTime, windows, observe: () => undefined });
  if ('refusal' in store) throw new Error(store.message);
  const url = `mqtt://127.0.0.1:${line.port}`;
  const uplink = new MqttUplink({
    settings: uplinkSettings.parse({ id: 'district', kind: 'mqtt', url }),
    gateway,
    identity: { birth: () => birthOf(sceneKey), onChanged: () => () => undefined },
    key: sceneKey,
    ...{ store, clock, localTime, observe: () => undefined },
    broker: mqttJsBroker({ url, protocol: '5', clientId: 'narrow', clock }),
  });
  try {
    await platform.start();
    const site = new SiteMinutes(10, 20_261_126, clock.wall());
    for (const record of site.minutes(600)) void store.append(record);
    await store.flush();
    uplink.start();
    await platform.holds(500);
    // Bytes that the line carried from the commit of each new minute until the platform had it.
    const carried: number[] = [];
    while ((await store.backlog('district')).records > 2000) {
      const [record] = site.minute();
      if (record === undefined) throw new Error('the site has no minute');
      const { epoch, seq } = await store.append(record);
      const before = line.carried;
      await platform.until(() => platform.table.have({ gateway: gateway.gateway, stream: 'records', epoch }).has(seq));
      carried.push(line.carried - before);
      await pause(clock, 300);
    }
    expect(Math.max(...carried)).toBeLessThan(1.6 * bytesPerSecond);
    expect(carried.length).toBeGreaterThan(3);
    while ((await store.backlog('district')).records > 0) await pause(clock, 50);
    expect(isClean(platform.audit())).toBe(true);
  } finally {
    await uplink.stop(0);
    await store.close();
    await platform.stop();
    await mosquitto.stop();
    await rm(directory, { recursive: true, force: true });
  }
});
