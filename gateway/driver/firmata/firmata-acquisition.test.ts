import { expect, onTestFinished, test } from 'vitest';
import { BoardScene, type BoardSettings } from '../../../test-rigs/links/board-scene.ts';
import { FirmataAcquisition } from './firmata-acquisition.ts';

const kitchen = 'fenceline/uno-restaurant';
const places: BoardSettings = { channels: { fan: 'fan', purifier: 'purifier', cabinet: 'box' } };

async function begun(scene: BoardScene, profile = kitchen, settings = places): Promise<FirmataAcquisition> {
  const acquisition = new FirmataAcquisition(scene.options(profile, settings));
  onTestFinished(() => scene.clock.during(acquisition.stop()));
  acquisition.start();
  await scene.clock.advance(0);
  return acquisition;
}

test('a contact is told as the share of each period in which it was closed', async () => {
  const scene = new BoardScene();
  scene.uno.setPin(4, 'ground');
  await begun(scene);
  await scene.clock.advance(4000);
  scene.uno.setPin(4, 'open');
  await scene.clock.advance(1000);
  scene.uno.setPin(4, 'ground');
  await scene.clock.advance(7000);
  expect(scene.told('fan', 'fan-running')).toEqual([100, 75, 100]);
  expect(scene.told('box', 'door-closed')).toEqual([0, 0, 0]);
});

test('each change of a contact is an event of its own, and so is what it is at first', async () => {
  const scene = new BoardScene();
  await begun(scene);
  await scene.clock.advance(1000);
  scene.uno.setPin(7, 'ground');
  await scene.clock.advance(1000);
  const told = scene.of('contact-changed').filter(({ contact }) => contact === 'door');
  expect(
    told.map(({ point, closed, first, changes, monotonic }) => [point, closed, first, changes, monotonic]),
  ).toEqual([
    ['box', false, true, 1, 0],
    ['box', true, false, 1, 1000],
  ]);
});

test('a contact that chatters is counted, and its last state is told', async () => {
  const scene = new BoardScene();
  await begun(scene);
  await scene.clock.advance(1000);
  for (let turn = 0; turn < 150; turn += 1) {
    scene.uno.setPin(7, turn % 2 === 0 ? 'ground' : 'open');
    await scene.clock.advance(200);
  }
  scene.uno.setPin(7, 'ground');
  await scene.clock.advance(60_000);
  const told = scene.of('contact-changed').filter(({ contact }) => contact === 'door');
  expect(told).toHaveLength(21);
  expect(told.reduce((sum, { changes }) => sum + changes, 0)).toBe(152);
  expect(told.at(-1)).toMatchObject({ closed: true, changes: 132 });
});

test('the last state of a contact that chatters is told when the gateway stops, and not made up', async () => {
  const scene = new BoardScene();
  const acquisition = await begun(scene);
  await scene.clock.advance(1000);
  for (let turn = 0; turn < 30; turn += 1) {
    scene.uno.setPin(7, turn % 2 === 0 ? 'ground' : 'open');
    await scene.clock.advance(200);
  }
  await scene.clock.during(acquisition.stop());
  const told = scene.of('contact-changed').filter(({ contact }) => contact === 'door');
  expect(told).toHaveLength(21);
  expect(told.at(-1)).toMatchObject({ closed: false, changes: 11 });
});

test('a board that ran and is lost is tried again soon, however long it had been away before', async () => {
  const scene = new BoardScene();
  scene.fault = { kind: 'absent', message: 'memory: it is not there' };
  await begun(scene);
  await scene.clock.advance(300_000);
  expect((scene.attempts.at(-1) ?? 0) - (scene.attempts.at(-2) ?? 0)).toBe(30_000);
  scene.fault = undefined;
  await scene.clock.advance(120_000);
  scene.uno.lose('it restarted');
  const lost = scene.clock.monotonic();
  await scene.clock.advance(2000);
  expect((scene.attempts.at(-1) ?? 0) - lost).toBe(1000);
});

test('a board that restarts over and over does not fill the records with that', async () => {
  const scene = new BoardScene();
  await begun(scene, kitchen, { ...places, every: 1000 });
  for (let passed = 0; passed < 3_600_000; passed += 5000) {
    await scene.clock.advance(5000);
    scene.uno.lose('it restarted');
  }
  expect(scene.of('link-opened').length).toBeLessThan(130);
  expect(scene.of('instrument-condition').length).toBeLessThan(260);
});

test('of a period in which a contact chattered for the most part nobody says how it stood', async () => {
  const scene = new BoardScene();
  scene.uno.setPin(7, 'ground');
  await begun(scene);
  await scene.clock.advance(4000);
  // Known until it has not stood still for a second.
  for (let turn = 0; turn < 400; turn += 1) {
    scene.uno.setPin(7, turn % 2 === 0 ? 'open' : 'ground');
    await scene.clock.advance(20);
  }
  await scene.clock.advance(4000);
  expect(scene.told('box', 'door-closed')).toEqual([100, 'status-unknown', 'status-unknown', 100]);
});

test('a board that restarts more often than a period is long says so once a period, instead of nothing at all', async () => {
  const scene = new BoardScene();
  await begun(scene, kitchen, { ...places, every: 60_000 });
  for (let passed = 0; passed < 600_000; passed += 100) {
    await scene.clock.advance(100);
    const openings = scene.of('link-opened').length;
    if (openings > scene.of('link-closed').length && passed % 15_000 === 0) scene.uno.lose('it restarted');
  }
  const told = scene.told('fan', 'fan-running');
  expect(new Set(told)).toEqual(new Set(['line-lost']));
  expect(told.length).toBeGreaterThanOrEqual(6);
  expect(told.length).toBeLessThanOrEqual(10);
});

test('a clamp is told in amperes once its window is full', async () => {
  const scene = new BoardScene();
  const settings = { ...places, every: 3000, fitted: ['fan-current'], parameters: { supply: 5 } };
  await begun(scene, kitchen, settings);
  // 60 counts of amplitude at 5 V through 33 ohms and 2000 turns: 60/1023*5/√2/33*2000 A.
  for (let at = 0; at < 12_000; at += 13) {
    scene.uno.setAnalogue(0, Math.round(512 + 60 * Math.sin(2 * Math.PI * 0.05 * scene.clock.monotonic())));
    await scene.clock.advance(13);
  }
  const [first, ...rest] = scene.told('fan', 'current');
  expect(first).toBe('warm-up');
  for (const value of rest) expect(Math.abs(Number(value) - 12.57)).toBeLessThan(0.13);
  expect(rest).toHaveLength(3);
});

test('a value of a clamp is told once, however often it is asked for', async () => {
  const scene = new BoardScene();
  scene.uno.setAnalogue(0, 512);
  await begun(scene, kitchen, { ...places, every: 500, fitted: ['fan-current'], parameters: { supply: 5 } });
  await scene.clock.advance(20_500);
  const told = scene.told('fan', 'current').filter((value) => value !== 'warm-up');
  // Windows of 3.9 s.
  expect(told).toEqual([0, 0, 0, 0, 0]);
});

const yard = 'fenceline/uno-construction-site';
const tank: BoardSettings = {
  ...{ channels: { cabinet: 'box', tank: 'tank' }, fitted: ['tank'] },
  parameters: { 'tank-low': 0, 'tank-high': 4, supply: 5 },
};

test.each([
  ['12 mA as half of the tank', 491, 2],
  ['a loop that carries nothing as broken', 2, 'broken-loop'],
  ['more than a loop can carry as over range', 900, 'over-range'],
])('a current loop tells %s', async (_, raw, told) => {
  const scene = new BoardScene();
  scene.uno.setAnalogue(0, raw);
  await begun(scene, yard, tank);
  await scene.clock.advance(4000);
  expect(scene.told('tank', 'water-level')).toEqual([told]);
});

test('a loop that was broken for part of a period has no mean: the period says so', async () => {
  const scene = new BoardScene();
  scene.uno.setAnalogue(0, 491);
  await begun(scene, yard, tank);
  await scene.clock.advance(5000);
  scene.uno.setAnalogue(0, 0);
  await scene.clock.advance(1000);
  scene.uno.setAnalogue(0, 491);
  await scene.clock.advance(6000);
  expect(scene.told('tank', 'water-level')).toEqual([2, 'broken-loop', 2]);
});

test('a loop of whose board nothing comes any more has no value at once, before the board is lost', async () => {
  const scene = new BoardScene();
  scene.uno.setAnalogue(0, 491);
  await begun(scene, yard, { ...tank, every: 1000 });
  await scene.clock.advance(2010);
  scene.uno.isHung = true;
  await scene.clock.advance(2000);
  expect(scene.told('tank', 'water-level')).toEqual([2, 2, 'not-sent', 'not-sent']);
});

test('what a sensor in the cabinet says is told once, however often it is asked for', async () => {
  const scene = new BoardScene();
  await begun(scene, yard, { channels: { cabinet: 'box' }, every: 250, fitted: ['temperature'] });
  await scene.clock.advance(10_100);
  const told = scene.told('box', 'cabinet-temperature');
  expect(new Set(told)).toEqual(new Set(['no-answer']));
  expect(told.length).toBeLessThanOrEqual(11);
});

test('a sensor that is not there costs its own values only', async () => {
  const scene = new BoardScene();
  await begun(scene, yard, { channels: { cabinet: 'box' }, fitted: ['temperature', 'humidity'] });
  await scene.clock.advance(9000);
  expect(scene.told('box', 'cabinet-temperature')).toEqual(['no-answer', 'no-answer']);
  expect(scene.told('box', 'door-closed')).toEqual([0, 0]);
});

test('unplugged, every period says so and nothing of before is told again; plugged in, it goes on by itself', async () => {
  const scene = new BoardScene();
  scene.uno.setPin(4, 'ground');
  await begun(scene);
  await scene.clock.advance(9000);
  scene.uno.unplug();
  await scene.clock.advance(20_000);
  expect(scene.told('fan', 'fan-running')).toEqual([100, 100, ...Array(5).fill('line-lost')]);
  scene.uno.setPin(4, 'open');
  scene.uno.plug();
  await scene.clock.advance(40_000);
  expect(scene.told('fan', 'fan-running').slice(-3)).toEqual([0, 0, 0]);
  expect(scene.told('fan', 'fan-running').slice(7)).not.toContain(100);
  expect(scene.of('instrument-condition').map(({ condition }) => condition)).toEqual([
    'answering',
    'not-answering',
    'answering',
  ]);
  expect(scene.of('link-closed')[0]?.fault).toMatchObject({ kind: 'lost' });
  expect(scene.of('link-opened').map(({ generation }) => generation)).toEqual([1, 2]);
});

test.each([
  ['absent', 'line-lost', 'absent'],
  ['taken', 'line-lost', 'taken'],
  ['no-firmware', 'no-answer', 'refused'],
  ['wrong-firmware', 'garbled', 'refused'],
] as const)(
  'a board that is %s leaves its values missing as %s, and is tried again after growing pauses',
  async (kind, reason, told) => {
    const scene = new BoardScene();
    scene.fault = { kind, message: 'board: what to do' };
    await begun(scene);
    await scene.clock.advance(60_000);
    expect(new Set(scene.told('fan', 'fan-running'))).toEqual(new Set([reason]));
    expect(scene.told('fan', 'fan-running')).toHaveLength(15);
    expect(scene.attempts).toEqual([0, 1000, 3000, 7000, 15_000, 31_000]);
    expect(scene.of('link-closed')[0]?.fault).toEqual({ kind: told, message: 'board: what to do' });
    scene.fault = undefined;
    await scene.clock.advance(30_000);
    expect(scene.told('fan', 'fan-running').at(-1)).toBe(0);
  },
);

test('an opening that goes wrong by a mistake costs that attempt only', async () => {
  const scene = new BoardScene();
  const options = scene.options(kitchen, places);
  let attempts = 0;
  const open: typeof options.open = (asked) => {
    attempts += 1;
    return attempts < 3 ? Promise.reject(new Error('no such thing')) : options.open(asked);
  };
  const acquisition = new FirmataAcquisition({ ...options, open });
  onTestFinished(() => scene.clock.during(acquisition.stop()));
  acquisition.start();
  await scene.clock.advance(20_000);
  expect(scene.of('link-closed')[0]?.fault?.message).toContain('no such thing');
  expect(scene.told('fan', 'fan-running').at(-1)).toBe(0);
});

test('a gateway that is stopped while a board is being opened leaves no board open behind it', async () => {
  const scene = new BoardScene();
  const options = scene.options('fenceline/uno-construction-site', { channels: { cabinet: 'box' } });
  let closed = 0;
  const open: typeof options.open = async (asked) => {
    await new Promise<void>((resolve) => scene.clock.after(2000, resolve));
    const board = await options.open(asked);
    if ('kind' in board) return board;
    const close = async (): Promise<void> => {
      closed += 1;
    };
    return Object.assign(board, { close });
  };
  const acquisition = new FirmataAcquisition({ ...options, open });
  acquisition.start();
  await scene.clock.advance(500);
  await scene.clock.during(acquisition.stop());
  expect([closed, scene.events, scene.readings]).toEqual([1, [], []]);
});

test('a read on demand tells the period so far, and takes nothing from it', async () => {
  const scene = new BoardScene();
  const acquisition = await begun(scene);
  await scene.clock.advance(2000);
  scene.uno.setPin(4, 'ground');
  await scene.clock.advance(1000);
  const readings = await scene.clock.during(acquisition.read('io'));
  expect(readings.find(({ factor }) => factor === 'fan-running')?.value).toBe(33.33);
  expect(scene.readings).toEqual([]);
  await scene.clock.advance(1000);
  expect(scene.told('fan', 'fan-running')).toEqual([50]);
  await expect(acquisition.read('other')).rejects.toThrow('no instrument other on this board');
});

test('two boards stand side by side: one that is lost takes nothing from the other', async () => {
  const [one, other] = [new BoardScene(), new BoardScene()];
  await begun(one);
  await begun(other);
  await one.clock.advance(4000);
  one.uno.unplug();
  await one.clock.advance(8000);
  await other.clock.advance(12_000);
  expect(one.told('fan', 'fan-running')).toEqual([0, 'line-lost', 'line-lost']);
  expect(other.told('fan', 'fan-running')).toEqual([0, 0, 0]);
});
