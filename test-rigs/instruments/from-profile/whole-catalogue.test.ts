import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../../device-profiles/catalogue.ts';
import { isComputed, type ModbusPoint, type ProfilePoint, pointsOf } from '../../../device-profiles/profile.ts';
import { type Instrument, instrumentOf } from '../../../gateway/driver/instrument.ts';
import { Line } from '../../../gateway/driver/line/line.ts';
import type { Reading } from '../../../gateway/reading/reading.ts';
import { MemoryLink } from '../../links/memory-link.ts';
import { PacedLine } from '../../links/paced-line.ts';
import { SimulatedClock } from '../../surroundings/simulated-clock.ts';
import { type SimulatedInstrument, simulate } from './simulated-instrument.ts';

/*
 * Every profile of the catalogue, and every variant of it, simulated by an encoder of its own and read by the product's
 * line: what the instrument shows is what comes out. The world stands still, so that reading and showing are of one moment.
 */

const catalogue = loadCatalogue({ directories: [] });

/** `maker/model`, and `maker/model@variant` for each variant. */
const ids = catalogue.list().flatMap(({ id }) => {
  const whole = catalogue.find(id);
  const anyVariant = whole?.profile.variants ?? variantsIn(id);
  return [...(whole ? [id] : []), ...anyVariant.map((variant) => `${id}@${variant.id}`)];
});

/** The variants of a profile that has no points without one: its fault names them. */
function variantsIn(id: string): { id: string }[] {
  const [fault] = catalogue.faults(`${id}@?`);
  return [...(fault?.remedy ?? '').matchAll(/[a-z0-9.-]+/g)].flatMap(([name]) =>
    catalogue.find(`${id}@${name}`) ? [{ id: name }] : [],
  );
}

const still = 1_000_000;
const frozen = (world: (factor: ProfilePoint['factor'], now: number) => number) => (factor: ProfilePoint['factor']) =>
  world(factor, still);

async function readOnce(id: string): Promise<{ instrument: SimulatedInstrument; readings: readonly Reading[] }> {
  const clock = new SimulatedClock();
  const { plausibleWorld } = await import('./world.ts');
  const instrument = simulate(id, { clock, world: frozen(plausibleWorld) });
  const wires = new PacedLine({ clock, baudRate: 115_200 });
  instrument.serve(wires.connect());
  const readings: Reading[] = [];
  const entry = catalogue.find(id);
  if (!entry) throw new RangeError(`no profile ${id}`);
  const line = new Line({
    link: new MemoryLink({
      id: 'wire',
      clock,
      end: wires.connect(),
      characterTime: wires.characterTime,
      observe: () => undefined,
    }),
    framing: 'modbus-rtu',
    instruments: [instrumentOf(settingsOf(id, instrument), entry) as Instrument],
    clock,
    observe: () => undefined,
    onReadings: (some) => readings.push(...some),
    listenFirst: 0,
  });
  line.start();
  await clock.advance(15_000);
  await clock.during(line.stop());
  return { instrument, readings };
}

function settingsOf(id: string, { address, parameters, fitted, profile }: SimulatedInstrument) {
  const channels = Object.fromEntries(
    pointsOf(profile).flatMap(({ channel }) => (channel === undefined ? [] : [[channel, channel] as const])),
  );
  const own =
    profile.protocol === 'dlt645' ? { meterAddress: address ?? '' } : { address: Number(address) || undefined };
  const { id: _, ...rest } = { id, ...own };
  return {
    ...{
      id: 'instrument',
      profile: id,
      link: 'wire',
      every: profile.protocol === 'hj212' ? 5000 : 2000,
      point: 'here',
      simulated: false,
    },
    ...{ parameters, fitted: [...fitted], channels, mayStart: true },
    ...rest,
  };
}

/** How much a value may be off: half a step of what the point can show, or what a float32 leaves of it. */
function toleranceOf(point: ProfilePoint, value: number): number {
  const steps = isComputed(point) ? 1e-3 : 1e-5;
  return Math.max(Math.abs(value) * steps, stepOf(point));
}

function stepOf(point: ProfilePoint): number {
  const { scale, curve, times = [], scaleFrom } = point;
  const isFloat = 'type' in point && String((point as ModbusPoint).type).includes('float');
  if (isFloat || isComputed(point)) return 1e-6;
  const slope = curve?.from && curve.to ? 1000 / (curve.from[1] - curve.from[0]) : 1;
  // Wide enough for the units and transformers that occur; a wrong register or order is off by far more.
  return (
    Math.abs(scale) * slope * (times.length > 0 ? 4 ** times.length : 1) * (scaleFrom ? 1 : 0.51) * unitStep(point)
  );
}

/** How large some of the instruments' own units are in the factor's. */
const unitSteps: Readonly<Record<string, number>> = {
  ...{ kW: 1000, kVA: 1000, kvar: 1000, ppm: 2000, ppb: 3, hPa: 0.1, bar: 100 },
  ...{ inHg: 3.4, mph: 0.45, Wh: 0.001, 'm³/h': 1, MPa: 1000 },
};
const unitStep = ({ unit }: ProfilePoint): number => unitSteps[String(unit)] ?? 1;

let points = 0;

describe('what a simulated instrument shows is what the product reads', () => {
  test.each(ids)('%s', async (id) => {
    const { instrument, readings } = await readOnce(id);
    const missing: string[] = [];
    for (const point of instrument.points) {
      if (isComputed(point) && point.join === undefined) continue;
      const place = point.channel ?? 'here';
      const last = readings.filter((reading) => reading.factor === point.factor && reading.point === place).at(-1);
      const shown = instrument.shown(point);
      if (last?.value == null || typeof shown !== 'number')
        missing.push(`${point.id} ${last?.mark.reason ?? 'not read'}`);
      else if (Math.abs(last.value - shown) > toleranceOf(point, shown)) {
        missing.push(`${point.id} shows ${shown} and reads ${last.value}`);
      } else points += 1;
    }
    expect(missing).toEqual([]);
    expect(readings.length).toBeGreaterThan(0);
  });

  test('for as many profiles and points as there are', () => {
    expect(new Set(ids.map((id) => id.split('@')[0])).size).toBe(catalogue.list().length);
    expect(points).toBeGreaterThan(500);
  });
});
