import { describe, expect, test } from 'vitest';
import { hj212PacketText } from '../../../test-rigs/instruments/hj212-packet.ts';
import type { SimulatedHj212Logger } from '../../../test-rigs/instruments/simulated-hj212-logger.ts';
import { Hj212Scene, type Hj212ScenePlan } from '../../../test-rigs/links/hj212-scene.ts';
import { seededRandom } from '../../../test-rigs/stories/seeded-random.ts';
import { Line } from '../line/line.ts';

const sceneOf = (plan?: Hj212ScenePlan): Hj212Scene => new Hj212Scene((options) => new Line(options), plan);
const seconds = 1000;

describe('packets of no use', () => {
  const changed =
    (from: string, to: string) =>
    (packet: Uint8Array): Uint8Array =>
      hj212PacketText(Buffer.from(packet).toString().slice(6, -6).replace(from, to));

  const spoiled =
    (how: Partial<Pick<SimulatedHj212Logger, 'crc' | 'fault'>>) =>
    ({ logger }: Hj212Scene): void => {
      Object.assign(logger, how);
    };

  test.each<[string, (scene: Hj212Scene) => void, string, string, object]>([
    ['with a wrong CRC', spoiled({ crc: 'wrong' }), 'crc', 'garbled', {}],
    ['cut off', spoiled({ fault: (bytes) => bytes.subarray(0, 90) }), 'short', 'garbled', {}],
    ['of noise', spoiled({ fault: () => Uint8Array.of(1, 2, 3) }), 'junk', 'garbled', {}],
    ['whose CRC is right over nonsense', spoiled({ fault: () => hj212PacketText('hello') }), 'junk', 'garbled', {}],
    ['of another sender', () => undefined, 'foreign-slave', 'foreign-answer', { mn: 'ANOTHER1' }],
    ['of another command', spoiled({ fault: changed('CN=2011', 'CN=9021') }), 'ok', 'foreign-answer', {}],
    ['of 5000 bytes', spoiled({ fault: changed('CP=&&', `CP=&&x=${'y'.repeat(5000)};`) }), 'junk', 'garbled', {}],
  ])('%s are told by their name and give no value', async (_, spoil, outcome, reason, settings) => {
    const scene = sceneOf({ settings });
    spoil(scene);
    scene.logger.serve(scene.end);
    await scene.clock.advance(300 * seconds);
    expect(new Set(scene.outcomes)).toEqual(new Set([outcome]));
    expect(scene.of('pm2.5').length).toBeGreaterThanOrEqual(6);
    expect(new Set(scene.values('pm2.5'))).toEqual(new Set([null]));
    expect(scene.of('pm2.5')[0]?.mark).toEqual({ flag: 'B', reason, basis: 'observed' });
    await scene.stop();
  });

  test.each(['modbus', 'modbus-swapped'] as const)(
    'a CRC of kind %s is believed unless the profile says otherwise',
    async (crc) => {
      const scene = sceneOf();
      scene.logger.crc = crc;
      scene.logger.lowerCase = true;
      scene.logger.serve(scene.end);
      await scene.clock.advance(10 * seconds);
      expect(scene.values('pm2.5')).toEqual([35]);
      await scene.stop();
    },
  );

  test('a damaged packet before a good one is counted for itself', async () => {
    const scene = sceneOf();
    scene.end.send(
      Uint8Array.from([...hj212PacketText('QN=1;CN=2011;CP=&&&&', { crc: 'wrong' }), ...scene.logger.packet()]),
    );
    await scene.clock.advance(10 * seconds);
    expect(scene.outcomes).toEqual(['crc', 'ok']);
    expect(scene.values('pm2.5')).toEqual([35]);
    await scene.stop();
  });
});

describe('acknowledgement of data', () => {
  const asking = (settings: object, profile = 'hj212/logger-2017'): Hj212Scene => {
    const scene = sceneOf({ profile, settings: { fitted: ['pm2.5'], ...settings } });
    scene.logger.flag = 5;
    scene.logger.serve(scene.end);
    return scene;
  };

  test('is given to what asks for it, where profile and site both say so', async () => {
    const scene = asking({ acknowledge: true });
    await scene.clock.advance(70 * seconds);
    expect(scene.logger.acknowledged).toEqual(['20261124000000000', '20261124000030000', '20261124000100000']);
    expect(scene.values('pm2.5')).toEqual([35, 35, 35]);
    expect(scene.transactions[0]?.bytesSent).toBeGreaterThan(80);
    await scene.stop();
  });

  test('is given to old data too, or the source would send nothing else', async () => {
    const scene = asking({ acknowledge: true });
    scene.logger.clockOffset = -3_600_000;
    await scene.clock.advance(40 * seconds);
    expect(scene.logger.acknowledged).toHaveLength(2);
    await scene.stop();
  });

  test.each([
    ['the site does not say so', {}, 'hj212/logger-2017'],
    ['the profile does not say so', { acknowledge: true, fitted: [] }, 'hj212/dust-station'],
  ])('is not given where %s: then nothing is ever sent', async (_, settings, profile) => {
    const scene = asking(settings, profile);
    await scene.clock.advance(70 * seconds);
    expect(scene.logger.heard).toBe('');
    expect(scene.values('pm2.5')).toEqual([35, 35, 35]);
    await scene.stop();
  });
});

test('any bytes at all, and packets with a byte changed, never make a value that was not sent', async () => {
  const random = seededRandom(7);
  const scene = sceneOf({ settings: { every: 1000 } });
  const noise = (): Uint8Array =>
    Uint8Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256));
  // One byte: the CRC of annex A sees every such change, but lets about one in 256 of greater ones pass.
  const changed = (): Uint8Array => {
    const packet = scene.logger.packet();
    const place = Math.floor(random() * packet.length);
    return packet.map((byte, at) => (at === place ? byte ^ (1 << Math.floor(random() * 8)) : byte));
  };
  const cut = (): Uint8Array => scene.logger.packet().subarray(0, Math.floor(random() * 200));
  const whole = (): Uint8Array => scene.logger.packet();
  for (let turn = 0; turn < 600; turn += 1) {
    scene.end.send([noise, changed, cut, whole][Math.floor(random() * 4)]?.() ?? noise());
    await scene.clock.advance(500);
  }
  const sent = new Map<string, number>([
    ['pm2.5', 35],
    ['pm10', 71],
    ['temperature', 12.5],
    ['noise', 56.3],
  ]);
  const values = scene.readings.filter(({ value }) => value !== null);
  for (const { factor, value } of values) expect(value).toBe(sent.get(factor));
  expect(values.length).toBeGreaterThan(200);
  expect(scene.outcomes).toEqual(expect.arrayContaining(['ok', 'crc', 'short', 'junk']));
  await scene.stop();
});
