import { expect, test } from 'vitest';
import { uplinkScene } from '../../../test-rigs/surroundings/uplink-scene.ts';
import { MqttUplink } from '../mqtt-uplink.ts';
import { uplinkSettings } from '../settings.ts';

test.each(['platform', 'broker'] as const)(
  'on a full disk, where the store takes no note of what the %s has, nothing is sent again and again; with room it is let go',
  async (acknowledge) => {
    const settings = { id: 'district', kind: 'mqtt', url: 'mqtt://127.0.0.1', acknowledge };
    const scene = await uplinkScene((options) => new MqttUplink(options), uplinkSettings.parse(settings));
    // A line on which a batch takes its time: else none would pass between one and the next.
    scene.broker.latency = 50;
    scene.store.isFull = true;
    await scene.commit(20);
    scene.uplink.start();
    await scene.minutes(5);
    expect(scene.platform.audit()).toMatchObject({ received: 25, redelivered: 0 });
    expect(await scene.held()).toBe(25);
    scene.store.isFull = false;
    await scene.clock.advance(30_000);
    expect(await scene.held()).toBe(0);
    expect(scene.platform.audit().redelivered).toBe(0);
    await scene.end();
  },
);
