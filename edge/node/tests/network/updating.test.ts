import { describe, expect, test } from 'vitest';
import {
  firmwareFiles,
  minute,
  NodeScene,
  second,
} from '../../../../test-rigs/surroundings/lua-machine/keeping/node-scene.ts';
import { sumOf } from '../../building/manifest.ts';

/** A new hardware file, small enough to be fetched again and again. */
const offered = `${firmwareFiles('esp8266')['esp8266.lua']}-- newer\n`;

const offerOf = (text: string, name = 'esp8266.lua', sum = sumOf(Buffer.from(text, 'latin1'))): string =>
  JSON.stringify({ version: '0.2.0', files: [[name, text.length, sum]] });

/** A gateway that offers this until the node has it, and gives the chunks that are wanted. */
async function offering(text = offered): Promise<NodeScene> {
  const scene = await NodeScene.create('esp8266');
  const came = scene.broker.onMessage;
  scene.broker.onMessage = (message) => {
    came(message);
    if (message.topic.endsWith('hello') && scene.rig.flash.files.get('esp8266.lua') !== text)
      scene.send('update', offerOf(text));
    if (!message.topic.endsWith('want')) return;
    const [, name, offset] = JSON.parse(message.payload) as [string, string, number];
    scene.send('chunk', `${name}:${offset}:${text.slice(offset, offset + 512)}`);
  };
  return scene;
}

const left = (scene: NodeScene): string[] =>
  [...scene.rig.flash.files.keys()].filter((name) => name.startsWith('update.') || name.endsWith('.new'));

test('an update is fetched in chunks, tried, put in force, and what was before is kept', async () => {
  const scene = await offering();
  const before = scene.rig.flash.files.get('esp8266.lua');
  scene.start(4 * minute);
  expect(scene.wants.slice(0, 3)).toEqual([0, 512, 1024].map((offset) => ['0.2.0', 'esp8266.lua', offset]));
  expect(scene.rig.flash.files.get('esp8266.lua')).toBe(offered);
  expect(scene.rig.flash.files.get('esp8266.lua.old')).toBe(before);
  expect(left(scene)).toEqual([]);
  expect([scene.lastHello.boots, scene.rig.panics]).toEqual([['power', 'update', 'update'], []]);
  expect(scene.rows.map(({ boot, seq }) => [boot, seq]).slice(0, 1)).toEqual([[1, 1]]);
});

test('power lost at any step of an update leaves a node that starts, and the update goes on', async () => {
  let operation = 0;
  for (let isCut = true; isCut; ) {
    operation += 1;
    const kept = operation % 2 === 0 ? 0 : 100;
    const scene = await offering();
    scene.rig.cutPowerAt({ operation, kept });
    scene.start(2 * minute);
    isCut = !scene.rig.isPowered;
    scene.rig.cutPowerAt(null);
    scene.rig.cutPower();
    scene.start(4 * minute);
    expect([operation, scene.rig.panics, scene.broker.connected]).toEqual([operation, [], ['7f3a12']]);
    expect([operation, scene.rig.flash.files.get('esp8266.lua') === offered, left(scene)]).toEqual([
      operation,
      true,
      [],
    ]);
  }
  expect(operation).toBeGreaterThan(30);
});

test('fetching goes on where a restart cut it', async () => {
  const scene = await offering();
  let chunks = 0;
  const send = scene.send.bind(scene);
  scene.send = (kind, payload) => (kind === 'chunk' && chunks++ >= 3 ? true : send(kind, payload));
  scene.start(minute);
  scene.wants.length = 0;
  chunks = -1000;
  scene.rig.reset();
  scene.clock.advance(minute);
  expect(scene.wants[0]).toEqual(['0.2.0', 'esp8266.lua', 3 * 512]);
});

describe('an update is refused', () => {
  test.each([
    ['with another sum than it was offered with', offerOf(offered, 'esp8266.lua', '1.1'), 'sum'],
    ['of init.lua, which brings a node back', offerOf(offered, 'init.lua'), 'name'],
    ['for another chip', offerOf(offered, 'esp32.lua'), 'name'],
    ['that is no JSON', '{"version":', 'syntax'],
    ['without files', '{"version":"0.2.0","files":[]}', 'syntax'],
    ['too large for any chip', '{"version":"0.2.0","files":[["node.lua",1000000,"1.1"]]}', 'size'],
  ])('%s', async (_, offer, why) => {
    const scene = await NodeScene.create('esp8266');
    const came = scene.broker.onMessage;
    scene.broker.onMessage = (message) => {
      came(message);
      if (!message.topic.endsWith('want')) return;
      const [, name, offset] = JSON.parse(message.payload) as [string, string, number];
      scene.send('chunk', `${name}:${offset}:${offered.slice(offset, offset + 512)}`);
    };
    scene.start();
    scene.send('update', offer);
    scene.clock.advance(minute);
    expect(scene.refused).toEqual([{ what: 'update', why }]);
    expect(left(scene)).toEqual([]);
    expect(scene.rig.boots).toEqual(['power']);
  });

  test('again, once it did not even compile', async () => {
    const scene = await offering(`${offered}this is no Lua`);
    scene.start(5 * minute);
    expect(scene.refused.at(-1)).toEqual({ what: 'update', why: 'rolled-back' });
    expect(left(scene)).toEqual(['update.bad']);
    expect([scene.lastHello.b, scene.rig.panics]).toEqual([2, []]);
  });
});

test('power lost at any step of going back leaves none of its files to be started with another update', async () => {
  let steps = 0;
  for (let isCut = true; isCut; ) {
    steps += 1;
    const scene = await offering(`${offered}this is no Lua`);
    scene.start(10 * second);
    while (!scene.rig.flash.files.has('update.go')) scene.clock.advance(20);
    scene.rig.cutPowerAt({ operation: steps, kept: 1 });
    scene.clock.advance(9 * second);
    isCut = !scene.rig.isPowered;
    scene.rig.cutPowerAt(null);
    scene.rig.cutPower();
    scene.start(minute);
    expect([steps, left(scene), scene.rig.panics]).toEqual([steps, ['update.bad'], []]);
    expect([steps, scene.refused.at(-1)]).toEqual([steps, { what: 'update', why: 'rolled-back' }]);
  }
  expect(steps).toBeGreaterThan(5);
});

describe('init.lua', () => {
  test('leaves the console alone while GPIO0 is held, or when it is told to hold', async () => {
    const held = await NodeScene.create('esp8266');
    held.rig.inputs = () => 0;
    held.start(minute);
    expect([held.rig.console, held.broker.attempts]).toEqual([['fenceline: starting in 5 s', 'fenceline: held'], 0]);
    const told = await NodeScene.create('esp8266');
    told.start(2 * second);
    told.rig.type('fenceline_hold=true\n');
    told.clock.advance(minute);
    expect(told.broker.attempts).toBe(0);
  });

  test('says what keeps the firmware from starting, and tries again after a minute', async () => {
    const scene = await NodeScene.create('esp8266', { files: { 'node.lua': 'this is no Lua' } });
    scene.start(3 * minute);
    expect(scene.rig.console[1]).toMatch(/^fenceline: .*node\.lua/);
    expect(scene.rig.boots.length).toBe(3);
  });
});
