import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { registersOf } from './decode.ts';
import type { Span } from './plan/span.ts';
import { planRequests } from './plan.ts';
import { type ModbusPoint, type ModbusProfile, profileSchema } from './profile.ts';

interface Wanted {
  register: number;
  type?: string;
  functionCode?: number;
  frame?: string | undefined;
  cadence?: string;
}

function profileOf(wanted: readonly Wanted[], limits = {}, holes: unknown[] = []): ModbusProfile {
  const profile = profileSchema.parse({
    profile: 'test/station',
    name: { zh: '站', en: 'station' },
    sources: ['made up'],
    confidence: 'C',
    protocol: 'modbus',
    serial: { default: '9600-8N1' },
    address: { default: 1 },
    limits,
    holes,
    points: wanted.map((point, index) => ({
      id: `p${index}`,
      factor: 'temperature',
      functionCode: 3,
      type: 'u16',
      ...point,
    })),
  });
  if (profile.protocol !== 'modbus') throw new Error('the test profile is not Modbus');
  return profile;
}

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

/*
 * The reference: every way to put the units into requests, each request judged register by register as the words of the
 * profile say it.
 */

interface Unit {
  kind: string;
  from: number;
  to: number;
  points: ModbusPoint[];
}

function unitsOf(points: readonly ModbusPoint[]): Unit[] {
  const units = new Map<string, Unit>();
  for (const point of points) {
    const kind = `${point.functionCode} ${point.cadence}`;
    const key = point.frame === undefined ? point.id : `${kind} ${point.frame}`;
    const unit = units.get(key) ?? { kind, from: Number.POSITIVE_INFINITY, to: -1, points: [] };
    unit.from = Math.min(unit.from, point.register);
    unit.to = Math.max(unit.to, point.register + registersOf(point) - 1);
    unit.points.push(point);
    units.set(key, unit);
  }
  return [...units.values()];
}

function* partitionsOf<Item>(items: readonly Item[]): Generator<Item[][]> {
  const [first, ...rest] = items;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const partition of partitionsOf(rest)) {
    yield [[first], ...partition];
    for (const chosen of partition.keys()) {
      yield partition.map((block, index) => (index === chosen ? [first, ...block] : block));
    }
  }
}

function isLegal(profile: ModbusProfile, block: readonly Unit[], refused: readonly Span[]): boolean {
  const functionCode = block[0]?.points[0]?.functionCode ?? 3;
  if (block.some(({ kind }) => kind !== block[0]?.kind)) return false;
  const [from, to] = [Math.min(...block.map((unit) => unit.from)), Math.max(...block.map((unit) => unit.to))];
  if (to - from + 1 > (functionCode <= 2 ? profile.limits.maxBits : profile.limits.maxRegisters)) return false;
  const alike = profile.points.filter((point) => point.functionCode === functionCode);
  let unlisted = 0;
  for (let register = from; register <= to; register += 1) {
    const inHole = (hole: { functionCode: number; from: number; to: number }): boolean =>
      hole.functionCode === functionCode && register >= hole.from && register <= hole.to;
    if (profile.holes.some(inHole)) return false;
    const isListed = alike.some(
      (point) => register >= point.register && register < point.register + registersOf(point),
    );
    unlisted = isListed ? 0 : unlisted + 1;
    if (unlisted > profile.limits.maxHole) return false;
  }
  return !refused.some((one) => isRefusedBy(one, functionCode, from, to));
}

const isRefusedBy = (one: Span, functionCode: number, from: number, to: number): boolean =>
  one.functionCode === functionCode && one.start >= from && one.start + one.count - 1 <= to;

/** [requests, registers] of the best partition. */
function bestByTrying(profile: ModbusProfile, units: readonly Unit[], refused: readonly Span[]): [number, number] {
  let best: [number, number] = [Number.POSITIVE_INFINITY, 0];
  for (const partition of partitionsOf(units)) {
    if (!partition.every((block) => isLegal(profile, block, refused))) continue;
    const lengths = partition.map(
      (block) => Math.max(...block.map(({ to }) => to)) - Math.min(...block.map(({ from }) => from)) + 1,
    );
    const cost: [number, number] = [partition.length, lengths.reduce((sum, length) => sum + length, 0)];
    if (cost[0] < best[0] || (cost[0] === best[0] && cost[1] < best[1])) best = cost;
  }
  return best;
}

const span = (most: number) =>
  fc.record({
    functionCode: fc.constantFrom(3 as const, 4 as const),
    start: fc.nat({ max: 16 }),
    count: fc.integer({ min: 1, max: most }),
  });
const anyPoint = fc.record({
  register: fc.nat({ max: 12 }),
  type: fc.constantFrom('u16', 'u16', 'u32', 'u64'),
  functionCode: fc.constantFrom(3, 3, 3, 3, 4),
  cadence: fc.constantFrom('fast', 'fast', 'fast', 'fast', 'slow'),
  frame: fc.constantFrom(undefined, undefined, undefined, 'f', 'g'),
});

describe('whatever is to be read', () => {
  it('takes the fewest requests that are legal, and of those the fewest registers, of all ways there are', () => {
    let [withHoles, withFrames, several] = [0, 0, 0];
    fc.assert(
      fc.property(
        fc.array(anyPoint, { minLength: 3, maxLength: 7 }),
        fc.integer({ min: 4, max: 13 }),
        fc.integer({ min: 1, max: 6 }),
        fc.array(span(3), { maxLength: 2 }),
        fc.array(span(6), { maxLength: 4 }),
        (wanted, maxRegisters, maxHole, holes, refused) => {
          const stretches = holes.map(({ functionCode, start, count }) => ({
            ...{ functionCode, from: start, to: start + count - 1 },
          }));
          const profile = profileOf(wanted, { maxRegisters, maxHole }, stretches);
          const all = unitsOf(profile.points);
          // A profile in which a unit cannot be read at all is at fault; the check of profiles says so.
          fc.pre(all.every((unit) => isLegal(profile, [unit], [])));
          const units = all.filter((unit) => isLegal(profile, [unit], refused));
          const plan = planRequests(profile, profile.points, refused);
          const registers = plan.reduce((sum, { count }) => sum + count, 0);
          if (units.length === 0) expect(plan).toEqual([]);
          else expect([plan.length, registers]).toEqual(bestByTrying(profile, units, refused));
          if (holes.length > 0) withHoles += 1;
          if (units.some(({ points }) => points.length > 1)) withFrames += 1;
          if (plan.length > 1 && plan.some(({ units: held }) => held.length > 1)) several += 1;
        },
      ),
      { numRuns: 1500, seed: 20_261_125 },
    );
    // The interesting cases did come up.
    expect(Math.min(withHoles, withFrames, several)).toBeGreaterThan(100);
  });

  it('is in exactly one request, whole and with its frame, and every request is legal', () => {
    fc.assert(
      fc.property(
        fc.array(anyPoint, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 4, max: 20 }),
        fc.nat({ max: 4 }),
        (wanted, maxRegisters, maxHole) => {
          const profile = profileOf(wanted, { maxRegisters, maxHole });
          const all = unitsOf(profile.points);
          fc.pre(all.every((unit) => isLegal(profile, [unit], [])));
          const plan = planRequests(profile, profile.points);
          expect(plan.flatMap(({ reads }) => reads.map(({ id }) => id)).sort()).toEqual(
            profile.points.map(({ id }) => id).sort(),
          );
          for (const { functionCode, start, count, reads } of plan) {
            const held = all.filter(({ points }) => points.some((point) => reads.includes(point)));
            expect(isLegal(profile, held, [])).toBe(true);
            for (const point of held.flatMap(({ points }) => points)) {
              expect(reads).toContain(point);
              expect(point.functionCode).toBe(functionCode);
              expect(point.register).toBeGreaterThanOrEqual(start);
              expect(point.register + registersOf(point)).toBeLessThanOrEqual(start + count);
            }
          }
        },
      ),
    );
  });
});
