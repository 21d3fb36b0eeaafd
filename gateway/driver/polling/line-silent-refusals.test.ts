import { describe, expect, test } from 'vitest';
import { LineScene, profileWith } from '../../../test-rigs/links/line-scene.ts';
import type { Instrument } from '../instrument.ts';
import { Line, type LineOptions } from '../line/line.ts';

const make = (options: LineOptions): Line => new Line(options);
const minute = 60_000;

/** Registers of two tables, which make two requests: 0 to 9 of table 4 and 0 to `last` of table 3. */
function twoTables(last: number, quirks: object = { silentRefusal: true }): Instrument['profile'] {
  const row = (functionCode: number, length: number) =>
    Array.from({ length }, (_, register) => ({
      ...{ id: `t${functionCode}-${register}`, factor: 'current', functionCode, register, type: 'u16' },
    }));
  return profileWith(0, { points: [...row(4, 10), ...row(3, last + 1)], quirks });
}

const silentAbout =
  (...missing: number[]) =>
  (table: number, start: number, count: number) =>
    table === 3 && missing.some((register) => register >= start && register < start + count) ? 'silence' : null;

const asked = (scene: LineScene): string[] =>
  scene.asked('i1').map(({ sent, outcome }) => {
    const start = (sent[2] ?? 0) * 256 + (sent[3] ?? 0);
    return `${sent[1]}: ${start}+${(sent[4] ?? 0) * 256 + (sent[5] ?? 0)} ${outcome}`;
  });

const told = (scene: LineScene): unknown[] => scene.events.filter(({ kind }) => kind === 'plan-changed');

const conditions = (scene: LineScene): string[] =>
  scene.events.flatMap((event) => (event.kind === 'instrument-condition' ? [event.condition] : []));

/** What one poll asks, once everything is learned; which request is the first hangs on which one was answered first. */
async function onePoll(scene: LineScene): Promise<string[]> {
  scene.forget();
  await scene.clock.advance(10_000);
  return asked(scene).sort();
}

describe('an instrument that keeps silent about a register it does not have', () => {
  test('loses that one only, and from the second poll on nothing is asked in vain', async () => {
    const scene = new LineScene(make, [{ every: 10_000, profile: twoTables(15) }]);
    scene.slave('i1').refuses = silentAbout(9);
    scene.line.start();
    await scene.clock.advance(2 * minute);
    expect(await onePoll(scene)).toEqual(['3: 0+9 ok', '3: 10+6 ok', '4: 0+10 ok']);
    expect(scene.of('i1').filter(({ value }) => value === null)).toMatchObject([
      { mark: { flag: 'B', reason: 'refused', basis: 'inferred' } },
    ]);
    expect(conditions(scene)).toEqual([]);
    await scene.stop();
  });

  test('is found to answer where everything stands in one request, and learned from there', async () => {
    const profile = profileWith(16, { quirks: { silentRefusal: true } });
    const scene = new LineScene(make, [{ every: 10_000, profile }]);
    scene.slave('i1').refuses = silentAbout(5);
    scene.line.start();
    await scene.clock.advance(3 * minute);
    expect(await onePoll(scene)).toEqual(['3: 0+5 ok', '3: 6+10 ok']);
    await scene.stop();
  });

  test('is asked for it again at most every ten minutes, and gives it once it has it', async () => {
    const scene = new LineScene(make, [{ every: 10_000, profile: twoTables(15) }]);
    scene.slave('i1').refuses = silentAbout(9);
    scene.line.start();
    await scene.clock.advance(2 * minute);
    scene.forget();
    await scene.clock.advance(30 * minute);
    const inVain = asked(scene).filter((one) => !one.endsWith('ok'));
    expect(inVain).toEqual(['3: 9+1 no-bytes', '3: 9+1 no-bytes', '3: 9+1 no-bytes']);
    scene.slave('i1').refuses = () => null;
    await scene.clock.advance(11 * minute);
    expect(await onePoll(scene)).toEqual(['3: 0+16 ok', '4: 0+10 ok']);
    await scene.stop();
  });

  test('is not divided where the profile does not say that it does so', async () => {
    const scene = new LineScene(make, [{ every: 10_000, profile: twoTables(15, {}) }]);
    scene.slave('i1').refuses = silentAbout(9);
    scene.line.start();
    await scene.clock.advance(10 * minute);
    expect(told(scene)).toEqual([]);
    await scene.stop();
  });

  test('does not keep another instrument of the line waiting', async () => {
    const scene = new LineScene(make, [{ every: 10_000, profile: twoTables(15) }, { every: 1000 }]);
    scene.slave('i1').refuses = silentAbout(9);
    scene.line.start();
    await scene.clock.advance(2 * minute - 1);
    expect(scene.values('i2')).toBe(120);
    await scene.stop();
  });
});

describe('a dead instrument that refuses silently when it lives', () => {
  test('is not taken to refuse anything, however long it is dead', async () => {
    const scene = new LineScene(make, [{ every: 2000, profile: twoTables(15) }]);
    scene.slave('i1').on = false;
    scene.line.start();
    await scene.clock.advance(10 * minute);
    scene.slave('i1').on = true;
    await scene.clock.advance(5 * minute);
    scene.slave('i1').on = false;
    await scene.clock.advance(10 * minute);
    expect(told(scene)).toEqual([]);
    await scene.stop();
  });

  test('is not taken to refuse what it was asked when it died, whenever in its first poll that was', async () => {
    for (let after = 0; after <= 300; after += 10) {
      const scene = new LineScene(make, [{ every: 2000, profile: twoTables(15) }]);
      scene.line.start();
      await scene.clock.advance(after);
      scene.slave('i1').on = false;
      await scene.clock.advance(5 * minute);
      expect(told(scene), `dead after ${after} ms`).toEqual([]);
      await scene.stop();
    }
  });

  test('having answered everything is never suspected, whenever it falls silent and for however long', async () => {
    const scene = new LineScene(make, [{ every: 2000, profile: twoTables(15) }]);
    scene.line.start();
    await scene.clock.advance(minute);
    for (let times = 0; times < 200; times += 1) {
      scene.slave('i1').on = false;
      await scene.clock.advance(37 * (times % 41));
      scene.slave('i1').on = true;
      await scene.clock.advance(1000 + 53 * (times % 67));
    }
    expect(told(scene)).toEqual([]);
    await scene.stop();
  });

  test('is asked by the requests of its profile in the end, wherever in its first poll it fell silent for a while', async () => {
    let wronged = 0;
    for (let from = 0; from < 1500; from += 50) {
      for (const length of [300, 900, 2500]) {
        const scene = new LineScene(make, [{ every: 10_000, profile: twoTables(15) }]);
        scene.line.start();
        await scene.clock.advance(from);
        scene.slave('i1').on = false;
        await scene.clock.advance(length);
        scene.slave('i1').on = true;
        await scene.clock.advance(30_000);
        if (told(scene).length > 0) wronged += 1;
        await scene.clock.advance(62 * minute);
        expect(await onePoll(scene)).toEqual(['3: 0+16 ok', '4: 0+10 ok']);
        await scene.stop();
      }
    }
    expect(wronged).toBeLessThanOrEqual(2);
  });
});
