import { describe, expect, test } from 'vitest';
import { sps30 } from '../../../test-rigs/instruments/framed/particle-sensors.ts';
import { hexOf, Responder } from '../../../test-rigs/instruments/framed/responder.ts';
import { FramedScene, type FramedScenePlan } from '../../../test-rigs/links/framed-scene.ts';
import { WrittenProfiles } from '../../../test-rigs/profiles/written-profile.ts';
import { Line } from '../line/line.ts';

const head = `profile: acme/asked
name: { zh: 测试仪, en: test meter }
sources: [made up for a test]
confidence: C
protocol: framed
serial: { default: 9600-8N1 }
`;

function sceneOf(body: string, plan: Partial<FramedScenePlan> = {}): FramedScene {
  const written = WrittenProfiles.inTest();
  written.write('acme/asked', head + body);
  return new FramedScene((options) => new Line(options), { profile: written.load('acme/asked'), ...plan });
}

/** What is asked for by text, and answers nothing but a number and an end of line. */
const numbers = `framing: { end: "0D 0A", longest: 40 }
limits: { timeoutMs: 300, retries: 1 }
messages:
  - { id: pressure, request: { text: "P?\\r" }, separator: "," }
  - { id: noise, request: { text: "N?\\r" }, separator: "," }
  - { id: humidity, request: { text: "H?\\r" }, separator: "," }
points:
  - { id: pressure, factor: pressure, message: pressure, field: 0, type: decimal }
  - { id: noise, factor: noise, message: noise, field: 0, type: decimal }
  - { id: humidity, factor: humidity, message: humidity, field: 0, type: decimal }
`;

const onlyNoise = numbers.replace(/ {2}- \{ id: (humidity|pressure).*\n/g, '');

describe('answers that look alike', () => {
  test('are never taken for each other when one comes late', async () => {
    const scene = sceneOf(numbers.replace('retries: 1', 'retries: 0'), { settings: { every: 4000 } });
    let asked = 0;
    const later = (text: string, after: number): undefined => {
      scene.clock.after(after, () => scene.end.send(Buffer.from(text)));
      return undefined;
    };
    // Every other answer for noise comes while humidity is asked for.
    const sensor = new Responder(
      {
        [hexOf('P?\r')]: () => later('101.3\r\n', 20),
        [hexOf('N?\r')]: () => {
          asked += 1;
          return later('61.5\r\n', asked % 2 === 0 ? 20 : 400);
        },
        [hexOf('H?\r')]: () => later('44\r\n', 200),
      },
      { clock: scene.clock },
    );
    sensor.serve(scene.end);
    await scene.clock.advance(60_000);
    expect(new Set(scene.values('humidity'))).toEqual(new Set([44]));
    expect(new Set(scene.values('noise'))).toEqual(new Set([61.5, null]));
    expect(new Set(scene.values('pressure'))).toEqual(new Set([101.3]));
    await scene.stop();
  });

  test('are no whole lines where one was broken off and its rest comes later', async () => {
    const scene = sceneOf(onlyNoise, { settings: { every: 4000 } });
    let times = 0;
    const answer = (): Uint8Array => {
      times += 1;
      if (times % 3 !== 1) return Buffer.from('123.4\r\n');
      scene.clock.after(650, () => scene.end.send(Buffer.from('3.4\r\n')));
      return Buffer.from('12');
    };
    new Responder({ [hexOf('N?\r')]: answer }, { clock: scene.clock, turnAround: 100 }).serve(scene.end);
    await scene.clock.advance(60_000);
    expect(new Set(scene.values('noise').filter((value) => value !== null))).toEqual(new Set([123.4]));
    await scene.stop();
  });

  test('are no whole lines where the line never falls quiet before the question', async () => {
    const scene = sceneOf(onlyNoise.replace('limits: { ', 'limits: { turnAroundMs: 100, '), {
      settings: { every: 4000 },
    });
    const stream = Buffer.from('987654.3\r\n');
    let at = 0;
    const chatter = new Responder(
      {},
      { clock: scene.clock, interval: 35, unasked: () => stream.subarray(at % 10, (at++ % 10) + 1) },
    );
    chatter.serve(scene.end);
    await scene.clock.advance(60_000);
    expect(scene.values('noise').every((value) => value === null || value === 987_654.3)).toBe(true);
    await scene.stop();
  });
});

test('an answer that is only repeated is no new sample, even when the line is lost in the middle of the poll', async () => {
  const scene = sceneOf(
    numbers.replace('retries: 1', 'retries: 0').replace('factor: pressure, ', 'factor: pressure, refreshSeconds: 60, '),
    {
      settings: { every: 4000 },
    },
  );
  let asked = 0;
  const pull = (): undefined => {
    asked += 1;
    if (asked === 2) scene.link.unplug();
    return undefined;
  };
  const sensor = new Responder(
    { [hexOf('P?\r')]: () => Buffer.from('101.3\r\n'), [hexOf('N?\r')]: pull },
    { clock: scene.clock },
  );
  sensor.serve(scene.end);
  await scene.clock.advance(30_000);
  expect(asked).toBe(2);
  expect(scene.values('pressure').filter((value) => value !== null)).toEqual([101.3]);
  await scene.stop();
});

test('a value bears the moment of its own answer, not that of the state which came after it', async () => {
  const scene = sceneOf(`framing: { end: "0D 0A", longest: 40 }
messages:
  - { id: noise, request: { text: "N?\\r" }, separator: "," }
  - { id: state, request: { text: "S?\\r" }, separator: "," }
points: [{ id: noise, factor: noise, field: 0, type: decimal }]
auxiliaries: [{ id: state, message: state, field: 0, type: decimal }]
status: [{ auxiliary: state, values: { 0: { flag: N } } }]
`);
  const sensor = new Responder(
    { [hexOf('N?\r')]: () => Buffer.from('61.5\r\n'), [hexOf('S?\r')]: () => Buffer.from('0\r\n') },
    { clock: scene.clock, turnAround: 200 },
  );
  sensor.serve(scene.end);
  await scene.clock.advance(900);
  expect(scene.of('noise')[0]).toMatchObject({ value: 61.5, monotonic: scene.transactions[0]?.monotonic });
  await scene.stop();
});

test('a right answer behind what only looks like a longer one is found', async () => {
  const scene =
    sceneOf(`framing: { start: 42 4D, length: { byte: 2, type: u8, plus: 4 }, longest: 40, checkSum: { kind: sum, to: -2, at: -1 } }
messages: [{ id: data, request: { text: "?" }, length: 6 }]
points: [{ id: pm10, factor: pm10, byte: 3, type: u16 }]
`);
  const right = [0x42, 0x4d, 2, 0, 7, 0x98];
  new Responder({ [hexOf('?')]: () => Uint8Array.of(0x42, 0x4d, 30, ...right) }, { clock: scene.clock }).serve(
    scene.end,
  );
  await scene.clock.advance(4000);
  expect(scene.values('pm10').at(-1)).toBe(7);
  expect(scene.transactions[0]).toMatchObject({ outcome: 'ok', junkBefore: 3 });
  await scene.stop();
});

describe('what an instrument is told without an answer being due', () => {
  const plan = { profile: 'sensirion/sps30', settings: { mayStart: true }, baudRate: 115_200 } as const;
  const sceneOfSensor = (more: Partial<FramedScenePlan> = {}) =>
    new FramedScene((options) => new Line(options), { ...plan, ...more });

  test('is not counted as answered when nothing comes', async () => {
    const scene = sceneOfSensor();
    await scene.clock.advance(20_000);
    expect(new Set(scene.outcomes)).toEqual(new Set(['no-bytes']));
    await scene.stop();
  });

  test('nor when an adapter gives back what was said, though that holds what is expected', async () => {
    const scene = sceneOfSensor();
    scene.end.onBytes((bytes) => scene.end.send(bytes));
    await scene.clock.advance(20_000);
    expect(new Set(scene.outcomes)).toEqual(new Set(['echo']));
    expect(scene.of('pm10')[0]?.mark.reason).toBe('no-answer');
    await scene.stop();
  });

  test('does not hide that the other end of a network connection is gone', async () => {
    const scene = sceneOfSensor({ medium: 'network' });
    const sensor = sps30(scene.clock, () => ({ pm1: 5, fine: 9, pm10: 13 }));
    sensor.serve(scene.end);
    await scene.clock.advance(5000);
    const before = scene.link.generation;
    sensor.on = false;
    await scene.clock.advance(600_000);
    expect(scene.link.generation).toBeGreaterThan(before);
    await scene.stop();
  });
});

test('an instrument whose answer to a command is the command is started', async () => {
  const scene = sceneOf(
    `framing: { end: "0D 0A", longest: 40 }
messages: [{ id: noise, request: { text: "N?\\r" }, separator: "," }]
start: [{ send: { text: "GO\\r" }, expect: { text: "GO\\r" } }]
points: [{ id: noise, factor: noise, field: 0, type: decimal }]
`,
    { settings: { mayStart: true } },
  );
  const sensor = new Responder(
    { [hexOf('N?\r')]: () => Buffer.from('61.5\r\n'), [hexOf('GO\r')]: () => Buffer.from('GO\r') },
    { clock: scene.clock },
  );
  sensor.serve(scene.end);
  await scene.clock.advance(3000);
  expect(scene.values('noise').at(-1)).toBe(61.5);
  await scene.stop();
});

test('a question that is a line like its answer is not taken for one where an adapter gives it back', async () => {
  const body = onlyNoise.replace('"N?\\r"', '"1\\r\\n"');
  for (const isThere of [true, false]) {
    const scene = sceneOf(body);
    scene.end.onBytes((bytes) => scene.end.send(bytes));
    const answers = isThere ? { [hexOf('1\r\n')]: () => Buffer.from('61.5\r\n') } : {};
    new Responder(answers, { clock: scene.clock }).serve(scene.end);
    await scene.clock.advance(5000);
    expect(new Set(scene.values('noise'))).toEqual(new Set([isThere ? 61.5 : null]));
    expect(scene.transactions.at(-1)).toMatchObject({ outcome: isThere ? 'ok' : 'echo', echoed: 3 });
    await scene.stop();
  }
});

test('a sensor on an adapter that hears itself is started and read', async () => {
  const scene = new FramedScene((options) => new Line(options), {
    profile: 'sensirion/sps30',
    settings: { mayStart: true },
    baudRate: 115_200,
  });
  const sensor = sps30(scene.clock, () => ({ pm1: 5, fine: 9, pm10: 13 }));
  scene.end.onBytes((bytes) => scene.end.send(bytes));
  sensor.serve(scene.end);
  await scene.clock.advance(5000);
  expect(scene.values('pm10').at(-1)).toBe(13);
  await scene.stop();
});

test('an instrument that was started is stopped at the end, even when its last poll failed', async () => {
  const scene = new FramedScene((options) => new Line(options), {
    profile: 'sensirion/sps30',
    settings: { mayStart: true, every: 10_000 },
    baudRate: 115_200,
  });
  const sensor = sps30(scene.clock, () => ({ pm1: 5, fine: 9, pm10: 13 }));
  sensor.serve(scene.end);
  await scene.clock.advance(3000);
  sensor.fault = (frame) => frame.map((byte, at) => (at === 4 ? byte ^ 1 : byte));
  while (scene.values('pm10').at(-1) !== null) await scene.clock.advance(100);
  await scene.stop();
  expect(sensor.isMeasuring).toBe(false);
});
