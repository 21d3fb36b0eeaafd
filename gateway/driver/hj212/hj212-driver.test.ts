import { describe, expect, test } from 'vitest';
import { hj212PacketText } from '../../../test-rigs/instruments/hj212-packet.ts';
import { SimulatedHj212Logger } from '../../../test-rigs/instruments/simulated-hj212-logger.ts';
import { Hj212Scene, type Hj212ScenePlan } from '../../../test-rigs/links/hj212-scene.ts';
import { Line } from '../line/line.ts';

const sceneOf = (plan?: Hj212ScenePlan): Hj212Scene => new Hj212Scene((options) => new Line(options), plan);
const seconds = 1000;

describe('a source of HJ 212', () => {
  test('gives each value once in a period, at the time at which it says it was measured', async () => {
    const scene = sceneOf();
    scene.logger.delay = 7 * seconds;
    scene.logger.serve(scene.end);
    await scene.clock.advance(100 * seconds);
    expect(scene.values('pm2.5')).toEqual([35, 35, 35, 35]);
    expect(scene.values('noise')).toEqual([56.3, 56.3, 56.3, 56.3]);
    const [reading] = scene.of('pm2.5');
    expect(reading).toMatchObject({ point: 'gate', origin: 'measured', mark: { flag: 'N' } });
    expect(reading?.at).toBe(Date.parse('2026-11-24T00:00:00+08:00'));
    expect(reading?.monotonic).toBeGreaterThan(7 * seconds);
    expect(new Set(scene.outcomes)).toEqual(new Set(['ok']));
    await scene.stop();
  });

  test('that was measured in the last seconds of a minute and comes in the next counts for the next', async () => {
    const scene = sceneOf();
    scene.logger.delay = 8 * seconds;
    scene.clock.after(55 * seconds, () => scene.logger.serve(scene.end));
    await scene.clock.advance(100 * seconds);
    const value = scene.of('pm2.5').find((reading) => reading.value !== null);
    expect(value?.at).toBeGreaterThanOrEqual(Date.parse('2026-11-24T00:01:03+08:00'));
    await scene.stop();
  });

  test('that is only a little ahead of our clock is stamped with its arrival', async () => {
    const scene = sceneOf();
    scene.logger.clockOffset = 20 * seconds;
    scene.logger.serve(scene.end);
    await scene.clock.advance(10 * seconds);
    const [reading] = scene.of('pm2.5');
    expect(reading?.at).toBeLessThan(Date.parse('2026-11-24T00:00:01+08:00'));
    await scene.stop();
  });

  test.each([-3_600_000, 3_600_000, -61_000, 75_000])(
    'whose clock is off by %i ms gives no value, and says why',
    async (offset) => {
      const scene = sceneOf();
      scene.logger.clockOffset = offset;
      scene.logger.serve(scene.end);
      await scene.clock.advance(300 * seconds);
      expect(new Set(scene.values('pm2.5'))).toEqual(new Set([null]));
      expect(scene.of('pm2.5')[0]?.mark).toEqual({ flag: 'B', reason: 'wrong-time', basis: 'observed' });
      expect(new Set(scene.outcomes)).toEqual(new Set(['wrong-time']));
      await scene.stop();
    },
  );

  test('that sends what it had kept does not pass it off as present', async () => {
    const scene = sceneOf({ network: true });
    const stop = scene.logger.serve(scene.end);
    await scene.clock.advance(15 * seconds);
    scene.logger.backlog(20);
    await scene.clock.advance(16 * seconds);
    expect(scene.values('pm2.5')).toEqual([35, 35]);
    expect(scene.outcomes.filter((outcome) => outcome === 'wrong-time').length).toBe(19);
    stop();
    await scene.stop();
  });

  test('that sends a packet again has not measured again', async () => {
    const scene = sceneOf();
    const packet = scene.logger.packet();
    for (const at of [100, 10_000, 20_000, 31_000]) scene.clock.after(at, () => scene.end.send(packet));
    await scene.clock.advance(40 * seconds);
    expect(scene.values('pm2.5')).toEqual([35]);
    expect(scene.transactions.map(({ late }) => late > 0)).toEqual([false, true, true, true]);
    await scene.stop();
  });

  test('whose flags say that something is not normal is marked so', async () => {
    const scene = sceneOf();
    scene.logger.flags.set('a34004', 'D').set('a34002', 'B').set('a01001', 'X').set('LA', 'S');
    scene.logger.serve(scene.end);
    await scene.clock.advance(10 * seconds);
    const [fine, coarse, warmth, noise] = ['pm2.5', 'pm10', 'temperature', 'noise'].map(
      (factor) => scene.of(factor)[0],
    );
    expect(fine).toMatchObject({ value: 35, mark: { flag: 'D', reason: 'instrument-status' }, origin: 'measured' });
    expect(coarse).toMatchObject({ value: null, mark: { flag: 'B', reason: 'instrument-status' } });
    expect(warmth).toMatchObject({ value: null, mark: { flag: 'D', reason: 'instrument-status' } });
    expect(noise).toMatchObject({ value: 56.3, mark: { flag: 'S', reason: 'instrument-status' }, origin: 'entered' });
    await scene.stop();
  });

  test('that goes on without one of the wanted values is missing that one alone', async () => {
    const scene = sceneOf();
    scene.logger.values.delete('LA');
    scene.logger.serve(scene.end);
    await scene.clock.advance(300 * seconds);
    expect(scene.values('pm2.5')).not.toContain(null);
    expect(scene.of('noise').length).toBeGreaterThanOrEqual(8);
    expect(scene.of('noise')[0]).toMatchObject({ value: null, mark: { flag: 'B', reason: 'not-sent' } });
    await scene.stop();
  });

  test('that sends dust and weather in packets of their own gives both', async () => {
    const scene = sceneOf();
    const weather = new SimulatedHj212Logger({
      clock: scene.clock,
      mn: scene.logger.mn,
      values: { a01001: '3.5', LA: '50' },
    });
    scene.logger.values.delete('a01001');
    scene.logger.values.delete('LA');
    scene.logger.serve(scene.end);
    scene.clock.after(2000, () => weather.serve(scene.end));
    await scene.clock.advance(100 * seconds);
    expect(scene.values('pm2.5')).toEqual([35, 35, 35, 35]);
    expect(scene.values('temperature')).toEqual([3.5, 3.5, 3.5, 3.5]);
    await scene.stop();
  });

  test('that goes quiet is missed in each period, and comes back by itself', async () => {
    const scene = sceneOf();
    scene.logger.serve(scene.end);
    await scene.clock.advance(40 * seconds);
    scene.logger.on = false;
    scene.readings.length = 0;
    await scene.clock.advance(310 * seconds);
    expect(scene.values('pm2.5').length).toBeGreaterThanOrEqual(9);
    expect(scene.of('pm2.5')[0]?.mark).toEqual({ flag: 'B', reason: 'listening', basis: 'observed' });
    scene.logger.on = true;
    await scene.clock.advance(40 * seconds);
    expect(scene.values('pm2.5').at(-1)).toBe(35);
    const conditions = scene.events.flatMap((event) =>
      event.kind === 'instrument-condition' ? [event.condition] : [],
    );
    expect(conditions).toEqual(['answering', 'not-answering', 'answering']);
    await scene.stop();
  });

  test('whose connection is quiet is connected to anew; a serial port is not', async () => {
    const openings = async (network: boolean): Promise<number> => {
      const scene = sceneOf({ network });
      await scene.clock.advance(300 * seconds);
      await scene.stop();
      return scene.links.filter(({ kind }) => kind === 'link-opened').length;
    };
    expect(await openings(true)).toBeGreaterThan(2);
    expect(await openings(false)).toBe(1);
  });

  test('whose line is lost is missed in each period and heard again when it is back', async () => {
    const scene = sceneOf();
    scene.logger.serve(scene.end);
    await scene.clock.advance(40 * seconds);
    scene.link.unplug();
    scene.readings.length = 0;
    await scene.clock.advance(200 * seconds);
    expect(scene.of('pm2.5').length).toBeGreaterThanOrEqual(5);
    expect(new Set(scene.readings.map(({ mark }) => mark.reason))).toEqual(new Set(['line-lost']));
    scene.link.plug();
    await scene.clock.advance(60 * seconds);
    expect(scene.values('pm2.5').at(-1)).toBe(35);
    await scene.stop();
  });
});

describe('a slow analyser that tells when its sample was taken', () => {
  test('is told once a sample, at the time of the sample, and is not missed in between', async () => {
    const scene = sceneOf();
    const sampled = (time: string): Uint8Array => {
      const text = Buffer.from(scene.logger.packet()).toString().slice(6, -6);
      return hj212PacketText(text.replace('a34004-Rtd=35', `a34004-SampleTime=${time},a34004-Rtd=35`));
    };
    for (let packet = 0; packet < 10; packet += 1) {
      scene.end.send(sampled(packet < 5 ? '20261123233000' : '20261124000130'));
      await scene.clock.advance(30 * seconds);
    }
    expect(scene.of('pm2.5').map(({ at, value }) => [at, value])).toEqual([
      [Date.parse('2026-11-23T23:30:00+08:00'), 35],
      [Date.parse('2026-11-24T00:01:30+08:00'), 35],
    ]);
    expect(scene.values('pm10')).toHaveLength(10);
    await scene.stop();
  });

  test('has no value where that time is no date, and says so', async () => {
    const scene = sceneOf();
    const text = Buffer.from(scene.logger.packet()).toString().slice(6, -6);
    const time = 'a34004-SampleTime=20261332233000,a34004-Rtd=35';
    scene.end.send(hj212PacketText(text.replace('a34004-Rtd=35', time)));
    await scene.clock.advance(10 * seconds);
    expect(scene.of('pm2.5')).toMatchObject([{ value: null, mark: { flag: 'B', reason: 'wrong-time' } }]);
    expect(scene.values('pm10')).toEqual([71]);
    await scene.stop();
  });
});
