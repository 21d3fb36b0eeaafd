import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadCatalogue } from '../../../device-profiles/catalogue.ts';
import { Line } from '../../../gateway/driver/line/line.ts';
import { type LoadedSite, loadSite } from '../../../gateway/site/load-site.ts';
import { siteDirectory } from '../../../gateway/site/site-directory.ts';
import { ToleranceFile } from '../../../gateway/site/tolerance-file.ts';
import { LineScene } from '../../links/line-scene.ts';
import { SimulatedClock } from '../../surroundings/simulated-clock.ts';

/*
 * A meter of 60 registers that answers 50 at most and has no register 59. The line that polls it is made anew, as when
 * the gateway is started again, on the same site directory.
 */

const profile = `profile: acme/meter
name: { zh: 电表, en: meter }
sources: [made up for a story]
confidence: C
protocol: modbus
serial: { default: 9600-8N1 }
address: { default: 1 }
limits: { timeoutMs: 300 }
points:
${Array.from({ length: 60 }, (_, register) => `  - { id: r${register}, factor: current, channel: c${register}, functionCode: 3, register: ${register}, type: u16 }`).join('\n')}
`;

let directory = siteDirectory('.');
beforeEach(() => {
  directory = siteDirectory(mkdtempSync(join(tmpdir(), 'fenceline-story-')));
  const file = join(directory.profiles, 'acme/meter.yaml');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, profile);
});
afterEach(() => rmSync(directory.root, { recursive: true, force: true }));

/** One run of the line on the site directory: what was asked in its first minute, and with which outcome. */
async function run(meter: { serial?: string; most?: number } = {}): Promise<string[]> {
  const { serial, most = 50 } = meter;
  const points = Array.from({ length: 60 }, (_, index) => ({ id: `p${index}` }));
  const channels = Object.fromEntries(points.map(({ id }, index) => [`c${index}`, id]));
  const link = { kind: 'serial', path: '/dev/ttyUSB0', baudRate: 9600 };
  const site = {
    gateway: { id: 'zl-0001', area: '320404' },
    source: { name: '一号工地', kind: 'construction-site' },
    links: { 'rs485-1': link },
    points,
    instruments: [{ id: 'i1', profile: 'acme/meter', link: 'rs485-1', address: 1, every: '10s', channels, serial }],
  };
  writeFileSync(directory.document, JSON.stringify(site));
  const catalogue = loadCatalogue({ directories: [directory.profiles] });
  const loaded = (await loadSite(directory, { catalogue })) as LoadedSite;
  expect(loaded.faults).toEqual([]);
  const [settings] = loaded.site.instruments;
  const clock = new SimulatedClock();
  const tolerances = await ToleranceFile.open({
    ...{ path: directory.tolerances, site: loaded.site, catalogue, clock },
    observe: (fault) => expect(fault).toBeUndefined(),
  });
  const found = catalogue.find('acme/meter')?.profile;
  const scene = new LineScene(
    (options) => new Line({ ...options, tolerances }),
    [{ every: 10_000, ...(settings ? { settings } : {}), ...(found ? { profile: found } : {}) }],
  );
  scene.slave('i1').refuses = (_, start, count) => (count > most || start + count > 59 ? 2 : null);
  scene.line.start();
  await scene.clock.advance(59_000);
  await scene.stop();
  await tolerances.close();
  return scene.asked('i1').map(({ sent, outcome }) => `${sent[3]}+${sent[5]} ${outcome}`);
}

const isRefused = (one: string): boolean => one.endsWith('exception');

test('a meter that is met for the first time is asked by what it refuses, until its best requests are known', async () => {
  const asked = await run();
  expect(asked.filter(isRefused).length).toBeGreaterThan(3);
  expect(asked.slice(-2)).toEqual(['0+30 ok', '30+29 ok']);
});

test('after a restart it is asked by its best requests from the first poll on; what it lacks is tried once', async () => {
  await run();
  const asked = await run();
  expect(asked.slice(0, 3)).toEqual(['0+30 ok', '30+29 ok', '59+1 exception']);
  expect(asked.filter(isRefused)).toHaveLength(1);
});

test('a meter put in its place, with another serial number, is asked as if nothing were known', async () => {
  await run({ serial: 'A-1' });
  const asked = await run({ serial: 'B-2', most: 125 });
  expect(asked[0]).toBe('0+60 exception');
  expect(asked.slice(-1)).toEqual(['0+59 ok']);
});
