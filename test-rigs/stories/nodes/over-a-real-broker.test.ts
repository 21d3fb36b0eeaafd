import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pause } from '../../../gateway/clock.ts';
import { freePort } from '../../links/free-port.ts';
import { MqttJsFarSide } from '../../surroundings/lua-machine/far-side/mqtt-js-far-side.ts';
import { MosquittoBroker } from '../../surroundings/mosquitto-broker.ts';
import { samplesOf } from '../received.ts';
import { RealNode } from './real-firmware.ts';
import { expectWhole, rowsIn, valuesOf } from './real-rows.ts';
import { SpedSite } from './sped-site.ts';

const minute = 60_000;
const node = 'esp-1';
const chip = '7f3a12';

/** Where the nodes connect, and what ends it. */
interface Nodes {
  readonly url: string;
  readonly link: Parameters<typeof SpedSite.start>[1];
  stop(): Promise<void>;
}

async function ownBroker(): Promise<Nodes> {
  const port = await freePort();
  return { url: `mqtt://127.0.0.1:${port}`, link: { listen: `127.0.0.1:${port}` }, stop: async () => undefined };
}

/** With the access list of docs/broker/nodes; whoever says who he is, is. */
async function mosquitto(): Promise<Nodes> {
  const acl = join(import.meta.dirname, '../../../docs/broker/nodes/mosquitto.acl');
  const broker = await MosquittoBroker.start([`acl_file ${acl}`, 'max_packet_size 2176', 'user root']);
  return { url: broker.url, link: { url: broker.url, username: 'fenceline-gateway' }, stop: () => broker.stop() };
}

test.each([
  ["the gateway's own broker", ownBroker],
  ["the site's mosquitto", mosquitto],
])(
  'the compiled firmware over TCP into %s: adopted by its code, cut off in between, and every row is a reading once',
  async (_, start) => {
    const nodes = await start();
    const troubles: unknown[] = [];
    const fresh: string[] = [];
    await using site = await SpedSite.start(node, nodes.link, (event) => {
      if (event.kind === 'node-trouble') troubles.push(event);
      if (event.kind === 'new-node') fresh.push(event.chip);
    });
    const farSide = new MqttJsFarSide(nodes.url);
    // In this sped time a busy machine holds up a frame by seconds, and the connection by minutes.
    const real = await RealNode.create({ kind: 'esp8266', clock: site.clock, farSide, frameEvery: 3000 });
    const { rig } = real;
    const sent = () =>
      rowsIn(farSide.published.filter(({ topic }) => topic.endsWith('/rows')).map(({ payload }) => payload));
    try {
      real.powerOn();
      await expect.poll(() => fresh).toEqual([chip]);
      const code = rig.console.join('\n').match(/adoption code (\d{6})/)?.[1] ?? '';
      const asked = { chip, node, by: 'a technician', at: '2026-11-24T00:00:00.000+08:00' };
      expect(await site.adoption.adopt({ ...asked, code: code === '000000' ? '000001' : '000000' })).toMatchObject({
        kind: 'refused',
        why: 'code',
      });
      expect(await site.adoption.adopt({ ...asked, code })).toMatchObject({ kind: 'adopted', node });

      await pause(site.clock, 0.8 * minute);
      farSide.isCut = true;
      await pause(site.clock, 0.8 * minute);
      farSide.isCut = false;
      await expect.poll(() => valuesOf(sent()).length, { timeout: 60_000, interval: 100 }).toBeGreaterThan(2);
      real.powerOff();
      await pause(site.clock, minute);
    } finally {
      real.powerOff();
      await nodes.stop();
    }

    const rows = sent();
    expectWhole(rows);
    const values = valuesOf(rows);
    const samples = samplesOf(site.platform, `dust-${node}`).filter(
      (one) => one.factor === 'pm2.5' && one.value !== null,
    );
    const had = samples.toSorted((a, b) => a.at - b.at).map(({ value }) => value);
    expect(had).toEqual(values.slice(0, had.length));
    // The last row may have been on its way when the power went.
    expect(values.length - had.length).toBeLessThanOrEqual(1);
    expect([rig.panics, rig.boots, troubles]).toEqual([[], ['power', 'software'], []]);
  },
);
