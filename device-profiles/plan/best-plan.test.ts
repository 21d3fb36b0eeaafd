import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { registersOf } from '../decode.ts';
import { planRequests } from '../plan.ts';
import type { ModbusPoint, ModbusProfile } from '../profile.ts';
import type { Span } from './span.ts';
import { profileOf } from './trial/profile-of.ts';

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
