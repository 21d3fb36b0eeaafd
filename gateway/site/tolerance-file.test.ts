import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../device-profiles/catalogue.ts';
import type { Span } from '../../device-profiles/plan/span.ts';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { type FileSteps, systemFileSteps } from './durable-file.ts';
import { siteDirectory } from './site-directory.ts';
import type { Site } from './site-schema.ts';
import { type ToleranceFault, ToleranceFile } from './tolerance-file.ts';
import { checkText, type LooseSite, sampleSite } from './trial/sample-site.ts';

let directory = siteDirectory('.');
beforeEach(() => {
  directory = siteDirectory(mkdtempSync(join(tmpdir(), 'fenceline-tolerances-')));
});
afterEach(() => rmSync(directory.root, { recursive: true, force: true }));

const refused: readonly Span[] = [{ functionCode: 4, start: 0, count: 51 }];
const clock = new SimulatedClock();
let faults: ToleranceFault[] = [];
beforeEach(() => {
  faults = [];
});

interface Opening {
  readonly change?: (site: LooseSite) => void;
  readonly profiles?: string;
  readonly steps?: FileSteps;
}

/** The memory of the sample site, which has the meters `meter-1` and, of another profile, `dust-1`. */
function open({ change = () => undefined, profiles, steps }: Opening = {}): Promise<ToleranceFile> {
  const site = sampleSite();
  change(site);
  return ToleranceFile.open({
    path: directory.tolerances,
    site: checkText(JSON.stringify(site)).usable as Site,
    catalogue: loadCatalogue({ directories: profiles === undefined ? [] : [profiles] }),
    clock,
    observe: (event) => faults.push(event),
    ...(steps ? { steps } : {}),
  });
}

/** A run in which `meter-1` was found to refuse something. */
async function learn(): Promise<void> {
  const file = await open();
  file.note('meter-1', refused);
  await file.close();
}

const meter = ({ instruments }: LooseSite): Record<string, unknown> => instruments[1] ?? {};

describe('what an instrument refuses', () => {
  test('is known again at the next start', async () => {
    await learn();
    const file = await open();
    expect(file.of('meter-1')).toEqual(refused);
    expect([file.of('dust-1'), file.of('nobody')]).toEqual([[], []]);
    expect(faults).toEqual([]);
  });

  test.each<[string, (site: LooseSite) => void]>([
    ['serial number', (site) => Object.assign(meter(site), { serial: 'B-77' })],
    ['slave address', (site) => Object.assign(meter(site), { address: 9 })],
    ['profile', (site) => Object.assign(meter(site), { profile: 'eastron/sdm120' })],
  ])('is not taken for what one with another %s refuses', async (_, change) => {
    await learn();
    expect((await open({ change })).of('meter-1')).toEqual([]);
  });

  test('starts afresh when a fact of its profile was changed', async () => {
    await learn();
    const profiles = join(directory.root, 'profiles');
    mkdirSync(join(profiles, 'eastron'), { recursive: true });
    const text = 'profile: eastron/sdm630\nextends: eastron/sdm630\nlimits: { maxRegisters: 40 }\n';
    writeFileSync(join(profiles, 'eastron/sdm630.yaml'), text);
    expect((await open({ profiles })).of('meter-1')).toEqual([]);
  });

  test('is forgotten with its instrument, and when it refuses nothing any more', async () => {
    await learn();
    const file = await open();
    file.note('dust-1', [{ functionCode: 3, start: 4, count: 1 }]);
    file.note('meter-1', []);
    file.note('nobody', refused);
    await file.close();
    expect(Object.keys(JSON.parse(readFileSync(directory.tolerances, 'utf8')).instruments)).toEqual(['dust-1']);
  });
});

describe('the file', () => {
  test('is written once for many changes, some seconds after the first', async () => {
    let writes = 0;
    const writeAndFlush: FileSteps['writeAndFlush'] = (...args) => {
      writes += 1;
      return systemFileSteps.writeAndFlush(...args);
    };
    const file = await open({ steps: { ...systemFileSteps, writeAndFlush } });
    for (let count = 60; count > 50; count -= 1) {
      file.note('meter-1', [{ functionCode: 4, start: 0, count }]);
      await clock.advance(400);
    }
    expect(writes).toBe(0);
    await clock.advance(1000);
    await file.close();
    expect(writes).toBe(1);
    expect((await open()).of('meter-1')).toEqual(refused);
  });

  test.each([
    ['cut short', '{ "version": 1, "instru'],
    ['of another shape', '{ "version": 1, "instruments": { "meter-1": { "refused": [[4, 0, 51]] } } }'],
    [
      'with a span that cannot be',
      JSON.stringify({
        version: 1,
        instruments: {
          a: { profile: '', address: 1, serial: null, refused: [{ functionCode: 4, start: -1, count: 1 }] },
        },
      }),
    ],
  ])('%s is set aside, told, and keeps nobody from running', async (_, text) => {
    writeFileSync(directory.tolerances, text);
    const file = await open();
    expect(file.of('meter-1')).toEqual([]);
    const aside = directory.tolerances.replace('.json', '.damaged.json');
    expect(faults).toMatchObject([{ kind: 'tolerance-fault', fault: 'set-aside', file: directory.tolerances }]);
    expect(faults[0]?.message).toContain(aside);
    expect(readFileSync(aside, 'utf8')).toBe(text);
    expect(existsSync(directory.tolerances)).toBe(false);
  });

  test('that cannot be read is told', async () => {
    mkdirSync(directory.tolerances);
    expect((await open()).of('meter-1')).toEqual([]);
    expect(faults).toMatchObject([{ fault: 'not-read' }]);
  });

  test('that cannot be written is told, and written with the next change when that is possible again', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    let isFull = true;
    const writeAndFlush: FileSteps['writeAndFlush'] = (...args) =>
      isFull ? Promise.reject(full) : systemFileSteps.writeAndFlush(...args);
    const file = await open({ steps: { ...systemFileSteps, writeAndFlush } });
    file.note('meter-1', refused);
    await file.close();
    expect(faults).toMatchObject([{ fault: 'not-written', message: 'ENOSPC: no space left on device' }]);
    isFull = false;
    file.note('dust-1', [{ functionCode: 3, start: 4, count: 1 }]);
    await file.close();
    expect((await open()).of('meter-1')).toEqual(refused);
  });
});
