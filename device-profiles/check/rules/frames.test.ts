import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkProfileFile } from '../../catalogue.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'frames-'));
  mkdirSync(join(directory, 'acme'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A profile with its limits on line 8 and its points, all in the frame `nozzle`, from line 10 on. */
function faultsOf(limits: string, points: readonly string[], more = '') {
  const lines = points.map((fields, index) => `  - { id: p${index}, factor: pm10, channel: c${index}, ${fields} }\n`);
  const file = join(directory, 'acme/nozzles.yaml');
  const head = `profile: acme/nozzles
name: { zh: 加油枪, en: nozzles }
sources: [manual]
confidence: C
protocol: modbus
serial: { default: 9600-8N1 }
address: { default: 1 }
limits: ${limits}
points:
`;
  writeFileSync(file, head + lines.join('') + more);
  return checkProfileFile(file);
}

const at = (register: number, more = ''): string =>
  `functionCode: 3, register: ${register}, type: u16, frame: nozzle${more}`;

describe('a frame', () => {
  it('that one request can read is sound, with what lies between', () => {
    expect(faultsOf('{ maxHole: 3 }', [at(0), at(4), at(5)])).toEqual([]);
    expect(faultsOf('{}', [at(0), at(2), 'functionCode: 3, register: 1, type: u16'])).toEqual([]);
  });

  it.each<[string, string, string[], string, string, string, string, string]>([
    [
      'too long for a request',
      '{ maxRegisters: 3 }',
      [at(0), at(1), at(2), at(3)],
      '',
      'points[p3].frame',
      'takes 4 registers from 0',
      'allows 3',
      'two frames',
    ],
    [
      'with too many unlisted registers',
      '{ maxHole: 2 }',
      [at(0), at(4)],
      '',
      'points[p1].frame',
      '3 unlisted ones from 1',
      'allows 2',
      'maxHole',
    ],
    [
      'across a hole',
      '{ maxHole: 9 }',
      [at(0), at(4)],
      'holes: [{ functionCode: 3, from: 2, to: 2 }]\n',
      'points[p1].frame',
      'across the hole 2 to 2',
      '',
      'correct the hole',
    ],
    [
      'of two function codes',
      '{}',
      [at(0), at(1).replace('3', '4')],
      '',
      'points[p1].functionCode',
      '4 is not that of p0',
      'nozzle',
      'same function code',
    ],
    [
      'of two cadences',
      '{}',
      [at(0), at(1, ', cadence: slow')],
      '',
      'points[p1].cadence',
      'slow is not that of p0',
      'nozzle',
      'equally often',
    ],
  ])('%s is a fault with its place and a remedy', (_, limits, points, more, field, fault, detail, remedy) => {
    const [found, ...others] = faultsOf(limits, points, more);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ file: join(directory, 'acme/nozzles.yaml'), line: 9 + points.length, field });
    expect(found?.fault).toContain(fault);
    expect(found?.fault).toContain(detail);
    expect(found?.remedy).toContain(remedy);
  });

  it('holds its auxiliary values as well: one that is read only once cannot be in it', () => {
    const auxiliaries = (more: string): string =>
      `auxiliaries:\n  - { id: decimals, functionCode: 3, register: 1, type: u16, frame: nozzle${more} }\n`;
    const points = [at(0, ', scaleFrom: { auxiliary: decimals, as: decimals }')];
    expect(faultsOf('{}', points, auxiliaries(''))).toEqual([]);
    expect(faultsOf('{}', points, auxiliaries(', once: true'))).toMatchObject([
      { line: 12, field: 'auxiliaries[decimals].once', fault: expect.stringContaining('once is not that of p0') },
    ]);
  });
});
