import { describe, expect, test } from 'vitest';
import { LineScene, profileWith } from '../../../test-rigs/links/line-scene.ts';
import { ScanScene } from '../../../test-rigs/links/scan-scene.ts';
import type { ModbusQuestion } from '../modbus/modbus-exchange.ts';
import { Line } from './line.ts';

const scene = (plans: ConstructorParameters<typeof LineScene>[1]): LineScene =>
  new LineScene((options) => new Line(options), plans);

const nobody = (address: number): ModbusQuestion => ({
  instrument: null,
  address,
  functionCode: 3,
  start: 0,
  count: 1,
  timeout: 300,
  gap: 0,
});

/** Asks for slaves 100, 101, … one after the other until the line is stopped; how many were asked. */
function search({ line }: LineScene): { asked: number } {
  const progress = { asked: 0 };
  const next = (): void => {
    line.explore(nobody(100 + (progress.asked % 100))).then(
      () => {
        progress.asked += 1;
        next();
      },
      () => undefined,
    );
  };
  next();
  return progress;
}

describe('a question of a search', () => {
  test('is asked at once on a line where nothing is due, and finds who is there', async () => {
    const idle = scene([{ every: 60_000 }]);
    idle.line.start();
    await idle.clock.advance(1000);
    const began = idle.clock.monotonic();
    expect((await idle.clock.during(idle.line.explore({ ...nobody(1), start: 1 }))).outcome).toBe('ok');
    expect(idle.clock.monotonic() - began).toBeLessThan(100);
    await idle.stop();
  });

  test('costs the polls of the line nothing while there is room between them', async () => {
    const room = scene([{ every: 1000 }, { every: 1000 }]);
    room.line.start();
    await room.clock.advance(5000);
    const progress = search(room);
    room.forget();
    await room.clock.advance(60_000);
    expect([room.values('i1'), room.values('i2')]).toEqual([60, 60]);
    expect(progress.asked).toBeGreaterThan(60);
    await room.stop();
  });

  test('goes on even on a line that is asked for more than it carries, in a tenth of its time', async () => {
    const full = scene([
      { every: 100, profile: profileWith(40) },
      { every: 100, profile: profileWith(40) },
    ]);
    full.line.start();
    await full.clock.advance(30_000);
    full.forget();
    await full.clock.advance(60_000);
    const alone = full.values('i1');
    const progress = search(full);
    full.forget();
    await full.clock.advance(60_000);
    expect(progress.asked).toBeGreaterThan(10);
    expect(full.values('i1')).toBeGreaterThan(alone * 0.85);
    await full.stop();
  });

  test('is refused when the line does not run, and when it is stopped meanwhile', async () => {
    const { line, clock } = scene([{ every: 1000 }]);
    await expect(line.explore(nobody(9))).rejects.toThrow('not running');
    line.start();
    await clock.advance(10);
    const asked = Array.from({ length: 20 }, () => line.explore(nobody(9)).catch((error: Error) => error.message));
    await clock.during(line.stop());
    const answers = await Promise.all(asked);
    expect(answers.filter((answer) => typeof answer === 'string' && answer.includes('wait already')).length).toBe(4);
    expect(answers.filter((answer) => typeof answer === 'string' && answer.includes('stopped')).length).toBeGreaterThan(
      10,
    );
  });

  test('is refused with the reason where the line cannot be opened', async () => {
    const { line, link } = scene([]);
    link.unplug();
    line.start();
    await expect(line.explore(nobody(9))).rejects.toThrow('the device is not there; plug it in');
  });

  test('to a slave that was silent waits until that may be asked again, and others go first meanwhile', async () => {
    const alone = scene([]);
    alone.line.start();
    const order: number[] = [];
    const asked = [9, 9, 8].map((address) =>
      alone.line.explore(nobody(address)).then(() => order.push(alone.clock.monotonic() < 1000 ? address : -address)),
    );
    await alone.clock.during(Promise.all(asked));
    expect(order).toEqual([9, 8, -9]);
    await alone.stop();
  });

  test('that a slave keeps silent at costs no connection that carries polls', async () => {
    const remote = new ScanScene((options) => new Line(options), { framing: 'modbus-tcp' });
    const { slave } = remote.add(1, () => 7);
    slave.refuses = (_, start) => (start === 0 ? null : 'silence');
    const ask = (start: number) => remote.line.explore({ ...nobody(1), start });
    for (const start of [0, 1, 2, 3, 4]) await remote.clock.during(ask(start));
    expect([remote.link.isOpen, remote.link.generation]).toEqual([true, 1]);
    await remote.clock.during(remote.line.stop());
  });
});
