import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../device-profiles/catalogue.ts';
import type { FactorCode } from '../../device-profiles/factors.ts';
import { isComputed, type ModbusProfile, pointsOf } from '../../device-profiles/profile.ts';
import { simulate } from '../../test-rigs/instruments/from-profile/simulated-instrument.ts';
import { plausibleWorld, type World } from '../../test-rigs/instruments/from-profile/world.ts';
import { ScanScene } from '../../test-rigs/links/scan-scene.ts';
import { Line } from '../driver/line/line.ts';
import { candidatesOf } from './candidates.ts';
import type { FoundInstrument } from './report.ts';
import { Scan } from './scan.ts';

const candidates = candidatesOf(loadCatalogue({ directories: [] }));

/** A meter of one phase shows the power of that phase. */
function worldOf(profile: ModbusProfile): World {
  const isOnePhase = pointsOf(profile).some(({ factor }) => factor === 'current' || factor === 'voltage');
  return (factor, now) => {
    const ofPhase = isOnePhase && /^(active|apparent|reactive)-power$/.test(factor) ? `${factor}-a` : factor;
    return plausibleWorld(ofPhase as FactorCode, now);
  };
}

async function found(id: string, profile: ModbusProfile): Promise<FoundInstrument | undefined> {
  const scene = new ScanScene((options) => new Line(options));
  const instrument = simulate(id, { clock: scene.clock, world: worldOf(profile) });
  instrument.serve(scene.connect());
  const report = await scene.search((options) => new Scan(options), [Number(instrument.address)], candidates);
  return report.instruments[0];
}

/** Of what is only computed the rig shows nothing. */
const simulated = candidates.filter(({ profile }) => !pointsOf(profile).every(isComputed));

describe('an instrument of each profile that is alone on a line', () => {
  test.each(simulated.map(({ id, profile }) => [id, profile] as const))('is named as %s', async (id, profile) => {
    const instrument = await found(id, profile);
    const best = instrument?.best.map((fit) => fit.id) ?? [];
    const weak = instrument?.others.map((fit) => fit.id) ?? [];
    // Of modules the inputs of which mean what the site says, nothing can be told.
    const isOpen = pointsOf(profile).every(({ optional }) => optional);
    if (isOpen && best.length === 0) return;
    // One with too few values to tell is named among those that it may be, and nothing else is taken for it.
    expect(best.length > 0 ? best : weak).toContain(id);
    expect(instrument?.contradicted.map((fit) => fit.id)).not.toContain(id);
    // One that keeps silent at registers it does not have is not asked for ever, nor one that is known for certain.
    const isTold = profile.quirks.silentRefusal || instrument?.best.some(({ score }) => score >= 40);
    if (!isTold) expect(instrument?.notTried).toBe(0);
  });

  test('of as many profiles as there are', () => {
    expect(simulated.length).toBeGreaterThan(100);
  });
});
