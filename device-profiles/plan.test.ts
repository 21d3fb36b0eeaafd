import { describe, expect, it } from 'vitest';
import type { Span } from './plan/span.ts';
import { profileOf, type Wanted } from './plan/trial/profile-of.ts';
import { planRequests } from './plan.ts';
import type { ModbusPoint, ModbusProfile } from './profile.ts';

const spans = (profile: ModbusProfile, points = profile.points, refused: readonly Span[] = []) =>
  planRequests(profile, points, refused).map(({ functionCode, start, count }) => [functionCode, start, count]);

const row = (from: number, to: number, more = {}): Wanted[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ register: from + index, ...more }));

describe('the plan of requests', () => {
  it('reads neighbours in one request, whatever the order they are listed in', () => {
    expect(spans(profileOf([{ register: 12, type: 'u32' }, { register: 10 }, { register: 11 }]))).toEqual([[3, 10, 4]]);
  });

  it('reads through unlisted registers only as far as the profile allows', () => {
    const wanted = [{ register: 0 }, { register: 3 }, { register: 7 }];
    expect(spans(profileOf(wanted))).toHaveLength(3);
    expect(spans(profileOf(wanted, { maxHole: 2 }))).toEqual([
      [3, 0, 4],
      [3, 7, 1],
    ]);
    expect(spans(profileOf(wanted, { maxHole: 3 }))).toEqual([[3, 0, 8]]);
  });

  it('reads through what the profile lists, also where the site does not want it: it is known to be there', () => {
    const profile = profileOf([{ register: 0 }, { register: 1, type: 'u64' }, { register: 5 }]);
    const [first, , last] = profile.points as [ModbusPoint, ModbusPoint, ModbusPoint];
    expect(spans(profile, [first, last])).toEqual([[3, 0, 6]]);
  });

  it('never touches a hole', () => {
    const hole = { functionCode: 3, from: 2, to: 2 };
    const wanted = [{ register: 0 }, { register: 4 }];
    expect(spans(profileOf(wanted, { maxHole: 10 }, [hole]))).toEqual([
      [3, 0, 1],
      [3, 4, 1],
    ]);
    expect(spans(profileOf(wanted, { maxHole: 10 }, [{ ...hole, functionCode: 4 }]))).toEqual([[3, 0, 5]]);
  });

  it('does not read past a register when a hole begins behind it and ends at 65535', () => {
    const wanted = [{ register: 2818, type: 'float32' }, { register: 2816, type: 'float32' }, { register: 2810 }];
    const profile = profileOf(wanted, { maxHole: 124 }, [{ functionCode: 3, from: 2820, to: 65535 }]);
    for (const { start, count } of planRequests(profile, profile.points))
      expect(start + count).toBeLessThanOrEqual(2820);
    expect(spans(profile)).toEqual([[3, 2810, 10]]);
  });

  it('asks an instrument that gives one register at a time for one register at a time', () => {
    expect(spans(profileOf(row(0x2002, 0x2007), { maxRegisters: 1 }))).toHaveLength(6);
  });

  it('asks for no more registers than the instrument bears, and splits no value', () => {
    const wanted = [0, 2, 4, 6].map((register) => ({ register, type: 'float32' }));
    expect(spans(profileOf(wanted, { maxRegisters: 5 }))).toEqual([
      [3, 0, 4],
      [3, 4, 4],
    ]);
  });

  it('needs fewer registers than taking as much as fits into each request', () => {
    // As much as fits would be 0 to 3, and then 4: five registers.
    const wanted = [{ register: 0 }, { register: 3 }, { register: 4 }];
    expect(spans(profileOf(wanted, { maxRegisters: 4, maxHole: 10 }))).toEqual([
      [3, 0, 1],
      [3, 3, 2],
    ]);
  });

  it('makes requests of equal length where that costs nothing', () => {
    expect(spans(profileOf(row(0, 199)))).toEqual([
      [3, 0, 100],
      [3, 100, 100],
    ]);
  });

  it('keeps the function codes apart, and counts bits by their own limit', () => {
    const coils = row(0, 199, { type: 'bit', functionCode: 1 });
    expect(spans(profileOf([...coils, { register: 200, functionCode: 4 }]))).toEqual([
      [1, 0, 200],
      [4, 200, 1],
    ]);
  });

  it('keeps the cadences apart, and reads through points of another one', () => {
    const wanted = [
      { register: 0 },
      { register: 1, cadence: 'slow' },
      { register: 2 },
      { register: 3, cadence: 'slow' },
    ];
    const profile = profileOf(wanted);
    expect(planRequests(profile, profile.points)).toMatchObject([
      { start: 0, count: 3, cadence: 'fast', reads: [{ register: 0 }, { register: 2 }] },
      { start: 1, count: 3, cadence: 'slow', reads: [{ register: 1 }, { register: 3 }] },
    ]);
  });

  it('reads a register once when several of its bits are wanted', () => {
    const profile = profileOf([5, 5, 5].map((register, bit) => ({ register, type: 'bit', bit })));
    expect(spans(profile)).toEqual([[3, 5, 1]]);
    expect(planRequests(profile, profile.points)[0]?.reads).toHaveLength(3);
  });

  it('takes only the points it is given', () => {
    const profile = profileOf([{ register: 0 }, { register: 1 }]);
    expect(planRequests(profile, profile.points.slice(1))).toMatchObject([{ start: 1, count: 1 }]);
    expect(planRequests(profile, [])).toEqual([]);
  });
});

describe('a frame', () => {
  const nozzle = row(0, 3).map((point, index) => ({ ...point, frame: index < 3 ? 'nozzle-1' : 'nozzle-2' }));

  it('is read by one request, where single values would be cut elsewhere', () => {
    expect(spans(profileOf(row(0, 3), { maxRegisters: 3 }))).toEqual([
      [3, 0, 2],
      [3, 2, 2],
    ]);
    expect(spans(profileOf(nozzle, { maxRegisters: 3 }))).toEqual([
      [3, 0, 3],
      [3, 3, 1],
    ]);
  });

  it('takes along what lies within it', () => {
    const wanted = [{ register: 0, frame: 'f' }, { register: 1 }, { register: 2, frame: 'f' }, { register: 3 }];
    const profile = profileOf(wanted, { maxRegisters: 3 });
    expect(planRequests(profile, profile.points)).toMatchObject([
      { start: 0, count: 3, reads: [{ id: 'p0' }, { id: 'p2' }, { id: 'p1' }] },
      { start: 3, count: 1 },
    ]);
  });
});

describe('what the unit is known to refuse', () => {
  const profile = profileOf(row(0, 9));
  const refused = (start: number, count: number): Span => ({ functionCode: 3, start, count });

  it('is in no request, and the requests around it are the best that are left', () => {
    expect(spans(profile, profile.points, [refused(4, 2)])).toEqual([
      [3, 0, 5],
      [3, 5, 5],
    ]);
  });

  it('is left out where it is a value by itself', () => {
    expect(spans(profile, profile.points, [refused(4, 1)])).toEqual([
      [3, 0, 4],
      [3, 5, 5],
    ]);
  });

  it('says nothing of another function code', () => {
    expect(spans(profile, profile.points, [{ ...refused(4, 1), functionCode: 4 }])).toEqual([[3, 0, 10]]);
  });
});
