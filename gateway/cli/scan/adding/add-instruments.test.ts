import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../../../device-profiles/catalogue.ts';
import type { FoundInstrument } from '../../../scan/report.ts';
import { checkSite } from '../../../site/check-site.ts';
import { siteDirectory } from '../../../site/site-directory.ts';
import type { Searched } from '../search.ts';
import { linkOfSite } from '../target.ts';
import { addInstruments } from './add-instruments.ts';
import { addableOf } from './proposal.ts';

const catalogue = loadCatalogue({ directories: [] });

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fenceline-add-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const document = (points: readonly string[]) => ({
  gateway: { id: 'zl-0001', area: '320404' },
  source: { name: '一号工地', kind: 'construction-site' },
  links: { 'rs485-1': { kind: 'tcp', host: '127.0.0.1', port: 8899, framing: 'modbus-rtu', serial: '9600-8N1' } },
  points: points.map((id) => ({ id })),
  instruments: [{ id: 'air-1', profile: 'jxct/co2', link: 'rs485-1', address: 1, every: '4s', point: points[0] }],
});

/** Instruments as a search tells them: by the profiles that fit, and those that may. */
function found(address: number, best: readonly string[], others: readonly string[] = []): FoundInstrument {
  const fit = (id: string) => ({
    ...{ id, name: { zh: id, en: id }, variant: null, values: [], relations: [], refused: [], fitted: [] },
    ...{ score: 20, verdict: 'fits' as const },
  });
  return {
    ...{ address, crcSwapped: false, asked: 40, damaged: 0, ruledOut: 0, notTried: 0, orders: [], contradicted: [] },
    best: best.map(fit),
    others: others.map(fit),
  };
}

function searched(instruments: readonly FoundInstrument[], meters: readonly string[] = []): Searched {
  const report = {
    ...{ instruments, garbled: [], asked: [], notAsked: 0, second: { asked: 0, of: 0 }, echo: false },
    ...{ everyAddress: false, ended: 'whole' as const, took: 1000 },
  };
  const told = meters.map((digits) => ({ digits, edition: 2007 as const, fits: found(0, ['dlt645/meter-2007']).best }));
  return { report, otherMaster: null, skipped: [], meters: { meters: told, isCrowded: false } };
}

interface Choice {
  /** Digits of DL/T 645 meters that answered. */
  readonly meters?: readonly string[];
  readonly points?: readonly string[];
  readonly yes?: boolean;
  readonly point?: string;
  /** The site has no instrument yet. */
  readonly isAlone?: boolean;
  readonly isRunning?: boolean;
  /** What somebody at a terminal answers; nobody is there without it. */
  readonly answers?: readonly string[];
}

async function add(instruments: readonly FoundInstrument[], choice: Choice = {}) {
  const { points = ['fan'], yes = false, isRunning = false, answers } = choice;
  const whole = document(points);
  const text = JSON.stringify(choice.isAlone ? { ...whole, instruments: [] } : whole);
  const file = join(root, 'site.json');
  await writeFile(file, text);
  const site = checkSite(text, { catalogue, file }).site;
  if (!site) throw new Error('the site of the test is at fault');
  const [printed, complained]: [string[], string[]] = [[], []];
  const input = new PassThrough();
  input.end((answers ?? []).map((answer) => `${answer}\n`).join(''));
  const terminal = {
    language: 'en' as const,
    input: Object.assign(input, { isTTY: answers !== undefined }) as unknown as NodeJS.ReadStream,
    print: (line: string) => void printed.push(line),
    complain: (line: string) => void complained.push(line),
  };
  const target = linkOfSite(site, undefined);
  const adding = {
    directory: siteDirectory(root),
    catalogue,
    site,
    target,
    found: addableOf(searched(instruments, choice.meters), target, site.instruments),
    isRunning,
    yes,
  };
  const signal = new AbortController().signal;
  const code = await addInstruments({ ...adding, point: choice.point, signal }, terminal);
  const after = await readFile(file, 'utf8');
  const written = after === text ? null : JSON.parse(after).instruments.slice(choice.isAlone ? 0 : 1);
  return { code, written, printed: printed.join('\n'), complained: complained.join('\n') };
}

describe('with --yes, and nobody to ask', () => {
  test('what is clear is added, with the next free id, and the version before is kept', async () => {
    const { code, written, printed } = await add([found(7, ['eastron/sdm120']), found(8, ['jxct/wind-speed'])], {
      yes: true,
    });
    const common = { link: 'rs485-1', every: '4s', point: 'fan' };
    expect(written).toEqual([
      { id: 'sdm120-1', profile: 'eastron/sdm120', address: 7, ...common },
      { id: 'wind-speed-1', profile: 'jxct/wind-speed', address: 8, ...common },
    ]);
    expect(printed).toContain('they are read when the gateway is started');
    expect(await readdir(join(root, 'site-history'))).toEqual(['site-000001.json']);
    expect(code).toBe(0);
  });

  test('what cannot be told apart, or not for certain, is left out with the reason', async () => {
    const alike = found(7, ['eastron/sdm220', 'eastron/sdm230']);
    const { code, written, complained } = await add([alike, found(8, [], ['jxct/co2']), found(9, [])], { yes: true });
    expect(written).toBeNull();
    expect(complained).toContain('address 7 is not added: it may be any of eastron/sdm220, eastron/sdm230');
    expect(complained).toContain('address 8 is not added: what it is was not told for certain');
    expect(complained).toContain('address 9 is not added: no profile fits it');
    expect(code).toBe(1);
  });

  test('where there are several monitoring points, which one has to be said', async () => {
    const points = ['fan', 'gate'];
    const without = await add([found(7, ['eastron/sdm120'])], { yes: true, points });
    expect([without.written, without.complained]).toEqual([null, expect.stringContaining('--point fan or gate')]);
    const { written } = await add([found(7, ['eastron/sdm120'])], { yes: true, points, point: 'gate' });
    expect(written).toMatchObject([{ point: 'gate' }]);
  });

  test('what the site has already is not added again', async () => {
    const { code, written } = await add([found(1, ['jxct/co2'])], { yes: true });
    expect([code, written]).toEqual([0, null]);
  });

  test('what the check of the site file refuses is not written, and the fault is told', async () => {
    const { code, written, complained } = await add([found(250, ['eastron/sdm120'])], { yes: true });
    expect(complained).toMatch(/site\.json.*instruments\[1\]\.address: /);
    expect([code, written]).toEqual([2, null]);
  });

  test('a meter is added by its digits', async () => {
    const { written } = await add([], { yes: true, meters: ['000000000161'], isAlone: true });
    const place = { link: 'rs485-1', meterAddress: '000000000161', every: '15s', point: 'fan' };
    expect(written).toEqual([{ id: 'meter-2007-1', profile: 'dlt645/meter-2007', ...place }]);
  });

  test('a gateway that runs has to be restarted, and that is said', async () => {
    const { printed } = await add([found(7, ['eastron/sdm120'])], { yes: true, isRunning: true });
    expect(printed).toContain('restart the gateway to have them read');
  });
});

test('without --yes and without a terminal nothing is written', async () => {
  const { code, written, complained } = await add([found(7, ['eastron/sdm120'])]);
  expect([code, written]).toEqual([2, null]);
  expect(complained).toContain('this is no terminal to confirm at');
});

describe('at a terminal', () => {
  test('the profile is chosen, the point named, and nothing is written before a yes', async () => {
    const alike = found(7, ['eastron/sdm220', 'eastron/sdm230']);
    const { written, complained } = await add([alike], { points: ['fan', 'gate'], answers: ['2', 'gate', 'y'] });
    expect(complained).toContain('Add address 7 as which of: 1 eastron/sdm220, 2 eastron/sdm230?');
    expect(written).toMatchObject([{ id: 'sdm230-1', profile: 'eastron/sdm230', point: 'gate' }]);
    const refused = await add([alike], { points: ['fan', 'gate'], answers: ['2', 'gate', 'n'] });
    expect([refused.code, refused.written]).toEqual([1, null]);
  });

  test('Enter leaves an instrument out', async () => {
    const { written } = await add([found(7, ['eastron/sdm120']), found(8, ['eastron/sdm120'])], {
      answers: ['', 'y', 'y'],
    });
    expect(written).toMatchObject([{ address: 8 }]);
  });

  test('what only the site knows is asked, and has to be within what the profile says', async () => {
    const meter = [found(7, ['chint/dtsu666@energy-at-101e'])];
    const { written, complained } = await add(meter, { answers: ['y', '40', '1', 'y'] });
    expect(complained).toContain('(1 to 10000)');
    expect(written).toMatchObject([{ id: 'dtsu666-1', parameters: { ct: 40, pt: 1 } }]);
    const wrong = await add(meter, { answers: ['y', '0', '1', 'y'] });
    expect([wrong.written, wrong.complained]).toEqual([null, expect.stringContaining('its ct has to be stated')]);
  });

  test('when the input ends, nothing is written', async () => {
    const { code, written } = await add([found(7, ['eastron/sdm120'])], { answers: ['y'] });
    expect([code, written]).toEqual([1, null]);
  });
});
