import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadCatalogue } from '../../device-profiles/catalogue.ts';
import { head } from '../../test-rigs/profiles/written-profile.ts';
import { addProfile } from './add-profile.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fenceline-add-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const dust = `${head.replace('acme/test', 'acme/dust-9')}points:
  - { id: pm10, factor: pm10, functionCode: 3, register: 0, type: u16 }
`;
const captures = `profile: acme/dust-9
captures:
  - { id: a, kind: recorded, source: site, request: 01 03 00 00 00 01 84 0A, reply: 01 03 02 00 23 F9 9D, expect: { pm10: 35 } }
`;

function write(name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

const site = (...path: string[]): string => join(directory, 'site', 'profiles', ...path);

async function add(file: string, replace = false, language: 'zh' | 'en' = 'en') {
  const told: string[] = [];
  const say = (text: string): void => void told.push(text);
  const terminal = { language, input: process.stdin, print: say, complain: say };
  const code = await addProfile(file, join(directory, 'site'), replace, terminal);
  return { code, told: told.join('\n') };
}

test('one profile file and one captures file make an unseen instrument known to the site, without any code', async () => {
  write('mine.captures.yaml', captures);
  const { code, told } = await add(write('mine.yaml', dust));
  expect([code, told]).toEqual([0, expect.stringContaining('write "profile": "acme/dust-9" in site.json')]);
  expect(told).not.toContain('no captures');
  const found = loadCatalogue({ directories: [site()] }).find('acme/dust-9');
  expect(found).toMatchObject({ local: true, file: site('acme', 'dust-9.yaml') });
  expect(readFileSync(site('acme', 'dust-9.captures.yaml'), 'utf8')).toBe(captures);
});

test('a profile with a fault is not added, and the fault names the file that was given', async () => {
  const file = write('mine.yaml', dust.replace('u16', 'u17'));
  const { code, told } = await add(file);
  expect(code).toBe(2);
  expect(told).toContain(`${file}:9: points[pm10].type: "u17" is not allowed`);
  expect(readdirSync(site())).toEqual([]);
});

test('captures that do not hold keep the profile out', async () => {
  const proof = write('mine.captures.yaml', captures.replace('pm10: 35', 'pm10: 36'));
  const { code, told } = await add(write('mine.yaml', dust));
  expect([code, told]).toEqual([2, expect.stringContaining(`${proof}:3: captures[0].expect.pm10`)]);
});

test('what is there is replaced only when asked to, and adding the same again changes nothing', async () => {
  await add(write('mine.yaml', dust));
  expect((await add(write('mine.yaml', dust))).code).toBe(0);
  const other = write('mine.yaml', dust.replace('register: 0', 'register: 7'));
  const refused = await add(other);
  expect([refused.code, refused.told]).toEqual([2, expect.stringContaining('--replace')]);
  expect(readFileSync(site('acme', 'dust-9.yaml'), 'utf8')).toBe(dust);
  expect((await add(other, true)).code).toBe(0);
  expect(readFileSync(site('acme', 'dust-9.yaml'), 'utf8')).toContain('register: 7');
});

test('a replacement has to hold for the captures that are there already', async () => {
  write('mine.captures.yaml', captures);
  await add(write('mine.yaml', dust));
  const { code, told } = await add(write('other.yaml', dust.replace('type: u16', 'type: u16, scale: 10')), true);
  expect([code, told]).toEqual([2, expect.stringContaining(`${site('acme', 'dust-9.captures.yaml')}:3:`)]);
});

test('a profile in the place of a built-in one says so, and may extend it by one fact', async () => {
  const file = write('meter.yaml', 'profile: eastron/sdm630\nextends: eastron/sdm630\nlimits: { gapMs: 200 }\n');
  const { code, told } = await add(file, false, 'zh');
  expect(code).toBe(0);
  expect(told).toContain('它会取代自带的 eastron/sdm630');
  expect(told).toContain('尚无实录数据佐证');
  expect(loadCatalogue({ directories: [site()] }).find('eastron/sdm630')?.local).toBe(true);
});

test('a file that names no profile is refused before anything is made', async () => {
  const { code, told } = await add(write('mine.yaml', 'profile: ../../etc/passwd\n'));
  expect([code, told]).toEqual([2, expect.stringContaining('is no name of a profile')]);
  expect(existsSync(site())).toBe(false);
});
