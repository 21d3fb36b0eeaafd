import { describe, expect, test } from 'vitest';
import { firmwareLua, firmwarePart } from '../../../../test-rigs/surroundings/lua-machine/firmware-part.ts';
import {
  configuration,
  minute,
  NodeScene,
  second,
} from '../../../../test-rigs/surroundings/lua-machine/keeping/node-scene.ts';
import { LuaMachine } from '../../../../test-rigs/surroundings/lua-machine/lua-machine.ts';

const kinds = ['esp8266', 'esp32'] as const;

interface Part {
  faultyField(document: object, isSecure: boolean): string | undefined;
}

test.each(['Lua 5.1', 'Lua 5.3'] as const)('each field is checked, in %s', async (language) => {
  const { faultyField } = await firmwarePart<Part>('configuration.ts', language);
  const faulty = (changes: object): string | undefined => faultyField({ ...configuration, ...changes }, false);
  expect(faulty({})).toBeUndefined();
  expect(faulty({ sensor: 'none' })).toBeUndefined();
  expect(faulty({ wifi: ['site', ''] })).toBeUndefined();
  const wrong: readonly (readonly [string, object])[] = [
    ['version', { version: 0 }],
    ['version', { version: 1.5 }],
    ['version', { version: '3' }],
    ['version', { version: 1_000_000 }],
    ['node', { node: 'new' }],
    ['node', { node: 'Esp' }],
    ['node', { node: 'a'.repeat(25) }],
    ['node', { node: undefined }],
    ['password', { password: undefined }],
    ['password', { password: 'with space' }],
    ['password', { password: 'x'.repeat(65) }],
    ['wifi', { wifi: ['site'] }],
    ['wifi', { wifi: ['', 'a password'] }],
    ['wifi', { wifi: ['site', 'short'] }],
    ['wifi', { wifi: 'site' }],
    ['wifi', { wifi: null }],
    ['gateway', { gateway: ['10.42.0.1', 0] }],
    ['gateway', { gateway: ['10.42.0.1', 65_536] }],
    ['gateway', { gateway: ['a b', 1883] }],
    ['gateway', { gateway: ['10.42.0.1'] }],
    ['tls', { tls: true }],
    ['tls', { tls: 1 }],
    ['sensor', { sensor: 'sharp' }],
    ['sensor', { sensor: 'none', adc: 'none' }],
    ['adc', { adc: undefined }],
    ['period', { period: 7 }],
    ['period', { period: 70 }],
    ['period', { period: 7200 }],
    ['perod', { perod: 60 }],
  ];
  for (const [field, changes] of wrong) expect([changes, faulty(changes)]).toEqual([changes, field]);
  expect(faultyField({ ...configuration, tls: true }, true)).toBeUndefined();
});

test('a number that Lua 5.3 reads as a float is no whole number: 32-bit floats hold no epoch second', async () => {
  const machine = await LuaMachine.create('5.3');
  const faulty = (period: string): unknown =>
    machine.run(`local part = (function() ${firmwareLua('configuration.ts')} end)()
      return part.faultyField({ version = 3, wifi = { 'site', '' }, gateway = { 'gateway', 1883 }, tls = false,
        sensor = 'nova', adc = 'none', period = ${period} }, false)`);
  expect([faulty('60'), faulty('60.0')]).toEqual([undefined, 'period']);
});

const pushed = (changes: object): string => JSON.stringify({ version: 4, ...changes });

describe.each(kinds)('a configuration over the air, on an %s,', (kind) => {
  test('changes what it names, is tried, and is in force once the gateway is heard under it', async () => {
    const scene = (await NodeScene.create(kind)).start(90 * second);
    scene.send('configuration', pushed({ period: 30 }));
    scene.clock.advance(second);
    expect(scene.rig.flash.files.has('node.new')).toBe(true);
    expect(JSON.parse(scene.rig.flash.files.get('node.json') as string)).toEqual(configuration);
    scene.clock.advance(2 * minute);
    expect([scene.lastHello.configuration, scene.lastHello.reason]).toEqual([4, 'configuration']);
    expect(JSON.parse(scene.rig.flash.files.get('node.json') as string)).toEqual({
      ...configuration,
      version: 4,
      period: 30,
    });
    expect(JSON.parse(scene.rig.flash.files.get('node.old') as string)).toEqual(configuration);
    expect(scene.rig.flash.files.has('node.boots')).toBe(false);
    // What was in RAM before the restart has come as well.
    const seqs = scene.rows.filter(({ boot }) => boot === 1).map(({ seq }) => seq);
    expect(seqs).toEqual([1, 2]);
  });

  test('under which the gateway is not heard is given up after three boots, and not taken again', async () => {
    const scene = (await NodeScene.create(kind)).start(90 * second);
    const changes = pushed({ gateway: ['10.42.0.9', 1883] });
    scene.broker.refuses = ({ host }) => (host === '10.42.0.9' ? 5 : 0);
    scene.send('configuration', changes);
    scene.clock.advance(45 * minute);
    expect([scene.lastHello.configuration, scene.lastHello.b]).toEqual([3, 5]);
    expect(scene.lastHello.boots).toEqual(['power', 'configuration', 'trial', 'trial', 'trial']);
    scene.send('configuration', changes);
    scene.clock.advance(minute);
    expect(scene.refused).toEqual([{ what: 'configuration', why: 'rolled-back' }]);
    scene.send('configuration', JSON.stringify({ version: 5, period: 120 }));
    scene.clock.advance(minute);
    expect(scene.lastHello.configuration).toBe(5);
    // None of the rows of all that time is lost, and each has its time: a restart of the node's own keeps that.
    for (const { begin, boot, seq } of scene.rows) expect([boot, seq, begin === undefined]).toEqual([boot, seq, false]);
    const begins = scene.rows.map(({ begin }) => begin as number);
    for (const [at, begin] of begins.entries()) expect(begin - (begins[at - 1] ?? begin)).toBeGreaterThanOrEqual(0);
    const lasts = scene.rows.filter((row, at) => scene.rows[at + 1]?.boot !== row.boot);
    for (const { boot, seq } of lasts) expect(scene.rows.filter((row) => row.boot === boot)).toHaveLength(seq);
  });
});

test('a configuration that is not sound as a whole changes nothing, and the gateway is told', async () => {
  const scene = (await NodeScene.create('esp8266')).start(90 * second);
  for (const wrong of [
    '{"version":4,"period":',
    '[4]',
    '7',
    pushed({ period: 7 }),
    pushed({ sensr: 'nova' }),
    pushed({ tls: true }),
  ]) {
    scene.send('configuration', wrong);
    scene.clock.advance(5 * second);
  }
  expect(scene.refused.map(({ why }) => why)).toEqual([
    'syntax',
    'field 1',
    'syntax',
    'field period',
    'field sensr',
    'field tls',
  ]);
  scene.send('configuration', JSON.stringify({ version: 3, period: 30 }));
  scene.clock.advance(minute);
  expect(scene.refused).toHaveLength(6);
  expect(scene.rig.flash.files.get('node.json')).toBe(JSON.stringify(configuration));
  expect([scene.rig.boots, scene.rig.panics]).toEqual([['power'], []]);
});

test.each([
  ['torn', (text: string) => text.slice(0, 40)],
  ['empty', () => ''],
  ['that is not sound', () => JSON.stringify({ ...configuration, period: 1 })],
])('a node.json %s gives way to the last good one', async (_, broken) => {
  const good = JSON.stringify({ ...configuration, version: 2 });
  const files = { 'node.json': broken(JSON.stringify(configuration)), 'node.old': good };
  const scene = (await NodeScene.create('esp8266', { files })).start(90 * second);
  expect(scene.lastHello.configuration).toBe(2);
  scene.send('configuration', pushed({ period: 30 }));
  scene.clock.advance(2 * minute);
  expect(scene.lastHello.configuration).toBe(4);
  expect(scene.rig.flash.files.get('node.old')).toBe(good);
});

test('without any sound configuration the node says so on its console, and stays there', async () => {
  const scene = (await NodeScene.create('esp8266', { files: { 'node.json': '{' } })).start(minute);
  expect(scene.rig.console).toEqual(['fenceline: starting in 5 s', expect.stringContaining('no sound node.json')]);
  expect(scene.broker.attempts).toBe(0);
});

test('power lost at any step of a new configuration leaves a node that comes up under the old or the new one', async () => {
  for (let operation = 1; operation <= 16; operation++) {
    for (const kept of [0, 60]) {
      const scene = (await NodeScene.create('esp8266')).start(40 * second);
      scene.rig.cutPowerAt({ operation, kept });
      scene.send('configuration', pushed({ period: 30 }));
      scene.clock.advance(minute);
      scene.rig.cutPowerAt(null);
      scene.rig.cutPower();
      scene.start(2 * minute);
      const place = `operation ${operation}, ${kept} bytes`;
      expect([place, scene.rig.panics, scene.broker.connected]).toEqual([place, [], ['7f3a12']]);
      expect([3, 4]).toContain(scene.lastHello.configuration);
      const inForce = JSON.parse(scene.rig.flash.files.get('node.json') as string) as { version: number };
      expect([place, inForce.version]).toEqual([place, scene.lastHello.configuration]);
    }
  }
});

test('a Wi-Fi password with a backslash and quotation marks survives a change of something else', async () => {
  const wifi = ['my "site"', 'pass\\word"1'];
  const files = { 'node.json': JSON.stringify({ ...configuration, wifi }) };
  const scene = (await NodeScene.create('esp8266', { files })).start(40 * second);
  scene.send('configuration', pushed({ period: 30 }));
  scene.clock.advance(2 * minute);
  expect(JSON.parse(scene.rig.flash.files.get('node.json') as string)).toEqual({
    ...configuration,
    version: 4,
    period: 30,
    wifi,
  });
});
