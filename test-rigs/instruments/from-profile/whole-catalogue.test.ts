import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../../device-profiles/catalogue.ts';
import { isComputed, type ModbusPoint, type ProfilePoint } from '../../../device-profiles/profile.ts';
import { Line } from '../../../gateway/driver/line/line.ts';
import { everyProfile, InstrumentScene } from '../../links/instrument-scene.ts';

/*
 * Every profile of the catalogue, and every variant of it, simulated by an encoder of its own and read by the product's
 * line: what the instrument shows is what comes out. The world stands still, so that reading and showing are of one moment.
 */

async function readOnce(id: string): Promise<InstrumentScene> {
  const scene = new InstrumentScene((options) => new Line(options), id);
  await scene.clock.advance(15_000);
  await scene.stop();
  return scene;
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
  test.each(everyProfile)('%s', async (id) => {
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
    expect(new Set(everyProfile.map((id) => id.split('@')[0])).size).toBe(
      loadCatalogue({ directories: [] })
        .list()
        .filter(({ protocol }) => protocol !== 'firmata' && protocol !== 'node').length,
    );
    expect(points).toBeGreaterThan(500);
  });
});
