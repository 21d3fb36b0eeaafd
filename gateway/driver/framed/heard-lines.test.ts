import { describe, expect, test } from 'vitest';
import { Responder } from '../../../test-rigs/instruments/framed/responder.ts';
import { FramedScene } from '../../../test-rigs/links/framed-scene.ts';
import { WrittenProfiles } from '../../../test-rigs/profiles/written-profile.ts';
import type { Instrument } from '../instrument.ts';
import { Line } from '../line/line.ts';

const head = `profile: acme/lines
name: { zh: 测试仪, en: test meter }
sources: [made up for a test]
confidence: C
protocol: framed
serial: { default: 9600-8N1 }
`;
const lines = `framing: { end: "0D 0A", longest: 40 }
messages: [{ id: line, separator: "," }]
points: [{ id: noise, factor: noise, field: 0, type: decimal }]
`;

function sceneOf(body: string, settings: Partial<Instrument['settings']> = {}): FramedScene {
  const written = WrittenProfiles.inTest();
  written.write('acme/lines', head + body);
  return new FramedScene((options) => new Line(options), { profile: written.load('acme/lines'), settings });
}

describe('lines without a head', () => {
  /** What is sent, each piece at its moment, milliseconds. */
  async function heard(pieces: readonly (readonly [number, string])[]): Promise<(number | null)[]> {
    const scene = sceneOf(lines);
    for (const [at, text] of pieces) scene.clock.after(at, () => scene.end.send(Buffer.from(text)));
    await scene.clock.advance(2900);
    const values = scene.values('noise');
    await scene.stop();
    return values;
  }

  test('are read from the first whole one on', async () => {
    expect(await heard([[100, '.5,1\r\n61.5,1\r\n']])).toEqual([61.5]);
  });

  test('are not believed where only the rest of one came, after a pause in the middle', async () => {
    const pieces = [
      [100, '60.1,1\r\n'],
      [200, '12'],
      [1400, '3.4,1\r\n'],
      [2500, '61.5,1\r\n'],
    ] as const;
    expect(await heard(pieces)).toEqual([61.5]);
  });

  test('are not believed where one is the tail of what was too long for a line', async () => {
    const pieces = [
      [100, '60.1,1\r\n'],
      [1200, '9'.repeat(50)],
      [1300, '7.5,1\r\n'],
      [2500, '61.5,1\r\n'],
    ] as const;
    expect(await heard(pieces)).toEqual([61.5]);
  });

  test('are read right behind an empty one', async () => {
    const fixed = sceneOf(`framing: { end: "0D 0A", longest: 40 }
messages: [{ id: line }]
points: [{ id: noise, factor: noise, byte: 0, length: 3, type: decimal }]
`);
    fixed.clock.after(100, () => fixed.end.send(Buffer.from('x\r\n\r\n615\r\n')));
    await fixed.clock.advance(1000);
    expect(fixed.values('noise')).toEqual([615]);
    await fixed.stop();
  });
});

describe('a stream that is read now and again by somebody', () => {
  test('goes on being told in each period', async () => {
    const scene = sceneOf(lines, { every: 20_000 });
    new Responder({}, { clock: scene.clock, unasked: () => Buffer.from('61.5,1\r\n') }).serve(scene.end);
    await scene.clock.advance(5000);
    for (let times = 0; times < 10; times += 1) await scene.clock.during(scene.line.read('instrument'));
    scene.readings.length = 0;
    await scene.clock.advance(100_000);
    expect(scene.values('noise').length).toBeGreaterThanOrEqual(5);
    await scene.stop();
  });
});

describe('a stream that has to be started', () => {
  const start = Buffer.from('GO\r').toString('hex').toUpperCase();
  const started = `${lines}start: [{ send: { text: "GO\\r" }, expect: { text: "OK" }, withinMs: 500 }]\n`;
  const settings = { mayStart: true };

  test('is started again when it has gone quiet', async () => {
    const scene = sceneOf(started, settings);
    let isTalking = false;
    const answer = (): Uint8Array => {
      isTalking = true;
      return Buffer.from('OK\r\n');
    };
    const unasked = (): Uint8Array | undefined => (isTalking ? Buffer.from('61.5,1\r\n') : undefined);
    new Responder({ [start]: answer }, { clock: scene.clock, unasked }).serve(scene.end);
    await scene.clock.advance(5000);
    expect(scene.values('noise').at(-1)).toBe(61.5);
    isTalking = false;
    await scene.clock.advance(10_000);
    expect(scene.values('noise').at(-1)).toBe(61.5);
    await scene.stop();
  });

  test('and talks already, but does not say that it was started, is heard all the same', async () => {
    const scene = sceneOf(started, settings);
    new Responder({}, { clock: scene.clock, unasked: () => Buffer.from('61.5,1\r\n') }).serve(scene.end);
    await scene.clock.advance(20_000);
    expect(scene.values('noise').filter((value) => value === 61.5).length).toBeGreaterThan(15);
    await scene.stop();
  });
});
