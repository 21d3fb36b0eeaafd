import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { registersOf } from './decode.ts';
import { planRequests } from './plan.ts';
import { type ModbusProfile, profileSchema } from './profile.ts';

interface Wanted {
  register: number;
  type?: string;
  functionCode?: number;
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

const spans = (profile: ModbusProfile) =>
  planRequests(profile).map(({ functionCode, start, count }) => [functionCode, start, count]);

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

  it('never touches a hole', () => {
    const hole = { functionCode: 3, from: 2, to: 2 };
    const wanted = [{ register: 0 }, { register: 4 }];
    expect(spans(profileOf(wanted, { maxHole: 10 }, [hole]))).toEqual([
      [3, 0, 1],
      [3, 4, 1],
    ]);
    expect(spans(profileOf(wanted, { maxHole: 10 }, [{ ...hole, functionCode: 4 }]))).toEqual([[3, 0, 5]]);
  });

  it('asks for no more registers than the instrument bears, and splits no value', () => {
    const wanted = [0, 2, 4, 6].map((register) => ({ register, type: 'float32' }));
    expect(spans(profileOf(wanted, { maxRegisters: 5 }))).toEqual([
      [3, 0, 4],
      [3, 4, 4],
    ]);
  });

  it('keeps the function codes apart, and counts bits by their own limit', () => {
    const coils = Array.from({ length: 200 }, (_, register) => ({ register, type: 'bit', functionCode: 1 }));
    expect(spans(profileOf([...coils, { register: 200, functionCode: 4 }]))).toEqual([
      [1, 0, 200],
      [4, 200, 1],
    ]);
  });

  it('reads a register once when several of its bits are wanted', () => {
    const profile = profileOf([5, 5, 5].map((register, bit) => ({ register, type: 'bit', bit })));
    expect(spans(profile)).toEqual([[3, 5, 1]]);
    expect(planRequests(profile)[0]?.points).toHaveLength(3);
  });

  it('takes only the points it is given', () => {
    const profile = profileOf([{ register: 0 }, { register: 1 }]);
    expect(planRequests(profile, profile.points.slice(1))).toMatchObject([{ start: 1, count: 1 }]);
    expect(planRequests(profile, [])).toEqual([]);
  });

  it('holds every point exactly once, whole, and within the limits', () => {
    const wanted = fc.record({
      register: fc.integer({ min: 0, max: 300 }),
      type: fc.constantFrom('u16', 'u32', 'float64'),
      functionCode: fc.constantFrom(3, 4),
    });
    fc.assert(
      fc.property(
        fc.array(wanted, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 4, max: 125 }),
        fc.nat({ max: 20 }),
        (points, maxRegisters, maxHole) => {
          const profile = profileOf(points, { maxRegisters, maxHole });
          const requests = planRequests(profile);
          expect(requests.flatMap((request) => request.points.map(({ id }) => id)).sort()).toEqual(
            profile.points.map(({ id }) => id).sort(),
          );
          for (const { functionCode, start, count, points: held } of requests) {
            expect(count).toBeLessThanOrEqual(maxRegisters);
            for (const point of held) {
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
