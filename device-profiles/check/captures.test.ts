import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '../catalogue.ts';
import { replayCaptures } from './captures.ts';
import { capturesFileOf } from './profile-check.ts';
import { type ProfileFile, readProfileFile } from './profile-file.ts';
import { readYaml } from './yaml-document.ts';

const catalogue = loadCatalogue({ directories: [], index: {} });
const listings = catalogue.list().filter(({ file }) => existsSync(capturesFileOf(file)));

function capturesOf(profileFile: string): ProfileFile {
  const file = readProfileFile(capturesFileOf(profileFile));
  if ('faults' in file) throw new Error(`${capturesFileOf(profileFile)} cannot be read`);
  return file;
}

const pick = (id: string) => (variant?: string) =>
  catalogue.find(variant === undefined ? id : `${id}@${variant}`)?.profile;

const replayOf = (id: string, file: string) => replayCaptures(id, pick(id), capturesOf(file));

/** A value of a board that no message says: it is made of seconds of samples, or by the sensor's own calibration. */
const isOfSamples = (point: object): boolean => ('clamp' in point || 'climate' in point) && !('loop' in point);

describe('the captures of the built-in profiles', () => {
  it.each(listings.map(({ id, file }) => [id, file]))('%s decodes every capture to what it says', (id, file) => {
    expect(existsSync(capturesFileOf(file))).toBe(true);
    const { faults, proven, values } = replayOf(id, file);
    expect(faults).toEqual([]);
    expect(proven.length).toBeGreaterThan(0);
    expect(values).toBeGreaterThan(0);
  });

  it('are missing only where no frame of the instrument is public', () => {
    const all = catalogue.list();
    expect(all.length).toBe(142);
    expect(all.filter(({ file }) => !existsSync(capturesFileOf(file))).length).toBe(105);
  });

  it('are as many as were written, and every point of every profile that has any is in one of them', () => {
    const replays = listings.map(({ id, file }) => replayOf(id, file));
    const captures = replays.flatMap(({ proven }) => proven);
    expect(listings.length).toBe(37);
    expect(captures.length).toBe(114);
    expect(captures.filter(({ kind }) => kind === 'published').length).toBe(53);
    expect(replays.reduce((sum, { values }) => sum + values, 0)).toBe(392);
    for (const [index, { id }] of listings.entries()) {
      const proven = replays[index]?.proven ?? [];
      const named = new Set(proven.flatMap(({ expect: expected }) => Object.keys(expected)));
      // Where variants contradict each other, there are points in the variants only.
      const profile = (catalogue.find(id) ?? catalogue.find(`${id}@${proven[0]?.variant}`))?.profile;
      const unproven = profile?.points.filter((point) => !named.has(point.id) && !isOfSamples(point));
      expect([id, unproven]).toEqual([id, []]);
    }
  });

  it('say where they come from, and constructed ones say that they are', () => {
    const captures = listings.flatMap(({ id, file }) => replayOf(id, file).proven);
    for (const { kind, source } of captures) {
      expect(source.includes('not seen on an instrument')).toBe(kind === 'constructed');
    }
  });
});

describe('a capture that was tampered with', () => {
  const meter = 'eastron/sdm630';
  const text = [
    'profile: eastron/sdm630',
    'captures:',
    '  - id: manual',
    '    kind: published',
    '    source: manual',
    '    request: 01 04 00 00 00 02 71 CB',
    '    reply: 01 04 04 43 66 33 34 1B 38',
    '    expect: { voltage-a: 230.20001 }',
  ].join('\n');

  function replay(change: (text: string) => string, id = meter, captures = text) {
    const document = readYaml(change(captures));
    if ('faults' in document) throw new Error('the test captures are not YAML');
    return replayCaptures(id, pick(id), { file: 'captures.yaml', bytes: Buffer.alloc(0), document });
  }

  const only = (change: (text: string) => string, id = meter, captures = text) => {
    const { faults, proven } = replay(change, id, captures);
    expect(proven).toEqual([]);
    expect(faults).toHaveLength(1);
    return faults[0];
  };

  it('is proven as long as it is left alone', () => {
    expect(replay((same) => same)).toMatchObject({ faults: [], values: 1 });
  });

  it.each([
    ['a wrong CRC in the reply', '1B 38', '1B 39', 7, 'captures[0].reply', 'the CRC is wrong', '1B 38'],
    ['a wrong CRC in the request', '71 CB', '71 CC', 6, 'captures[0].request', 'the CRC is wrong', '71 CB'],
    ['another value than it says', '230.20001', '230.2', 8, 'captures[0].expect.voltage-a', '230.20001', 'order'],
    [
      'a point that is not in it',
      'voltage-a: 230.20001',
      'voltage-b: 1',
      8,
      'captures[0].expect.voltage-b',
      'no such point',
      'voltage-a',
    ],
    [
      'a reason where there is a value',
      '230.20001',
      'sentinel',
      8,
      'captures[0].expect.voltage-a',
      'not to sentinel',
      '',
    ],
    [
      'a variant that does not exist',
      'published\n',
      'published\n    variant: x\n',
      5,
      'captures[0].variant',
      'no sound variant x',
      '',
    ],
    ['nothing that it means', '{ voltage-a: 230.20001 }', '{}', 8, 'captures[0].expect', 'at least one point', ''],
    ['bytes that are no bytes', '01 04 04 43', '01 04 4 43', 7, 'captures[0].reply', 'hexadecimal', ''],
    ['no reply', '    reply: 01 04 04 43 66 33 34 1B 38\n', '', 3, 'captures[0]', 'a request and its reply', ''],
    ['an unknown kind', 'published', 'guessed', 4, 'captures[0].kind', 'guessed', 'constructed'],
    ['an unknown field', 'source: manual', 'source: manual\n    from: me', 6, 'captures[0].from', 'unknown field', ''],
  ])('%s is a fault with its line', (_, from, to, line, field, fault, remedy) => {
    const found = only((given) => given.replace(from, to));
    expect(found).toMatchObject({ file: 'captures.yaml', line, field });
    expect(found?.fault).toContain(fault);
    expect(found?.remedy).toContain(remedy);
  });

  it('with a reply to another request is a fault', () => {
    expect(only((given) => given.replace('00 00 00 02 71 CB', '00 00 00 04 F1 C9'))?.fault).toBe(
      'does not answer the request',
    );
  });

  it('of another profile, or without any capture, is a fault', () => {
    expect(replay((given) => given.replace('eastron/sdm630', 'eastron/sdm120')).faults[0]?.fault).toContain(
      'these captures are of eastron/sdm120',
    );
    expect(only(() => 'profile: eastron/sdm630\ncaptures: []\n')?.fault).toBe('is empty');
  });

  it('whose frame has a wrong sum is a fault', () => {
    const frame = '42 4D 00 1C 00 0E 00 13 00 14 00 0E 00 13 00 14 01 5A 00 EB 00 5B 00 2E 00 0E 00 04 00 02 01 AB';
    const captures = [
      'profile: plantower/pms5003',
      `captures: [{ id: a, kind: published, source: web, frame: ${frame}, expect: { pm2.5: 19 } }]`,
    ].join('\n');
    const found = only((same) => same, 'plantower/pms5003', captures);
    expect(found).toMatchObject({ line: 2, field: 'captures[0].frame', fault: 'the check sum is wrong' });
  });
});
