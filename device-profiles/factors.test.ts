import { describe, expect, it } from 'vitest';
import { factorCodes, factors } from './factors.ts';

describe('the list of factors', () => {
  it('has one plain name for each, and both languages', () => {
    for (const code of factorCodes) {
      expect(code).toMatch(/^[a-z]+[a-z0-9.]*(-[a-z0-9.]+)*$/);
      expect(factors[code].zh).not.toBe('');
      expect(factors[code].en).not.toBe('');
    }
    expect(factorCodes.length).toBeGreaterThan(100);
  });

  it('shows no two factors under the same name', () => {
    expect(new Set(factorCodes.map((code) => factors[code].zh)).size).toBe(factorCodes.length);
    expect(new Set(factorCodes.map((code) => factors[code].en)).size).toBe(factorCodes.length);
  });

  it('shares an HJ 212 code only between air and stack gas', () => {
    const byCode = Map.groupBy(
      factorCodes.filter((code) => factors[code].hj212 !== null),
      (code) => factors[code].hj212,
    );
    for (const sharing of byCode.values()) {
      expect(sharing.filter((code) => !code.startsWith('flue-'))).toHaveLength(
        sharing.some((code) => code.startsWith('flue-')) ? Math.min(1, sharing.length - 1) : 1,
      );
    }
  });

  it('writes the micro sign one way only', () => {
    const units = new Set(factorCodes.map((code) => factors[code].unit));
    expect([...units].filter((unit) => unit.includes('\u03bc'))).toEqual([]);
    expect(factors['pm2.5'].unit).toBe('\u00b5g/m³');
  });

  it('takes no mean of a direction, a sound level or a counter', () => {
    expect(factors['wind-direction'].average).toBe('direction');
    expect(factors.noise.average).toBe('energy-level');
    for (const code of factorCodes.filter((name) => name.includes('energy')))
      expect(factors[code].average).toBe('counter');
  });
});
