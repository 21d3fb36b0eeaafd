import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtInProfiles, checkProfileFile, describeFault, loadCatalogue } from '../catalogue.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'profiles-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(id: string, text: string): string {
  const file = join(directory, `${id}.yaml`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const head = `profile: acme/dust
name: { zh: 扬尘仪, en: dust meter }
sources: [manual]
confidence: C
protocol: modbus
serial: { default: 9600-8N1 }
address: { default: 1 }
`;
/** Lines 8 and on; the first point stands on line 9. */
const sound = `points:
  - { id: pm10, factor: pm10, functionCode: 3, register: 0, type: u16, range: [0, 1000] }
  - { id: pm2.5, factor: pm2.5, functionCode: 3, register: 1, type: u16 }
`;

const faultsOf = (text: string) => checkProfileFile(write('acme/dust', text));

const point = (fields: string) => `${head}points:\n  - { id: p, ${fields} }\n`;

describe('the check of a profile file', () => {
  it('finds nothing wrong with a sound profile', () => {
    expect(faultsOf(head + sound)).toEqual([]);
  });

  it.each([
    ['an unknown field', 'range: [0, 1000]', 'rnage: [0, 1000]', 9, 'points[pm10].rnage', 'unknown field', 'spelling'],
    [
      'a range that holds nothing',
      '[0, 1000]',
      '[1000, 1000]',
      9,
      'points[pm10].range',
      'holds nothing',
      'lowest below',
    ],
    [
      'an unknown factor',
      'factor: pm2.5',
      'factor: pm25',
      10,
      'points[pm2.5].factor',
      '"pm25" is not allowed',
      'pm2.5',
    ],
    [
      'overlapping registers',
      'register: 1',
      'register: 0',
      10,
      'points[pm2.5].register',
      'overlaps the point pm10',
      'correct',
    ],
    [
      'a value that reaches into the next',
      'register: 0, type: u16',
      'register: 0, type: u32',
      10,
      'points[pm2.5].register',
      'overlaps',
      '',
    ],
    [
      'a register beyond 65535',
      'register: 1',
      'register: 65536',
      10,
      'points[pm2.5].register',
      '65536',
      'at most 65535',
    ],
    [
      'a value that ends beyond 65535',
      'register: 1, type: u16',
      'register: 65535, type: u32',
      10,
      'points[pm2.5].register',
      'beyond register 65535',
      '65534',
    ],
    ['a negative register', 'register: 1', 'register: -1', 10, 'points[pm2.5].register', '-1', 'at least 0'],
    ['a word written for a number', 'register: 1', 'register: one', 10, 'points[pm2.5].register', '"one"', 'number'],
    ['a missing type', 'register: 1, type: u16', 'register: 1', 10, 'points[pm2.5].type', 'is missing', 'u16'],
    ['a point id used twice', 'id: pm2.5', 'id: pm10', 10, 'points[pm10].id', 'used twice', 'its own id'],
    [
      'a factor given twice',
      'factor: pm2.5',
      'factor: pm10',
      10,
      'points[pm2.5].factor',
      'already given by the point pm10',
      'channel',
    ],
    [
      'a sentinel that cannot occur',
      'range: [0, 1000]',
      'sentinels: [-1]',
      9,
      'points[pm10].sentinels',
      '-1 can never be read as u16',
      '65535',
    ],
    ['a scale of nothing', 'range: [0, 1000]', 'scale: 0', 9, 'points[pm10].scale', 'must not be 0', ''],
    ['line settings nobody has', '9600-8N1', '9600-8X1', 6, 'serial.default', '9600-8X1', 'as the message says'],
    ['an unknown protocol', 'modbus', 'profibus', 5, 'protocol', 'profibus', 'modbus, framed'],
    [
      'an address out of its range',
      '{ default: 1 }',
      '{ default: 1, range: [2, 9] }',
      7,
      'address.default',
      'not within',
      '',
    ],
    [
      'an address range the wrong way round',
      '{ default: 1 }',
      '{ default: 1, range: [9, 2] }',
      7,
      'address.range',
      'lowest is above',
      '',
    ],
    ['no point at all', sound, 'points: []\n', 8, 'points', 'is empty', 'at least 1 point'],
    ['no source', '[manual]', '[]', 3, 'sources', 'is empty', 'at least 1'],
    [
      'a hole over a point',
      sound,
      `holes: [{ functionCode: 3, from: 0, to: 0 }]\n${sound}`,
      10,
      'points[pm10].register',
      'lies in the hole 0 to 0',
      '',
    ],
    [
      'a hole that ends before it begins',
      sound,
      `holes: [{ functionCode: 3, from: 9, to: 8 }]\n${sound}`,
      8,
      'holes[0].to',
      '8 is below 9',
      '',
    ],
    [
      'more registers than one request bears',
      sound,
      `limits: { maxRegisters: 1 }\n${sound.replace('1, type: u16', '1, type: u32')}`,
      11,
      'points[pm2.5].register',
      'takes 2 registers',
      'maxRegisters',
    ],
    [
      'nothing to leave out',
      sound,
      `extends: eastron/meter\nwithout: [pm1]\n${sound}`,
      9,
      'without[0]',
      'there is no point pm1',
      '',
    ],
    [
      'a profile that is not there',
      sound,
      `extends: eastron/meters\n${sound}`,
      8,
      'extends',
      'no profile eastron/meters',
      'eastron/meter',
    ],
  ])('names file, line, field and remedy of %s', (_, from, to, line, field, fault, remedy) => {
    const text = head + sound;
    expect(text).toContain(from);
    const faults = faultsOf(text.replace(from, to));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({ file: join(directory, 'acme/dust.yaml'), line });
    expect(faults[0]?.field.startsWith(field)).toBe(true);
    expect(faults[0]?.fault).toContain(fault);
    expect(faults[0]?.remedy).toContain(remedy);
  });

  it.each([
    [
      'a bit of a register without its number',
      'factor: pm1, functionCode: 3, register: 0, type: bit',
      'bit',
      'is missing',
    ],
    [
      'a number of a bit for a whole register',
      'factor: pm1, functionCode: 3, register: 0, type: u16, bit: 3',
      'bit',
      'whole registers',
    ],
    [
      'a function code that writes',
      'factor: pm1, functionCode: 6, register: 0, type: u16',
      'functionCode',
      '6 is not allowed',
    ],
    ['a word among the coils', 'factor: pm1, functionCode: 1, register: 0, type: u16', 'type', 'reads bits'],
    ['a bit of a coil', 'factor: pm1, functionCode: 2, register: 0, type: bit, bit: 0', 'bit', 'is the bit already'],
  ])('refuses %s', (_, fields, field, fault) => {
    const faults = faultsOf(point(fields));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({ line: 9, field: `points[p].${field}` });
    expect(faults[0]?.fault).toContain(fault);
  });

  it('lets bits of one register stand beside each other and beside the whole', () => {
    const bits = ['bit, bit: 0', 'bit, bit: 1', 'u16'].map(
      (type, index) =>
        `  - { id: p${index}, factor: pm10, channel: c${index}, functionCode: 3, register: 5, type: ${type} }\n`,
    );
    expect(faultsOf(`${head}points:\n${bits.join('')}`)).toEqual([]);
    expect(faultsOf(`${head}points:\n${bits.join('').replace('bit: 1', 'bit: 0')}`)).toHaveLength(1);
  });

  it('suggests the factor that comes nearest', () => {
    const [fault] = faultsOf((head + sound).replace('factor: pm2.5', 'factor: wind-sped'));
    expect(fault).toMatchObject({ line: 10, field: 'points[pm2.5].factor', fault: '"wind-sped" is not allowed' });
    expect(fault?.remedy).toContain('wind-speed');
  });

  it('names the line where the YAML breaks off', () => {
    const [fault] = faultsOf(`${head}points:\n  - { id: pm10\nname: twice\n`);
    expect(fault?.fault).toContain('is not YAML');
    expect(fault?.line).toBeGreaterThan(8);
  });

  it('refuses a key that is written twice, and a file that is no map', () => {
    expect(faultsOf(`${head}${sound}confidence: A\n`)).toMatchObject([{ line: 11 }]);
    expect(faultsOf('- 1\n')).toMatchObject([{ fault: 'is not a profile' }]);
    expect(checkProfileFile(join(directory, 'nowhere.yaml'))[0]?.fault).toContain('cannot be read');
  });

  it('tells all faults at once: of fields, of points, between points and in the captures', () => {
    const text = (head + sound)
      .replace('confidence: C', 'confidence: D')
      .replace('range: [0, 1000]', 'range: [5, 5]')
      .concat('  - { id: pm1, factor: pm-one, functionCode: 3, register: 9, type: u16 }\n')
      .concat('  - { id: tsp, factor: tsp, functionCode: 3, register: 0, type: u32 }\n');
    write(
      'acme/dust.captures',
      `profile: acme/dust
captures:
  - { id: a, kind: published, source: web, request: 01 03 00 00 00 02 C4 0B, reply: 01 03 04 02 92 FF 9B 5A 3E, expect: { pm10: 658 } }
  - { id: b, kind: published, source: web, request: 01 03 00 00 00 02 C4 0B, reply: 01 03 04 02 92 FF 9B 5A 3D, expect: { pm10: 65.8 } }
`,
    );
    const faults = faultsOf(text);
    expect(faults.map(({ line, field }) => `${line} ${field}`)).toEqual([
      '4 confidence',
      '11 points[pm1].factor',
      '9 points[pm10].range',
      '12 points[tsp].register',
      '3 captures[0].reply',
      '4 captures[1].expect.pm10',
    ]);
    const [, , , , fifth] = faults;
    expect(fifth && describeFault(fifth)).toContain(
      'acme/dust.captures.yaml:3: captures[0].reply: the CRC is wrong; copy the bytes again',
    );
  });

  it('answers any damage to a file with faults, and never breaks', () => {
    const text = readFileSync(join(builtInProfiles, 'renke/rs-fsxcs-n01.yaml'), 'utf8');
    const lines = text.split('\n');
    const junk = fc.oneof(
      fc.constantFrom(
        '',
        '5',
        '{}',
        '[]',
        'points: 5',
        'points: [1, {}]',
        'variants: [{}]',
        'extends: 5',
        'without: x',
      ),
      fc.constantFrom('sources: {}', 'name: []', 'limits: x', 'address: [1]', 'serial:', '- x', '? {a: b}', '&a [*a]'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.nat({ max: lines.length - 1 }), fc.nat({ max: 3 }), junk, (at, removed, put) => {
        const damaged = lines.toSpliced(at, removed, put).join('\n');
        for (const fault of checkProfileFile(write('renke/rs-fsxcs-n01', damaged))) {
          expect(fault.line).toBeGreaterThan(0);
          expect(fault.fault).not.toBe('');
          expect(fault.remedy).not.toBe('');
          expect(fault.zh.fault).toMatch(/[\u4e00-\u9fff]/);
          expect(fault.zh.remedy).toMatch(/[\u4e00-\u9fff]/);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('finds nothing wrong with the example of the README', () => {
    const readme = readFileSync(join(builtInProfiles, 'README.md'), 'utf8');
    const [example = '', captures = ''] = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text);
    write('acme/dust-7.captures', captures.replaceAll(/^ {3}/gm, ''));
    const file = write('acme/dust-7', example.replaceAll(/^ {3}/gm, ''));
    expect(checkProfileFile(file)).toEqual([]);
    expect(loadCatalogue({ directories: [directory] }).list()[0]?.captures).toMatchObject({ recorded: 1 });
  });

  it('finds a fault of an extended profile in the file that states it', () => {
    write(
      'acme/base',
      `${head.replace('acme/dust', 'acme/base')}abstract: true\n${sound.replace('[0, 1000]', '[9, 1]')}`,
    );
    const faults = faultsOf('profile: acme/dust\nextends: acme/base\npoints:\n  - { id: pm2.5, bit: 1 }\n');
    expect(faults).toMatchObject([
      { file: join(directory, 'acme/base.yaml'), line: 10, field: 'points[pm10].range' },
      { file: join(directory, 'acme/dust.yaml'), line: 4, field: 'points[pm2.5].bit' },
    ]);
  });

  it('checks the variants too', () => {
    const variants =
      'variants:\n  - id: big\n    name: { zh: 大, en: big }\n    points:\n      - { id: pm10, type: u32 }\n';
    expect(faultsOf(head + sound + variants)).toMatchObject([
      { line: 10, field: 'points[pm2.5].register', fault: 'overlaps the point pm10 (u32 at 0)' },
    ]);
  });
});
