import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Profile } from '../../device-profiles/profile.ts';
import { anyDamage, anyNonsense, type Damage, damage, nonsense } from '../../test-rigs/damage/damages.ts';
import { type Envelope, envelopeOf, modbusTcpEnvelope } from '../../test-rigs/damage/envelopes.ts';
import { impossibleIn } from '../../test-rigs/damage/representable.ts';
import { faults } from '../../test-rigs/links/faulty-end.ts';
import { everyProfile, InstrumentScene } from '../../test-rigs/links/instrument-scene.ts';
import { type Reading, reasons } from '../reading/reading.ts';
import { outcomes } from './events.ts';
import { Line } from './line/line.ts';

/*
 * Every profile of the catalogue, simulated and read by the product's loop, while each of its answers is damaged; and
 * while it says nonsense in earnest, with a right check sum. What a profile brings is in it without a word here.
 */

/** Long enough for a dozen answers, and for the pauses that come of silence; a source of HJ 212 sends every 5 s. */
const durationOf = ({ protocol }: Profile): number => (protocol === 'hj212' ? 120_000 : 15_000);
const seed = 20_261_125;

/** How many answers were damaged so far. */
let damagedAnswers = 0;

type Framing = 'modbus-rtu' | 'modbus-tcp';
type Change = (answer: Uint8Array, place: number) => Uint8Array;

/** What is read while each answer is changed. */
async function readThrough(id: string, change: Change, framing: Framing = 'modbus-rtu'): Promise<InstrumentScene> {
  const scene = new InstrumentScene((options) => new Line(options), id, { framing });
  let place = 0;
  scene.end.choose = () => faults.replaced((answer) => change(answer, place++));
  await scene.clock.advance(durationOf(scene.instrument.profile));
  await scene.stop();
  damagedAnswers += place;
  expect(scene.outcomes.filter((outcome) => !outcomes.includes(outcome))).toEqual([]);
  expect(scene.outcomes.length).toBeGreaterThan(0);
  for (const { value, mark } of scene.readings) if (value === null) expect(reasons).toContain(mark.reason);
  return scene;
}

const profileOf = (id: string): Profile => new InstrumentScene((options) => new Line(options), id).instrument.profile;
const seriesOf = ({ point, factor }: Reading): string => `${point} ${factor}`;

/** Damages the answer, but sends nothing where the damaged bytes happen to be right by their check sum. */
function damagedForSure(answer: Uint8Array, one: Damage, { find }: Envelope): Uint8Array {
  const damaged = damage(answer, one);
  const isWhole = Buffer.from(damaged).includes(Buffer.from(answer));
  return isWhole || find(damaged) === undefined ? damaged : new Uint8Array(0);
}

describe('answers that are damaged, whose check sums say so', () => {
  test.each(everyProfile)('give no other value than the whole ones: %s', async (id) => {
    const envelope = envelopeOf(profileOf(id));
    const clean = await readThrough(id, (answer) => answer);
    const truth = Map.groupBy(clean.readings, seriesOf);
    expect(truth.size).toBeGreaterThan(0);
    await fc.assert(
      fc.asyncProperty(fc.array(anyDamage, { minLength: 20, maxLength: 20 }), async (damages) => {
        const change: Change = (answer, place) =>
          damagedForSure(answer, damages[place % damages.length] as Damage, envelope);
        for (const reading of (await readThrough(id, change)).readings) {
          const values = truth.get(seriesOf(reading))?.map(({ value }) => value);
          if (reading.value !== null) expect(values, seriesOf(reading)).toContain(reading.value);
        }
      }),
      { seed, numRuns: 3 },
    );
  });
});

describe.each<Framing>(['modbus-rtu', 'modbus-tcp'])('nonsense that is right by its check sum, over %s', (framing) => {
  const ids = everyProfile.filter((id) => framing === 'modbus-rtu' || profileOf(id).protocol === 'modbus');

  test.each(ids)('gives what the types of the profile can hold, or a reason: %s', async (id) => {
    const { find, open, close } = framing === 'modbus-tcp' ? modbusTcpEnvelope : envelopeOf(profileOf(id));
    await fc.assert(
      fc.asyncProperty(fc.array(anyNonsense, { minLength: 10, maxLength: 10 }), async (all) => {
        const change: Change = (answer, place) => {
          const frame = find(answer);
          const said = all[place % all.length];
          return frame && said ? close(nonsense(open(frame), said)) : answer;
        };
        const { readings, instrument } = await readThrough(id, change, framing);
        const impossible = readings.flatMap(({ point, factor, value }) => {
          const [one] = instrument.points.filter((of) => of.factor === factor && (of.channel ?? 'here') === point);
          return one && value !== null ? (impossibleIn(one, value) ?? []) : [];
        });
        expect(impossible).toEqual([]);
      }),
      { seed, numRuns: 2 },
    );
  });
});

test('as many answers were damaged as the catalogue makes necessary', () => {
  console.log(`${everyProfile.length} profiles and variants, ${damagedAnswers} damaged answers`);
  expect(damagedAnswers).toBeGreaterThan(everyProfile.length * 40);
});
