import { expect, test } from 'vitest';
import { loadCatalogue } from '../../device-profiles/catalogue.ts';
import { checkSite } from './check-site.ts';
import { checkChanged, sampleSite, told } from './trial/sample-site.ts';

const dust = {
  id: 'dust-9',
  profile: 'fenceline/node-plantower',
  link: 'nodes',
  node: 'esp-7f3a12',
  every: '60s',
  point: 'fan',
};
const loop = {
  ...{
    id: 'loop-9',
    profile: 'fenceline/node-loop',
    link: 'nodes',
    node: 'esp-7f3a12',
    every: '60s',
    point: 'north-gate',
  },
  ...{ fitted: ['flue-dust'], parameters: { 'at-4-ma': 0, 'at-20-ma': 100 } },
};

const checked = (...instruments: Record<string, unknown>[]) =>
  checkChanged((site) => {
    site.links.nodes = { kind: 'nodes', listen: '10.42.0.1:1883' };
    site.points.push({ id: 'gate' });
    site.instruments.push(...instruments);
  });
const faults = (...given: Parameters<typeof checked>): string[] => told(checked(...given).faults);

test('a sensor on a node, and an analogue input on the same node, are a site without fault or warning', () => {
  const { faults: found, warnings, usable } = checked(dust, loop);
  expect([...told(found), ...told(warnings)]).toEqual([]);
  expect(usable?.instruments).toHaveLength(5);
});

test('two instruments that take the same column of one node are a fault, of two nodes they are none', () => {
  const nova = { ...dust, id: 'dust-8', profile: 'fenceline/node-nova', point: 'gate' };
  expect(faults(dust, nova)).toEqual([
    'instruments[4].node: dust-9 already has the column pm25 of esp-7f3a12; name another node, or leave one of the two out',
  ]);
  expect(faults(dust, { ...nova, node: 'esp-000001' })).toEqual([]);
});

test.each([
  ['no node', { ...dust, node: undefined }, /^instruments\[3\]\.node: is missing.*"esp-7f3a12"/],
  [
    'a node id that none can have',
    { ...dust, node: 'new' },
    /^instruments\[3\]\.node: "new" is not allowed; the id that/,
  ],
  [
    'a line for its link',
    { ...dust, link: 'rs485-2' },
    /^instruments\[3\]\.link: .* hangs on a sensor node, and rs485-2 is a line/,
  ],
  [
    'a period that no node has',
    { ...dust, every: '4s' },
    /^instruments\[3\]\.every: no node averages over that; .*"60s"/,
  ],
  [
    'an input with nothing on it',
    { ...loop, fitted: [] },
    /^instruments\[3\]\.fitted: is missing: what is connected\?/,
  ],
  [
    'one input for two things',
    { ...loop, fitted: ['flue-dust', 'noise'] },
    /^instruments\[3\]\.fitted\[1\]: flue-dust and noise are the same input/,
  ],
  ['an input whose meaning nobody stated', { ...loop, parameters: { 'at-4-ma': 0 } }, /at-20-ma/],
])('%s is a fault with what to write', (_, instrument, words) => {
  expect(faults(instrument)[0]).toMatch(words);
});

test('an instrument of a line on a node is a fault, and so are two periods of one node', () => {
  const meter = {
    id: 'meter-9',
    profile: 'eastron/sdm630',
    link: 'cabinet',
    address: 3,
    every: '4s',
    point: 'north-gate',
    node: 'esp-7f3a12',
  };
  expect(faults(meter)).toEqual(['instruments[3].node: eastron/sdm630 hangs on no node; delete this field']);
  expect(faults(dust, { ...loop, every: '30s' })).toEqual([
    'instruments[4].every: dust-9 on the same node has another period; a node has one period: write the same for both',
  ]);
});

test('a node that nobody adopted is a warning, where it is known who was', () => {
  const site = sampleSite();
  site.links.nodes = { kind: 'nodes', listen: '127.0.0.1:1883' };
  site.instruments = [dust];
  const catalogue = loadCatalogue({ directories: [] });
  const warnings = (adopted?: readonly string[]): string[] =>
    told(
      checkSite(JSON.stringify(site), { catalogue, file: 'site.json', resolveDevice: (path) => path, adopted })
        .warnings,
    );
  const about = (adopted?: readonly string[]): string[] => warnings(adopted).filter((one) => one.includes('.node:'));
  expect(about(['esp-000001'])).toEqual([
    'instruments[0].node: no node was adopted as esp-7f3a12, only esp-000001; adopt it on the page or with fenceline node adopt, or write the id of one that was',
  ]);
  expect(about([])[0]).toMatch(/^instruments\[0\]\.node: no node was adopted as esp-7f3a12; adopt/);
  expect([about(['esp-7f3a12']), about()]).toEqual([[], []]);
});
