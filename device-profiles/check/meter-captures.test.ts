import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkProfileFile, loadCatalogue } from '../catalogue.ts';
import { replayCaptures } from './captures.ts';
import { readYaml } from './yaml-document.ts';

const catalogue = loadCatalogue({ directories: [] });

function replay(id: string, capture: object) {
  const text = JSON.stringify({ profile: id, captures: [{ id: 'a', kind: 'published', source: 'web', ...capture }] });
  const document = readYaml(text);
  if ('faults' in document) throw new Error('the test captures are not YAML');
  const pick = (variant?: string) => catalogue.find(variant === undefined ? id : `${id}@${variant}`)?.profile;
  const { faults, values } = replayCaptures(id, pick, { file: 'captures.yaml', bytes: Buffer.alloc(0), document });
  return faults.length > 0 ? faults.map(({ field, fault }) => `${field}: ${fault}`).join('\n') : values;
}

describe('a capture of a DL/T 645 meter', () => {
  const reply = '68 61 01 00 00 00 00 68 91 07 33 34 35 35 CC 7C 33 16 16';
  const request = '68 61 01 00 00 00 00 68 11 04 33 34 35 35 18 16';
  const check = (change: object): unknown =>
    replay('dlt645/meter-2007', { request, reply, expect: { 'current-a': 4.999 }, ...change });

  it('is proven with its request or without it, behind wake bytes or not', () => {
    expect(check({})).toBe(1);
    expect(check({ request: undefined })).toBe(1);
    expect(check({ request: `FE FE ${request}`, reply: `FE FE FE FE ${reply}` })).toBe(1);
  });

  it.each([
    ['a wrong check sum in the reply', { reply: reply.replace('16 16', '17 16') }, 'reply: the check sum is wrong'],
    [
      'a wrong check sum in the request',
      { request: request.replace('18 16', '19 16') },
      'request: the check sum is wrong',
    ],
    ['noise before it', { reply: `00 ${reply}` }, 'reply: is not one whole frame'],
    ['an end that is missing', { reply: reply.slice(0, -3) }, 'reply: is not one whole frame'],
    [
      'the request to something else',
      { request: '68 61 01 00 00 00 00 68 11 04 33 34 34 35 17 16' },
      'reply: is no answer with data to the request',
    ],
    ['a refusal', { request: undefined, reply: '68 12 90 78 56 34 12 68 D1 01 35 8D 16' }, 'reply: is a refusal (2)'],
    [
      'a request of the other edition',
      { request: '68 61 01 00 00 00 00 68 01 02 43 C3 3B 16' },
      'request: does not read data in the 2007 edition',
    ],
    [
      'an identifier that the profile does not have',
      { request: undefined, reply: '68 32 00 00 00 00 00 68 91 07 35 34 33 37 58 3C 49 4A 16' },
      'reply: the profile does not read 04000102',
    ],
    [
      'another value than it says',
      { expect: { 'current-a': 5 } },
      'expect.current-a: the bytes decode to 4.999, not to 5',
    ],
    [
      'a packet in place of the reply',
      { request: undefined, reply: undefined, packet: '##' },
      ': a DL/T 645 capture is a reply',
    ],
  ])('with %s is a fault', (_, change, fault) => {
    expect(check(change)).toContain(fault);
  });

  it('of the other length is a fault: a public frame of a 1997 meter that sends a byte more', () => {
    const longer = '68 11 11 11 53 12 35 68 81 07 43 C3 87 37 33 33 34 83 16';
    const result = replay('dlt645/meter-1997', { reply: longer, expect: { 'energy-import': 0.54 } });
    expect(result).toContain('captures[0].reply: brings 5 bytes of data where the profile has 4');
  });
});

describe('a capture of a source of HJ 212', () => {
  const packet =
    '##0120QN=20200828190600000;ST=27;CN=2011;PW=123456;MN=18AAH;Flag=4;CP=&&DataTime=20200828190600;a24088-Rtd=0.0,a24088-Flag=F&&B981';
  const check = (change: object): unknown =>
    replay('hj212/vocs', { packet, expect: { nmhc: { value: 'instrument-status', flag: 'F' } }, ...change });

  it('is proven by its text', () => {
    expect(check({})).toBe(1);
  });

  it.each([
    ['a wrong CRC', { packet: packet.replace('B981', 'B980') }, 'packet: the CRC is wrong'],
    ['words before it', { packet: `send ${packet}` }, 'packet: is not one whole packet'],
    [
      'a command that brings no values',
      { packet: '##0069QN=20230723080035006;ST=91;CN=9021;PW=123456;MN=000201;Flag=4;CP=&&&&BDC1' },
      'packet: a packet of CN 9021 with a CRC of kind hj212 is not read',
    ],
    ['a value that is none', { expect: { nmhc: 0 } }, 'the bytes decode to instrument-status with flag F, not to 0'],
    ['a point that is not in it', { expect: { methane: 1 } }, 'these bytes hold no such point'],
    ['bytes in place of text', { packet: undefined, frame: '23 23' }, ': a capture of this instrument is one packet'],
  ])('with %s is a fault', (_, change, fault) => {
    expect(check(change)).toContain(fault);
  });
});

describe('the check of a profile file', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'profiles-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const check = (fields: object): string[] => {
    mkdirSync(join(directory, 'acme'));
    const file = join(directory, 'acme/thing.yaml');
    const head = { profile: 'acme/thing', name: { zh: '某', en: 'Thing' }, sources: ['manual'], confidence: 'C' };
    writeFileSync(file, JSON.stringify({ ...head, serial: { default: '2400-8E1' }, ...fields }, null, 1));
    return checkProfileFile(file).map(({ field, fault }) => `${field}: ${fault}`);
  };
  const meter = (more: object, ...points: object[]): string[] =>
    check({
      protocol: 'dlt645',
      edition: 2007,
      points: [{ id: 'u', factor: 'voltage', identifier: '02010100', format: 'XXX.X' }, ...points],
      ...more,
    });
  const source = (...points: object[]): string[] =>
    check({
      protocol: 'hj212',
      origin: 'measured',
      points: [{ id: 'fine', factor: 'pm2.5', codes: ['a34004'], unit: 'µg/m³' }, ...points],
    });

  it('finds nothing wrong with sound ones', () => {
    expect(meter({})).toEqual([]);
    rmSync(join(directory, 'acme'), { recursive: true });
    expect(source()).toEqual([]);
  });

  it.each<[string, object, object[], string]>([
    [
      'an identifier of the other edition',
      { edition: 1997 },
      [],
      'points[u].identifier: an identifier of the 1997 edition has 4 digits',
    ],
    [
      'one identifier twice',
      {},
      [{ id: 'v', factor: 'current', identifier: '02010100', format: 'XXX.X' }],
      'points[v].identifier: is already read by the point u',
    ],
    [
      'a block of nothing known',
      { blocks: [{ identifier: '0202FF00', holds: ['02020100', '02020200'] }] },
      [],
      'blocks[0].holds: none of these is a point',
    ],
    [
      'a block of two cadences',
      { blocks: [{ identifier: '0201FF00', holds: ['02010100', '02010200'] }] },
      [{ id: 'v', factor: 'voltage-b', identifier: '02010200', format: 'XXX.X', cadence: 'slow' }],
      'blocks[0].holds: its points are read fast and slow',
    ],
    [
      'a format that is none',
      {},
      [{ id: 'v', factor: 'current', identifier: '02020100', format: '999.9' }],
      'points[v].format',
    ],
  ])('of a meter names %s', (_, more, points, fault) => {
    expect(meter(more, ...points).join('\n')).toContain(fault);
  });

  it.each<[string, object, string]>([
    [
      'a code twice',
      { id: 'b', factor: 'pm10', codes: ['a34004'], unit: 'µg/m³' },
      'points[b].codes[0]: a34004-Rtd is already read by the point fine',
    ],
    ['a unit that is missing', { id: 'b', factor: 'pm10', codes: ['a34002'] }, 'points[b].unit: is missing'],
    ['a code that is none', { id: 'b', factor: 'pm10', codes: ['a34002-Rtd'], unit: 'µg/m³' }, 'points[b].codes[0]'],
  ])('of a source names %s', (_, point, fault) => {
    expect(source(point).join('\n')).toContain(fault);
  });
});
