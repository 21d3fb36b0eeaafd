import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { mqttJsBroker } from '../../../gateway/uplink/mqtt-js-broker.ts';
import type { UplinkEvent } from '../../../gateway/uplink/port.ts';
import { MosquittoBroker } from '../../surroundings/mosquitto-broker.ts';
import { until, wait } from '../process-site.ts';
import { LinkSite, linkClientId } from './link-site.ts';
import { MqttProxy, packetType } from './mqtt-proxy.ts';
import { OwnNetwork } from './own-network.ts';

/** A mosquitto of the test's own, stopped at its end whatever happened. */
async function mosquitto(...args: Parameters<typeof MosquittoBroker.start>) {
  const broker = await MosquittoBroker.start(...args);
  return Object.assign(broker, { [Symbol.asyncDispose]: () => broker.stop() });
}

async function proxyTo(port: number) {
  const proxy = await MqttProxy.start(port);
  return Object.assign(proxy, { [Symbol.asyncDispose]: () => proxy.stop() });
}

/** A topic that was said before is an alias from then on, and empty; what is said again and again here is data. */
const isData = ({ topic }: { topic: string }): boolean => topic === '' || topic.endsWith('/data');

/** For where a broker never answers: a busy one that does must not be taken for it elsewhere. */
const impatient = { answerWithin: '1s' } as const;

describe.concurrent('ledger, store and platform agree after', () => {
  // The long ones first: the others run beside them.

  // mosquitto 2.0.11 sends its PUBACK all the same over 3.1.1, and none at all over 5.
  test.each(['3.1.1', '5'] as const)(
    'a broker that drops large messages although it never said how large they may be, MQTT %s',
    async (protocol) => {
      await using broker = await mosquitto(['message_size_limit 1200']);
      await using site = await LinkSite.start({ url: broker.url, settings: { ...impatient, protocol } });
      await site.arrive(10);
      await broker.kill();
      await site.holds(100);
      // By the answers to fresh minutes before it a slow machine would be taken for a narrow line, and given small batches.
      site.isMaking = false;
      await broker.restart();
      const isTooLarge = (event: UplinkEvent): boolean => event.kind === 'uplink-sent' && event.bytes > 1200;
      await until('a batch is larger than the broker takes', () => site.events.some(isTooLarge));
      site.isMaking = true;
      // As in real life, minutes go on being made: what passes tells the broker's fault from the batch's.
      await site.catchesUp();
      await site.endsWhole();
      expect(site.events.filter(({ kind }) => kind === 'uplink-refused')).toEqual([]);
    },
  );

  test('a platform so slow that the broker drops what it had taken for it', async () => {
    await using broker = await mosquitto(['max_queued_messages 5', 'max_inflight_messages 5']);
    await using proxy = await proxyTo(broker.port);
    await using site = await LinkSite.start({ url: broker.url, platformUrl: proxy.url });
    await site.arrive(10);
    proxy.stall(true);
    await wait(500);
    const before = site.platform.table.keys;
    const sent = (): number => site.events.filter(({ kind }) => kind === 'uplink-sent').length;
    const enough = sent() + 11;
    await until('the broker has taken more than it holds', () => sent() > enough);
    expect(site.platform.table.keys).toBe(before);
    proxy.stall(false);
    await site.endsWhole();
    expect(site.events.some((event) => event.kind === 'uplink-sent' && event.again)).toBe(true);
  });

  test('a broker that is killed three times and comes back each time with an empty memory', async () => {
    await using broker = await mosquitto();
    await using site = await LinkSite.start({ url: broker.url });
    for (let round = 0; round < 3; round++) {
      await site.arrive(10);
      const from = site.states.length;
      await broker.kill();
      await site.sees(/^waiting/, from);
      await wait(300);
      await broker.restart();
      await site.sees(/^connected/, from);
    }
    await site.arrive(10);
    await site.endsWhole();
  });

  test('a connection on which every packet vanishes while both ends believe in it', async ({ skip }) => {
    const network = OwnNetwork.start();
    if (typeof network === 'string') return skip(network);
    await using _ = { [Symbol.asyncDispose]: async () => network.stop() };
    const address = network.address('platform');
    await using broker = await mosquitto([], { namespace: network.namespace, address });
    await using site = await LinkSite.start({
      url: `mqtt://${network.address('gateway')}:${broker.port}`,
      platformUrl: `mqtt://${address}:${broker.port}`,
      settings: impatient,
    });
    await site.arrive(10);
    const from = site.states.length;
    network.swallow(true);
    await site.sees(/no PUBACK/, from);
    network.swallow(false);
    await site.sees(/^connected/, from);
    await site.arrive(10);
    await site.endsWhole();
  });

  test('PUBACKs that are withheld: the gateway leaves, and sends again what nobody answered for', async () => {
    await using broker = await mosquitto();
    await using proxy = await proxyTo(broker.port);
    await using site = await LinkSite.start({
      url: proxy.url,
      platformUrl: broker.url,
      settings: { ...impatient, acknowledge: 'broker' },
    });
    await site.arrive(10);
    const from = site.states.length;
    proxy.judge = ({ from, type }) => (from === 'broker' && type === packetType.puback ? 'swallow' : 'pass');
    await site.sees(/no PUBACK/, from);
    proxy.judge = () => 'pass';
    await site.sees(/^connected/, from);
    await site.arrive(10);
    const { redelivered } = await site.endsWhole();
    expect(redelivered).toBeGreaterThan(0);
  });

  test('a session that another client with the same id takes over again and again', async () => {
    await using broker = await mosquitto();
    await using site = await LinkSite.start({ url: broker.url });
    const will = { topic: 'other/gone', payload: new Uint8Array(), retain: false, contentType: 'text/plain' };
    const other = mqttJsBroker({ url: broker.url, protocol: '5', clientId: linkClientId, clock: systemClock });
    for (let round = 0; round < 3; round++) {
      await site.arrive(5);
      const from = site.states.length;
      const taken = await other.connect({ will, onMessage: () => {}, onClosed: () => {} });
      await site.sees(round < 2 ? /^waiting/ : /^waiting: .*a second gateway with this identity/, from);
      await site.sees(/^connected/, from);
      if (!('kind' in taken)) await taken.close();
    }
    await site.arrive(10);
    await site.endsWhole();
  });

  test('a Receive Maximum of 1, which is never exceeded', async () => {
    await using broker = await mosquitto(['max_inflight_messages 1']);
    await using proxy = await proxyTo(broker.port);
    await using site = await LinkSite.start({ url: proxy.url, platformUrl: broker.url });
    await site.arrive(50);
    await site.endsWhole();
    expect(proxy.mostOpen).toBe(1);
  });

  test('a broker over its quota, which refuses what it is sent for a while', async () => {
    await using broker = await mosquitto();
    await using proxy = await proxyTo(broker.port);
    await using site = await LinkSite.start({ url: proxy.url, platformUrl: broker.url });
    await site.arrive(10);
    let refused = 0;
    proxy.judge = (packet) => {
      if (packet.from === 'broker' || packet.type !== packetType.publish || !isData(packet)) return 'pass';
      refused++;
      // PUBACK with 0x97, quota exceeded (MQTT 5.0 table 3-4); the broker itself never sees the message.
      return Uint8Array.from([0x40, 3, packet.id >> 8, packet.id & 0xff, 0x97]);
    };
    await until('something is refused', () => refused > 0);
    await wait(1000);
    proxy.judge = () => 'pass';
    await site.arrive(10);
    await site.endsWhole();
    expect(site.events.filter(({ kind }) => kind === 'uplink-refused')).toEqual([]);
    expect(site.states.filter((state) => state.startsWith('waiting'))).toEqual([]);
  });

  test('a broker that takes only small packets, after an outage that left a backlog', async () => {
    await using broker = await mosquitto(['max_packet_size 600']);
    await using site = await LinkSite.start({ url: broker.url });
    await site.arrive(10);
    await broker.kill();
    await site.holds(100);
    await broker.restart();
    await site.arrive(100);
    await site.endsWhole();
    expect(site.events.filter(({ kind }) => kind === 'uplink-refused')).toEqual([]);
    // What cannot be said in so small a packet is told, and costs nothing else.
    expect(site.states.at(-2)).toMatch(/^connected: .*does not take our birth document: \d+ bytes/);
  });
});
