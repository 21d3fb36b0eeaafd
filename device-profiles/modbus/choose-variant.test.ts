import { expect, test } from 'vitest';
import { head, WrittenProfiles } from '../../test-rigs/profiles/written-profile.ts';
import { loadCatalogue } from '../catalogue.ts';
import type { Raw } from '../value/decoded.ts';
import { fittingVariants, probeReadOf } from './choose-variant.ts';

const meter = `${head}points:
  - { id: power, factor: active-power, functionCode: 3, register: 0x2012, type: float32 }
variants:
  - id: energy-101e
    name: { zh: 电能在 101E, en: energy at 101E }
    probe: { functionCode: 3, register: 0x101E, type: float32, range: [0, 10000000] }
    points:
      - { id: energy-import, factor: energy-import, functionCode: 3, register: 0x101E, type: float32 }
  - id: energy-401e
    name: { zh: 电能在 401E, en: energy at 401E }
    probe: { functionCode: 3, register: 0x401E, type: float32, range: [0, 10000000] }
    points:
      - { id: energy-import, factor: energy-import, functionCode: 3, register: 0x401E, type: float32 }
`;

function entryOf(id: string, text: string) {
  const written = WrittenProfiles.inTest();
  written.write('acme/test', text);
  const catalogue = loadCatalogue({ directories: [written.directory] });
  return { entry: catalogue.find(id), faults: catalogue.faults(id).map(({ fault, remedy }) => `${fault}; ${remedy}`) };
}

test('A1: where every variant has a probe, nobody has to choose: each is read and the one that fits is it', () => {
  for (const id of ['acme/test', 'acme/test@auto']) {
    const { entry } = entryOf(id, meter);
    expect(entry?.choices.map((choice) => choice.id)).toEqual(['energy-101e', 'energy-401e']);
    expect(entry?.profile.points.map((point) => point.id)).toEqual(['power', 'energy-import']);
  }
  expect(entryOf('acme/test@energy-401e', meter).entry?.choices).toEqual([]);
});

test('A1: the variant whose register holds a value in range is chosen; a refused register does not fit', () => {
  const choices = entryOf('acme/test', meter).entry?.choices ?? [];
  expect(choices.map(probeReadOf)).toMatchObject([{ register: 0x101e }, { register: 0x401e }]);
  const fitting = (raws: [string, Raw][]) => fittingVariants(choices, 1, new Map(raws)).map(({ id }) => id);
  expect(fitting([['energy-401e', 1234.5]])).toEqual(['energy-401e']);
  expect(
    fitting([
      ['energy-101e', 1e30],
      ['energy-401e', 1234.5],
    ]),
  ).toEqual(['energy-401e']);
  expect(fitting([['energy-101e', Number.NaN]])).toEqual([]);
  expect(
    fitting([
      ['energy-101e', 1],
      ['energy-401e', 2],
    ]),
  ).toEqual(['energy-101e', 'energy-401e']);
});

test('D23: a variant may go by the slave address (FGA1000: what the unit is depends on it)', () => {
  const { entry } = entryOf(
    'acme/test',
    `${head}points:
  - { id: gas, factor: vapour-concentration, functionCode: 3, register: 1, type: u16, scale: 2 }
variants:
  - { id: first, name: { zh: 一二, en: first two }, probe: { addresses: [1, 2] } }
  - { id: other, name: { zh: 其他, en: others }, probe: { addresses: [3, 6] }, points: [{ id: gas, scale: 3 }] }
`,
  );
  expect(fittingVariants(entry?.choices ?? [], 2, new Map()).map(({ id }) => id)).toEqual(['first']);
  expect(fittingVariants(entry?.choices ?? [], 5, new Map()).map(({ id }) => id)).toEqual(['other']);
});

test('A1: variants that measure different things, or have no probe, must be chosen by the site', () => {
  const frequency = '      - { id: f, factor: frequency, functionCode: 3, register: 9, type: u16 }\n';
  const different = meter.replace(/(0x401E, type: float32 \}\n)$/, `$1${frequency}`);
  expect(entryOf('acme/test@auto', different).faults).toEqual([
    'its variants do not measure the same; choose one: maker/model@variant',
  ]);
  const { entry, faults } = entryOf('renke/rs-fsxcs-n01@auto', meter);
  expect([entry, faults]).toEqual([
    undefined,
    ['its variants cannot be told by a probe; choose one: maker/model@variant'],
  ]);
});
