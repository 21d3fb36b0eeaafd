import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadCatalogue } from '../../device-profiles/catalogue.ts';
import { expectedSeries, keepLastGood, type LoadedSite, loadSite, type RefusedSite } from './load-site.ts';
import { siteDirectory } from './site-directory.ts';
import { type LooseSite, sampleSite, told } from './trial/sample-site.ts';

let directory = siteDirectory('.');
beforeEach(() => {
  directory = siteDirectory(mkdtempSync(join(tmpdir(), 'fenceline-site-')));
});
afterEach(() => rmSync(directory.root, { recursive: true, force: true }));

const catalogue = loadCatalogue({ directories: [] });
const load = (): Promise<LoadedSite | RefusedSite> => loadSite(directory, { catalogue });

async function loaded(): Promise<LoadedSite> {
  const result = await load();
  if (result.kind === 'refused') throw new Error(told(result.faults).join('\n'));
  return result;
}

function writeSite(change: (site: LooseSite) => void = () => {}): void {
  const site = sampleSite();
  change(site);
  writeFileSync(directory.document, JSON.stringify(site, null, 2));
}

test('a sound site is run as it stands', async () => {
  writeSite();
  const site = await loaded();
  expect(site.source).toBe('current');
  expect(site.site.instruments.map(({ id }) => id)).toEqual(['dust-1', 'meter-1', 'pms-1']);
  expect([site.faults, site.leftOut]).toEqual([[], []]);
});

test('an instrument at fault is left out with its reasons, and the others run', async () => {
  writeSite((site) => Object.assign(site.instruments[0] ?? {}, { profile: 'acme/dust-9', adress: 4 }));
  const site = await loaded();
  expect(site.source).toBe('current');
  expect(site.site.instruments.map(({ id }) => id)).toEqual(['meter-1', 'pms-1']);
  expect(site.leftOut).toHaveLength(1);
  expect(site.leftOut[0]).toMatchObject({ index: 0, fields: { id: 'dust-1', point: 'north-gate' } });
  expect(site.leftOut[0]?.faults.map(({ field }) => field)).toEqual([
    'instruments[0].profile',
    'instruments[0].adress',
  ]);
});

test('a link at fault is left out with its instruments, and the other lines run', async () => {
  writeSite((site) => Object.assign(site.links['rs485-1'] ?? {}, { baudRate: 'fast' }));
  const site = await loaded();
  expect(Object.keys(site.site.links)).toEqual(['rs485-2', 'cabinet']);
  expect(site.leftOut.map(({ fields }) => fields.id)).toEqual(['dust-1']);
});

test('a link at fault that nothing is wired to stops nothing', async () => {
  writeSite((site) => {
    site.links.spare = { kind: 'serial', path: '/dev/ttyUSB9' };
  });
  const site = await loaded();
  expect(site.site.instruments).toHaveLength(3);
  expect(told(site.faults)).toEqual([expect.stringMatching(/^links\.spare\.baudRate: is missing/)]);
});

test('the series of an instrument that is left out are still expected, and marked', async () => {
  writeSite((site) => Object.assign(site.instruments[0] ?? {}, { address: 'one', simulated: true }));
  const site = await loaded();
  const series = expectedSeries(site, catalogue);
  const dust = series.filter(({ instrument }) => instrument === 'dust-1');
  expect(dust.map(({ factor }) => factor).sort()).toEqual(['pm10', 'pm2.5']);
  for (const one of dust)
    expect(one).toMatchObject({ point: 'north-gate', every: 4000, leftOut: true, origin: 'simulated' });
  const others = series.filter(({ instrument }) => instrument !== 'dust-1');
  expect(others.length).toBeGreaterThan(20);
  expect(others.filter(({ leftOut, origin }) => leftOut || origin !== 'measured')).toEqual([]);
});

test('a series that two instruments claim is expected once, of the one that runs', async () => {
  writeSite((site) => site.instruments.push({ ...site.instruments[0], id: 'dust-2', address: 2 }));
  const series = expectedSeries(await loaded(), catalogue);
  const dust = series.filter(({ point }) => point === 'north-gate');
  expect(dust.map(({ factor, instrument, leftOut }) => [factor, instrument, leftOut]).sort()).toEqual([
    ['pm10', 'dust-1', false],
    ['pm2.5', 'dust-1', false],
  ]);
});

test('a value that its profile reads seldom is expected as seldom, and one read once is expected at no time', async () => {
  const own = join(directory.profiles, 'acme', 'meter.yaml');
  mkdirSync(join(directory.profiles, 'acme'), { recursive: true });
  const point = (factor: string, register: number, cadence: string): string =>
    `  - { id: ${factor}, factor: ${factor}, functionCode: 3, register: ${register}, type: u16, cadence: ${cadence} }\n`;
  writeFileSync(
    own,
    `profile: acme/meter
name: { zh: 电表, en: Meter }
sources: [this test]
confidence: C
protocol: modbus
serial: { default: 9600-8N1 }
address: { default: 1 }
points:
${point('pm10', 0, 'fast')}${point('pm2.5', 1, 'slow')}${point('humidity', 2, 'once')}`,
  );
  writeSite((site) => Object.assign(site.instruments[0] ?? {}, { profile: 'acme/meter' }));
  const withOwn = loadCatalogue({ directories: [directory.profiles] });
  const site = await loadSite(directory, { catalogue: withOwn });
  if (site.kind === 'refused') throw new Error(told(site.faults).join('\n'));
  const series = expectedSeries(site, withOwn).filter(({ point: place }) => place === 'north-gate');
  expect(series.map(({ factor, every }) => [factor, every])).toEqual([
    ['pm10', 4000],
    ['pm2.5', 60_000],
    ['humidity', null],
  ]);
});

test.each([
  ['is not JSON', () => writeFileSync(directory.document, '{ "gateway": ')],
  ['lacks what the gateway needs', () => writeSite((site) => delete site.gateway)],
  ['is gone', () => rmSync(directory.document)],
])('a site file that %s gives way to the last good one, and the fault is told', async (_, spoil) => {
  writeSite();
  await keepLastGood(directory, await loaded());
  spoil();
  const site = await loaded();
  expect(site.source).toBe('last-good');
  expect(site.site.instruments).toHaveLength(3);
  expect(site.faults).toHaveLength(1);
  expect(site.faults[0]).toMatchObject({ file: directory.document, stops: 'document' });
});

test('running on the last good site does not make the broken one the last good one', async () => {
  writeSite();
  await keepLastGood(directory, await loaded());
  const good = readFileSync(directory.lastGood, 'utf8');
  writeFileSync(directory.document, 'no longer JSON');
  await keepLastGood(directory, await loaded());
  expect(readFileSync(directory.lastGood, 'utf8')).toBe(good);
});

test('without a usable site and without an earlier one, the start is refused and the fault named', async () => {
  const result = await load();
  expect(result.kind).toBe('refused');
  expect(result.faults).toHaveLength(1);
  expect(result.faults[0]).toMatchObject({
    file: directory.document,
    fault: { en: 'there is no such file', zh: '文件不存在' },
  });
});

test('a directory in the place of the site file is a fault, not a crash', async () => {
  mkdirSync(directory.document);
  const result = await load();
  expect(result.kind).toBe('refused');
  expect(result.faults[0]?.fault.en).toMatch(/^cannot be read: EISDIR/);
});
