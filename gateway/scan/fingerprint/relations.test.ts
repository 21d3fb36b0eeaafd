import { describe, expect, test } from 'vitest';
import type { FactorCode } from '../../../device-profiles/factors.ts';
import { relationsIn } from './relations.ts';

const relations = (values: Partial<Record<FactorCode, number>>) =>
  relationsIn(new Map(Object.entries(values) as [FactorCode, number][]));
const meter = { voltage: 230, current: 5, 'power-factor': 0.9, 'active-power': 1035 };

describe('values that must agree', () => {
  test('power is voltage times current times power factor, whichever way it flows', () => {
    expect(relations(meter)).toMatchObject([{ kind: 'power', agrees: true, deviation: 0 }]);
    expect(relations({ ...meter, 'active-power': -1040, 'power-factor': -0.9 })[0]?.agrees).toBe(true);
  });

  test.each([103.5, 10_350, 600])('a power of %d W does not agree, and weighs against', (power) => {
    const [relation] = relations({ ...meter, 'active-power': power });
    expect(relation?.agrees).toBe(false);
    expect(relation?.bits).toBeLessThan(0);
  });

  test('a load that is off says nothing', () => {
    expect(relations({ ...meter, current: 0, 'active-power': 0 })).toEqual([]);
  });

  test('each phase is looked at, and their sum', () => {
    const phases = Object.fromEntries(
      ['a', 'b', 'c'].flatMap((phase) => [
        [`voltage-${phase}`, 230],
        [`current-${phase}`, 5],
        [`power-factor-${phase}`, 0.9],
        [`active-power-${phase}`, 1035],
      ]),
    );
    const told = relations({ ...phases, 'active-power': 3105 });
    expect(told.map(({ kind, phase, agrees }) => `${kind} ${phase} ${agrees}`)).toEqual([
      ...['power a true', 'power b true', 'power c true', 'sum  true'],
    ]);
  });

  test('energy in all is what came in and what went out, added or netted', () => {
    const energy = { 'energy-import': 120, 'energy-export': 20 };
    expect(relations({ ...energy, 'energy-total': 140 })[0]?.agrees).toBe(true);
    expect(relations({ ...energy, 'energy-total': 100 })[0]?.agrees).toBe(true);
    expect(relations({ ...energy, 'energy-total': 1400 })[0]?.agrees).toBe(false);
  });

  test('wind force belongs to a wind speed', () => {
    expect(relations({ 'wind-speed': 4.2, 'wind-force': 3 })[0]?.agrees).toBe(true);
    expect(relations({ 'wind-speed': 0.42, 'wind-force': 3 })[0]?.agrees).toBe(false);
  });

  test('finer particles do not weigh more than coarser ones', () => {
    expect(relations({ 'pm2.5': 30, pm10: 50 })[0]?.agrees).toBe(true);
    expect(relations({ 'pm2.5': 50, pm10: 30 })[0]?.agrees).toBe(false);
  });
});
