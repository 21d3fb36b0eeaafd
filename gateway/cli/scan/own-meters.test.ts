import { expect, test } from 'vitest';
import { loadCatalogue } from '../../../device-profiles/catalogue.ts';
import { SimulatedDlt645Meter } from '../../../test-rigs/instruments/simulated-dlt645-meter.ts';
import { MemoryLink } from '../../../test-rigs/links/memory-link.ts';
import { PacedLine } from '../../../test-rigs/links/paced-line.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { type MeterReport, meterCandidatesOf } from '../../scan/meters.ts';
import { searchOwnMeters } from './own-meters.ts';

const candidates = meterCandidatesOf(loadCatalogue({ directories: [] }));

/** Searches a line at 2400 8E1 with meters of these digits, all of one edition. */
async function search(digits: readonly string[], edition: 2007 | 1997 = 2007) {
  const clock = new SimulatedClock();
  const wires = new PacedLine({ clock, baudRate: 2400, characterBits: 11, grain: 'character' });
  const meters = digits.map((address) => {
    const meter = new SimulatedDlt645Meter({ address, edition, clock });
    meter.serve(wires.connect());
    return meter;
  });
  const { characterTime } = wires;
  const link = new MemoryLink({ id: 'rs485-1', clock, end: wires.connect(), characterTime });
  const report: MeterReport = await clock.during(
    searchOwnMeters(link, candidates, new AbortController().signal, clock),
  );
  return { report, meters, isOpen: link.isOpen };
}

test('a meter of the 2007 edition is asked for its digits, and compared with the profiles of its edition', async () => {
  const { report, meters, isOpen } = await search(['000000000161']);
  expect(report.meters.map(({ digits, edition }) => [digits, edition])).toEqual([['000000000161', 2007]]);
  const [fit] = report.meters[0]?.fits ?? [];
  expect(fit?.id).toBe('dlt645/meter-2007');
  expect(fit?.values.filter(({ verdict }) => verdict === 'plausible').length).toBeGreaterThan(5);
  expect(fit?.values.filter(({ verdict }) => verdict === 'implausible')).toEqual([]);
  expect(meters[0]?.asked[0]).toBe('address');
  expect(isOpen).toBe(false);
});

test('a meter of the 1997 edition, which cannot be asked for them, is known by its answer to any meter', async () => {
  const { report } = await search(['000000001997'], 1997);
  expect(report.meters.map(({ digits, edition }) => [digits, edition])).toEqual([['000000001997', 1997]]);
  expect(report.meters[0]?.fits.map(({ id }) => id)).toEqual(['dlt645/meter-1997']);
});

test('of several meters, which answer at once, none is named and that is told', async () => {
  const { report } = await search(['000000000161', '000000000162']);
  expect(report).toEqual({ meters: [], isCrowded: true });
});

test('where there is no meter nothing is told, after a few questions', async () => {
  const { report } = await search([]);
  expect(report).toEqual({ meters: [], isCrowded: false });
});
