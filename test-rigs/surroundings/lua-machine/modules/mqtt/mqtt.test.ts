import { expect, test } from 'vitest';
import type { ChipKind } from '../../chip/chip.ts';
import { ScriptedBroker } from '../../far-side/scripted-broker.ts';
import { NodeRig } from '../../node-rig.ts';
import { SteppedClock } from '../../stepped-clock.ts';

const program = `
  client = mqtt.Client('7f3a12', 30, 'esp-7f3a12', 'a-password')
  client:lwt('fenceline-node/v1/esp-7f3a12/gone', '1', 0, 0)
  client:on('offline', function() print('offline') end)
  client:on('message', function(_, topic, payload) print('message', topic, payload) end)
  function connect() return client:connect('10.42.0.1', 1883, 0,
    function() print('connected') end, function(_, reason) print('failed', reason) end) end
  function publish(text, qos) return client:publish('t', text, qos or 1, 0, function() print('puback of ' .. text) end) end
`;

interface Bench {
  readonly rig: NodeRig;
  readonly clock: SteppedClock;
  readonly broker: ScriptedBroker;
  said(): string[];
  reached(): string[];
}

async function bench(kind: ChipKind, isConnected = true): Promise<Bench> {
  const clock = new SteppedClock();
  const broker = new ScriptedBroker(clock);
  const rig = await NodeRig.create({ kind, clock, farSide: broker, files: { 'init.lua': program } });
  rig.powerOn();
  clock.advance(1000);
  const said = (): string[] => rig.console.splice(0);
  if (isConnected) {
    rig.lua('connect()');
    clock.advance(1000);
    expect(said()).toEqual(['connected']);
  }
  return { rig, clock, broker, said, reached: () => broker.reached.map(({ payload }) => payload) };
}

test('on an ESP8266 all publishes share one place for the callback, without ids', async () => {
  const { rig, clock, said, reached } = await bench('esp8266');
  rig.lua('publish("first") publish("second")');
  clock.advance(1000);
  expect([said(), reached()]).toEqual([
    ['puback of second', 'puback of second'],
    ['first', 'second'],
  ]);
});

test('on an ESP32 the place is used up by the first PUBACK, so that the second comes to nobody', async () => {
  const { rig, clock, said, reached } = await bench('esp32');
  rig.lua('publish("first") publish("second")');
  clock.advance(500);
  expect([said(), reached()]).toEqual([['puback of second'], ['first', 'second']]);
});

test('on an ESP8266 a message whose PUBACK is lost is dropped after 5 s and not sent again, and the next one goes', async () => {
  const { rig, clock, broker, said, reached } = await bench('esp8266');
  broker.losesPuback = ({ payload }) => payload === 'first';
  rig.lua('publish("first") publish("second")');
  clock.advance(4900);
  expect([said(), reached()]).toEqual([[], ['first']]);
  clock.advance(1000);
  expect([said(), reached()]).toEqual([['puback of second'], ['first', 'second']]);
});

test('on an ESP32 a message whose PUBACK is lost comes again, so the other end sees it twice', async () => {
  const { rig, clock, broker, said, reached } = await bench('esp32');
  let lost = 1;
  broker.losesPuback = () => lost-- > 0;
  rig.lua('publish("row")');
  clock.advance(3000);
  expect([said(), reached()]).toEqual([['puback of row'], ['row', 'row']]);
});

test('on an ESP8266 publish and subscribe throw without a connection, and connect throws with one', async () => {
  const { rig, clock } = await bench('esp8266', false);
  expect(rig.lua('return select(2, pcall(publish, "x"))')).toContain('not connected');
  expect(rig.lua('return select(2, pcall(client.subscribe, client, "t", 1))')).toContain('not connected');
  rig.lua('connect()');
  clock.advance(1000);
  expect(rig.lua('return select(2, pcall(connect))')).toContain('already connected');
});

test('on an ESP32 publish and subscribe answer false without a connection', async () => {
  const { rig } = await bench('esp32', false);
  expect(rig.lua('return publish("x")')).toBe(false);
  expect(rig.lua('return client:subscribe("t", 1)')).toBe(false);
});

test('a broker that is not there calls the failure alone on an ESP8266, and offline too on an ESP32', async () => {
  for (const [kind, heard] of [
    ['esp8266', ['failed\t-5']],
    ['esp32', ['failed\t-6', 'offline']],
  ] as const) {
    const { rig, clock, broker, said } = await bench(kind, false);
    broker.isAway = true;
    rig.lua('connect()');
    clock.advance(1000);
    expect(said()).toEqual(heard);
  }
});

test('a refused login calls the failure with its code, and then offline, because TCP had stood', async () => {
  for (const [kind, heard] of [
    ['esp8266', ['failed\t4', 'offline']],
    ['esp32', ['failed\t-6', 'offline']],
  ] as const) {
    const { rig, clock, broker, said } = await bench(kind, false);
    broker.refuses = ({ password }) => (password === 'right' ? 0 : 4);
    rig.lua('connect()');
    clock.advance(1000);
    expect(said()).toEqual(heard);
    expect(broker.connected).toEqual([]);
  }
});

test('a broker that says nothing is given up after a time', async () => {
  for (const [kind, heard] of [
    ['esp8266', ['failed\t-2', 'offline']],
    ['esp32', ['failed\t-6', 'offline']],
  ] as const) {
    const { rig, clock, broker, said } = await bench(kind, false);
    broker.isSilent = true;
    rig.lua('connect()');
    clock.advance(4000);
    expect(said()).toEqual([]);
    clock.advance(20_000);
    expect(said()).toEqual(heard);
  }
});

test('a connection that the broker ends calls offline; one that is cut off calls the failure before it on an ESP8266', async () => {
  for (const [kind, isOrderly, heard] of [
    ['esp8266', true, ['offline']],
    ['esp8266', false, ['failed\t-5', 'offline']],
    ['esp32', false, ['offline']],
  ] as const) {
    const { clock, broker, said } = await bench(kind);
    broker.drop(isOrderly);
    clock.advance(100);
    expect(said()).toEqual(heard);
  }
});

test('a half-open connection is noticed by the pings that nobody answers', async () => {
  for (const kind of ['esp8266', 'esp32'] as const) {
    const { clock, broker, said } = await bench(kind);
    clock.advance(120_000);
    expect(said()).toEqual([]);
    broker.isMute = true;
    clock.advance(70_000);
    expect(said().at(-1)).toBe('offline');
  }
});

test('a connection that the node closes calls nothing', async () => {
  for (const kind of ['esp8266', 'esp32'] as const) {
    const { rig, clock, broker, said } = await bench(kind);
    rig.lua('client:close()');
    clock.advance(60_000);
    expect([said(), broker.connected]).toEqual([[], []]);
  }
});

test('publish answers false when the radio takes no bytes; the message is not sent later', async () => {
  for (const kind of ['esp8266', 'esp32'] as const) {
    const { rig, clock, said, reached } = await bench(kind);
    rig.refusesToSend = () => true;
    expect(rig.lua('return publish("lost")')).toBe(false);
    rig.refusesToSend = () => false;
    clock.advance(10_000);
    expect([said(), reached()]).toEqual([[], []]);
  }
});

test('a message for the node comes by its subscription; an empty one has no payload; one over 1024 bytes does not come', async () => {
  const { rig, clock, broker, said } = await bench('esp8266');
  rig.lua('client:subscribe("in/+", 1, function() print("subscribed") end)');
  clock.advance(1000);
  broker.send('in/have', '[1,\x00]');
  broker.send('in/have', '');
  broker.send('in/chunk', 'x'.repeat(1005));
  broker.send('in/chunk', 'x'.repeat(1020));
  broker.send('out', 'not ours');
  clock.advance(1000);
  expect(said()).toEqual([
    'subscribed',
    'message\tin/have\t[1,\x00]',
    'message\tin/have\tnil',
    `message\tin/chunk\t${'x'.repeat(1005)}`,
  ]);
});

test("an ESP32 cuts its will's topic at 32 characters", async () => {
  const wills: (string | undefined)[] = [];
  for (const kind of ['esp8266', 'esp32'] as const) {
    const { rig, clock, broker } = await bench(kind, false);
    broker.refuses = ({ will }) => {
      wills.push(will?.topic);
      return 0;
    };
    rig.lua('connect()');
    clock.advance(1000);
  }
  expect(wills).toEqual(['fenceline-node/v1/esp-7f3a12/gone', 'fenceline-node/v1/esp-7f3a12/gon']);
});

test('an ESP32 that is given a boolean for `secure` finds no callback behind it', async () => {
  const { rig, clock, broker, said } = await bench('esp32', false);
  rig.lua('client:connect("10.42.0.1", 1883, false, function() print("connected") end, print)');
  clock.advance(1000);
  expect([broker.connected, said()]).toEqual([['7f3a12'], []]);
});

test('a node that loses its power or restarts is no longer heard', async () => {
  const { rig, clock, broker, said } = await bench('esp8266');
  rig.lua('publish("row")');
  rig.cutPower();
  clock.advance(10_000);
  expect([said(), broker.connected, broker.reached]).toEqual([[], [], []]);
});
