import { expect, test } from 'vitest';
import type { SiteDocument } from '../../../gateway/site/site-schema.ts';
import { minutesOf, received } from '../received.ts';
import { SimulatedSite } from '../simulated-site.ts';

const minute = 60_000;

/** The usual site, with one instrument whose profile nobody knows and one on a line that does not exist. */
function withTwoMistakes(document: SiteDocument): SiteDocument {
  const instruments = document.instruments.map((one) => {
    if (one.id === 'dust-2') return { ...one, link: 'rs485-9' };
    return one.id === 'particles-1' ? { ...one, profile: 'plantower/pms5004' } : one;
  });
  return { ...document, instruments };
}

test('an instrument that cannot be run is left out, its minutes say so where they are known, and the others run', async () => {
  await using site = await SimulatedSite.start({ document: withTwoMistakes });
  await site.clock.advance(5 * minute + 2000);
  await site.drained();

  for (const factor of ['pm2.5', 'pm10']) {
    const minutes = minutesOf(site.platform, 'dust-2', factor);
    expect(minutes).toHaveLength(5);
    for (const one of minutes) {
      expect(one).toMatchObject({ average: null, count: 0, expected: 15, flag: 'B', reason: 'configuration' });
    }
    expect(minutesOf(site.platform, 'dust-1', factor).map(({ flag }) => flag)).toEqual(['N', 'N', 'N', 'N', 'N']);
  }
  // What an unknown profile would have given nobody knows.
  const points = new Set(received(site.platform, 'minute').map(({ entry }) => entry.point));
  expect([...points].sort()).toEqual(['dust-1', 'dust-2']);
});

test('the picture names what is left out, the field at fault and what to write instead', async () => {
  await using site = await SimulatedSite.start({ document: withTwoMistakes });
  await site.clock.advance(minute);
  const { instruments } = site.gateway.diagnosis.picture();
  const told = instruments.map(({ id, condition, faults }) => [id, condition, faults.map(({ field }) => field)]);
  expect(told).toEqual([
    ['dust-1', 'answering', []],
    ['dust-2', 'left-out', ['instruments[1].link']],
    ['particles-1', 'left-out', ['instruments[2].profile']],
  ]);
  const [, , particles] = instruments;
  expect(particles?.faults[0]?.remedy.en).toContain('plantower/pms5003');
});
