import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sumOf } from '../../../edge/node/building/manifest.ts';
import { adlerSum } from '../../driver/node/offers/adler-sum.ts';
import { nodeConfiguration } from '../../driver/node/offers/node-configuration.ts';
import { runCommandLine } from '../command-line.ts';
import type { Language } from '../terminal.ts';
import { filesOf, readFirmware } from './firmware-files.ts';
import { knownOf } from './settings/new-configuration.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'fenceline-node-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function node(args: readonly string[], language: Language = 'en') {
  const told: string[] = [];
  const say = (text: string): void => void told.push(text);
  const code = await runCommandLine(['node', ...args], { language, input: process.stdin, print: say, complain: say });
  return { code, told: told.join('\n') };
}

describe('arguments that are wrong are told in one line, with exit code 2, before any port is opened', () => {
  const at = ['--port', '/nowhere/ttyUSB0'];
  test.each([
    [[], 'say what: build, flash'],
    [['burn'], 'say what: build, flash'],
    [['flash'], '--port is missing'],
    [['flash', ...at, '--chip', 'esp32c3'], '--chip takes esp8266 or esp32'],
    [['flash', ...at, '--wifi', 'x'.repeat(33)], '--wifi must be at most 32 bytes'],
    [['flash', ...at, '--wifi', '工'.repeat(11)], '--wifi must be at most 32 bytes, a Chinese character takes 3'],
    [['flash', ...at, '--sensor', 'none', '--adc', 'none'], '--sensor and adc must not both be none'],
    [['flash', ...at, '--wifi-password-file', 'x'], '--wifi-password-file goes with --wifi'],
    [['flash', ...at, '--gateway', 'a b'], '--gateway must be a name or an address'],
    [['flash', ...at, '--gateway', '10.42.0.1:99999'], '--gateway'],
    [['flash', ...at, '--sensor', 'nose'], '--sensor takes plantower, nova or none; see fenceline node flash --help'],
    [['flash', ...at, '--sensor', 'sharp'], '--sensor takes plantower, nova or none; sharp goes to --adc; see'],
    [['flash', ...at, '--adc', '4-20'], '--adc takes none, loop, clamp or sharp; see'],
    [
      ['flash', ...at, '--wifi', 'x', '--wifi-password-file', '/nowhere/wifi'],
      '--wifi-password-file: /nowhere/wifi is not there; see',
    ],
    [['flash', ...at, '--tls', 'maybe'], '--tls takes yes or no'],
    [['configure', ...at, '--period', '7'], '--period must be 10 to 3600 and divide an hour'],
    [['configure', ...at, '--period', '1min'], '--period'],
    [['configure', ...at, 'dust-2'], 'dust-2 is not understood'],
    [['configure', 'dust-2'], 'give one of --port and --site'],
    [['configure', '--site', '/tmp', '--period', '300'], 'name one node'],
    [
      ['configure', '--site', '/tmp', 'dust-2'],
      'say what is to change, such as --period 300; see fenceline node configure --help',
    ],
    [['update', '--site', '/tmp'], 'name the nodes, or say --all'],
    [['update', '--site', '/tmp', '--all', 'dust-2'], 'name the nodes, or say --all'],
    [['update', '--site', '/tmp', 'Dust 2'], 'Dust 2 is no node id'],
    [['console', ...at, '--seconds', '0'], '--seconds takes a whole number from 1 to 3600'],
    [['update', '--all'], '--site is missing'],
    [['update', '--site', '/nowhere', '--all'], '/nowhere is no directory'],
  ])('%j', async (args, told) => {
    const answer = await node(args);
    const part = /^(?:flash|configure|update|console)$/.test(args[0] ?? '') ? ` ${args[0]}` : '';
    expect(answer.told).toContain(`fenceline node${part}: ${told}`);
    expect(answer.code).toBe(2);
  });

  test('what a file holds is not shown when it is wrong', async () => {
    const file = join(root, 'wifi');
    writeFileSync(file, 'secret7\n');
    const { told, code } = await node(['flash', ...at, '--wifi', 'site', '--wifi-password-file', file]);
    expect([code, told]).toEqual([2, expect.stringContaining('must be 8 to 63 characters')]);
    expect(told).not.toContain('secret7');
  });
});

test('a port that is not there ends with what to do, in both languages', async () => {
  const { code, told } = await node(['configure', '--port', '/nowhere/ttyUSB0']);
  expect([code, told]).toEqual([1, '/nowhere/ttyUSB0 is not there; plug the adapter in, or correct --port']);
  expect((await node(['configure', '--port', '/nowhere/ttyUSB0'], 'zh')).told).toBe(
    '/nowhere/ttyUSB0：没有这个串口；请插好 USB 线，或核对 --port',
  );
});

test('over the air nothing goes without a gateway that runs, and that is said with what to do', async () => {
  const { code, told } = await node(['configure', '--site', root, 'dust-2', '--period', '300']);
  expect([code, told]).toEqual([1, expect.stringContaining(`start it: fenceline run --site ${root}`)]);
});

test('each part has a help of its own', async () => {
  expect((await node(['flash', '--help'])).told).toContain('fenceline node flash --port PORT');
  expect((await node(['--help'])).told).toContain('fenceline node WHAT');
});

test('firmware is taken only as it was compiled', () => {
  const put = (text: string): void => writeFileSync(join(root, 'node.lua'), text);
  const entry = { size: 3, sum: adlerSum(Buffer.from('abc')) };
  writeFileSync(join(root, 'manifest.json'), JSON.stringify({ version: '0.2.0', files: { 'node.lua': entry } }));
  put('abc');
  const firmware = readFirmware(root);
  expect(firmware).toMatchObject({ version: '0.2.0' });
  expect('files' in firmware && filesOf(firmware, 'esp32')).toBeUndefined();
  put('abd');
  expect(readFirmware(root)).toMatchObject({
    fault: { en: expect.stringContaining('node.lua is not what was compiled') },
  });
  expect(readFirmware(join(root, 'none'))).toMatchObject({ fault: { zh: expect.stringContaining('请先编译') } });
});

test('the sum of a file is the one that the build writes, and RFC 1950’s', () => {
  const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, at) => (at * 7919) % 256));
  expect(adlerSum(bytes)).toBe(sumOf(bytes));
  // Adler-32 of "Wikipedia" is 0x11E60398.
  expect(adlerSum(Buffer.from('Wikipedia'))).toBe(`${0x11e6}.${0x0398}`);
});

test('of a document that is damaged on the node, what its rules allow is kept', () => {
  const good = { wifi: ['site', 'quiet-lake'], gateway: ['10.42.0.1', 1883], period: 60 };
  expect(knownOf(JSON.stringify({ version: 7, ...good, adc: 'nose', node: 'dust-2' }))).toEqual({
    version: 7,
    ...good,
  });
  expect(knownOf('{"version":')).toEqual({});
  expect(knownOf(null)).toEqual({});
});

test('an account is in the document whole or not at all', () => {
  const document = {
    version: 1,
    wifi: ['site', ''],
    gateway: ['gw', 1883],
    tls: false,
    sensor: 'nova',
    adc: 'none',
    period: 60,
  };
  expect(nodeConfiguration.safeParse(document).success).toBe(true);
  expect(nodeConfiguration.safeParse({ ...document, node: 'dust-2' }).success).toBe(false);
  expect(nodeConfiguration.safeParse({ ...document, node: 'new', password: 'x' }).success).toBe(false);
  expect(nodeConfiguration.safeParse({ ...document, sensor: 'none' }).success).toBe(false);
});
