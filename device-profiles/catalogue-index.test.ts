import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtInProfiles, loadCatalogue } from './catalogue.ts';
import { indexOf, isCurrent, readIndex, writeIndex } from './catalogue-index.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'index-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
};

const listed = {
  id: 'acme/dust',
  name: { zh: '扬尘仪', en: 'dust meter' },
  protocol: 'modbus',
  captures: { recorded: 1, published: 0, constructed: 0 },
};

function built() {
  write('acme/dust.yaml', 'a');
  write('acme/base.yaml', 'b');
  const sources = ['acme/dust.yaml', 'acme/base.yaml', 'acme/dust.captures.yaml'].map((file) => join(directory, file));
  const broken = { ...listed, id: 'acme/broken', name: null, sources: [] };
  writeIndex(directory, indexOf(directory, [{ ...listed, sources }, broken]));
  return readIndex(directory)['acme/dust'];
}

test('an index holds every sound profile, and what it was made from', () => {
  const entry = built();
  expect(Object.keys(readIndex(directory))).toEqual(['acme/dust']);
  expect(Object.keys(entry?.files ?? {})).toEqual(['acme/dust.yaml', 'acme/base.yaml', 'acme/dust.captures.yaml']);
  expect(entry && isCurrent(entry, directory, [])).toBe(true);
});

test.each([
  ['the profile changed', 'acme/dust.yaml'],
  ['what it extends changed', 'acme/base.yaml'],
  ['captures were put beside it', 'acme/dust.captures.yaml'],
])('an entry counts no more when %s', (_, file) => {
  const entry = built();
  write(file, 'changed');
  expect(entry && isCurrent(entry, directory, [])).toBe(false);
});

test("an entry counts not where a site's own file comes before one of its files", () => {
  const entry = built();
  write('site/acme/base.yaml', 'own');
  expect(entry && isCurrent(entry, directory, [join(directory, 'site')])).toBe(false);
});

test.each([
  ['is cut', '{"acme/dust": {"na'],
  ['is of another shape', '{"acme/dust": {}}'],
])('an index that %s is none', (_, text) => {
  write('dist/catalogue-index.json', text);
  expect(readIndex(directory)).toEqual({});
});

test('the list says the same with an index as without, and reads no profile that it holds', () => {
  const slow = loadCatalogue({ directories: [], index: {} }).list();
  const index = indexOf(builtInProfiles, slow);
  expect(loadCatalogue({ directories: [], index }).list()).toEqual(slow);
  const meter = index['eastron/sdm630'];
  if (!meter) throw new Error('the meter is not in the index');
  const other = { ...index, 'eastron/sdm630': { ...meter, protocol: 'as the index says' } };
  const listedMeter = loadCatalogue({ directories: [], index: other })
    .list()
    .find(({ id }) => id === 'eastron/sdm630');
  expect(listedMeter?.protocol).toBe('as the index says');
});
