import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCatalogue } from './catalogue.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'catalogue-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(path: string, text: string): void {
  const file = join(directory, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const own = () => loadCatalogue({ directories: [directory] });

const profile = (id: string, register = 0) => `profile: ${id}
name: { zh: 扬尘仪, en: dust meter }
sources: [manual]
confidence: C
protocol: modbus
serial: { default: 9600-8N1 }
address: { default: 1 }
points:
  - { id: pm10, factor: pm10, functionCode: 3, register: ${register}, type: u16 }
`;

describe('the catalogue', () => {
  it('finds a built-in profile with its inherited points and line settings', () => {
    const entry = own().find('eastron/sdm120');
    expect(entry).toMatchObject({ id: 'eastron/sdm120', local: false });
    expect(entry?.profile.points.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['voltage', 'current', 'active-power', 'energy-import']),
    );
    expect(entry?.profile.serial?.default).toEqual({ baudRate: 2400, dataBits: 8, parity: 'none', stopBits: 1 });
  });

  it('gives twenty and more different factors of one three-phase meter', () => {
    const points = own().find('eastron/sdm630')?.profile.points ?? [];
    expect(new Set(points.map(({ factor }) => factor)).size).toBe(49);
  });

  it('prefers the site profile to the built-in one of the same name, and says that it is local', () => {
    write('eastron/sdm630.yaml', profile('eastron/sdm630', 7));
    const entry = own().find('eastron/sdm630');
    expect(entry).toMatchObject({ local: true, file: join(directory, 'eastron/sdm630.yaml') });
    expect(entry?.profile.points).toHaveLength(1);
  });

  it('lets a site profile change one fact of the built-in one of the same name', () => {
    write(
      'eastron/sdm630.yaml',
      'profile: eastron/sdm630\nextends: eastron/sdm630\nlimits: { gapMs: 200 }\nwithout: [voltage-c]\npoints:\n  - { id: voltage-a, scale: 10 }\n',
    );
    const built = loadCatalogue({ directories: [] }).find('eastron/sdm630')?.profile;
    const entry = own().find('eastron/sdm630');
    expect(entry?.local).toBe(true);
    expect(entry?.profile.protocol === 'modbus' && entry.profile.limits).toMatchObject({
      gapMs: 200,
      maxRegisters: 50,
    });
    expect(entry?.profile.points).toHaveLength((built?.points.length ?? 0) - 1);
    expect(entry?.profile.points.find(({ id }) => id === 'voltage-a')).toMatchObject({ scale: 10, type: 'float32' });
    expect(entry?.profile.sources).toEqual(built?.sources);
  });

  it('picks a variant by its name after the @', () => {
    const windSpeed = (id: string) =>
      own()
        .find(id)
        ?.profile.points.find((point) => point.id === 'wind-speed')?.scale;
    expect(windSpeed('renke/rs-fsxcs-n01@wind-tenths')).toBe(0.1);
    expect(windSpeed('renke/rs-fsxcs-n01@wind-hundredths')).toBe(0.01);
  });

  it('reads no wind speed where sources conflict until a variant is chosen', () => {
    const points = own()
      .find('renke/rs-fsxcs-n01')
      ?.profile.points.map(({ id }) => id);
    expect(points).toContain('wind-direction');
    expect(points).not.toContain('wind-speed');
  });

  it('leaves out what a variant does not have', () => {
    const points = own()
      .find('renke/rs-fsxcs-n01@co2-wind-tenths')
      ?.profile.points.map(({ id }) => id);
    expect(points).toContain('carbon-dioxide');
    expect(points).not.toContain('pm2.5');
  });

  it('changes the hash with the file, with what it extends, and with the variant', () => {
    const hash = (id: string) => own().find(id)?.hash;
    write('acme/base.yaml', profile('acme/base'));
    write('acme/dust.yaml', 'profile: acme/dust\nextends: acme/base\n');
    const first = hash('acme/dust');
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(hash('acme/dust')).toBe(first);
    write('acme/base.yaml', profile('acme/base', 3));
    const second = hash('acme/dust');
    write('acme/dust.yaml', 'profile: acme/dust\nextends: acme/base\n# another byte\n');
    const third = hash('acme/dust');
    expect(new Set([first, second, third, hash('acme/base')]).size).toBe(4);
    expect(hash('renke/rs-fsxcs-n01@wind-tenths')).not.toBe(hash('renke/rs-fsxcs-n01@wind-hundredths'));
  });

  it('reads a profile when it is asked for, and not before', () => {
    const catalogue = own();
    write('acme/dust.yaml', profile('acme/dust'));
    write('acme/broken.yaml', '{');
    expect(catalogue.find('acme/dust')?.profile.profile).toBe('acme/dust');
    rmSync(join(directory, 'acme/dust.yaml'));
    expect(catalogue.find('acme/dust')?.profile.profile).toBe('acme/dust');
  });

  it('gives nothing for a name it does not know, and says which come nearest', () => {
    const catalogue = own();
    for (const id of ['eastron/sdm631', '../../etc/passwd', 'eastron', '', 'eastron/sdm630.captures']) {
      expect(catalogue.find(id)).toBeUndefined();
      expect(catalogue.faults(id)).toMatchObject([{ fault: `there is no profile ${id}` }]);
    }
    expect(catalogue.faults('eastron/sdm631')[0]?.remedy).toContain('eastron/sdm630');
    expect(catalogue.faults('renke/rs-fsxcs-n01@wind')[0]).toMatchObject({
      fault: 'there is no variant renke/rs-fsxcs-n01@wind',
      remedy: 'write one of: wind-tenths, wind-hundredths, co2-wind-tenths',
    });
    expect(catalogue.faults('eastron/sdm630')).toEqual([]);
  });

  it('refuses a local profile whose capture does not hold', () => {
    write('acme/dust.yaml', profile('acme/dust'));
    write(
      'acme/dust.captures.yaml',
      'profile: acme/dust\ncaptures:\n  - { id: a, kind: recorded, source: site, request: 01 03 00 00 00 01 84 0A, reply: 01 03 02 00 23 F8 00, expect: { pm10: 35 } }\n',
    );
    expect(own().find('acme/dust')).toBeUndefined();
    expect(own().faults('acme/dust')).toMatchObject([
      { line: 3, field: 'captures[0].reply', fault: 'the CRC is wrong' },
    ]);
  });

  it('refuses a file that calls itself something else than where it stands', () => {
    write('acme/dust.yaml', profile('acme/smoke'));
    expect(own().find('acme/dust')).toBeUndefined();
    expect(own().faults('acme/dust')).toMatchObject([{ line: 1, field: 'profile' }]);
  });

  it('refuses profiles that extend each other', () => {
    write('acme/a.yaml', 'profile: acme/a\nextends: acme/b\n');
    write('acme/b.yaml', 'profile: acme/b\nextends: acme/a\n');
    expect(own().faults('acme/a')).toMatchObject([
      { line: 2, field: 'extends', fault: 'acme/a extends this profile in turn' },
    ]);
  });

  it('lists every instrument once, faulty ones with their faults, and no abstract ones', () => {
    write('acme/dust.yaml', profile('acme/dust'));
    write('acme/broken.yaml', 'profile: acme/broken\n');
    write('eastron/sdm630.yaml', profile('eastron/sdm630'));
    const list = own().list();
    const ids = (local: boolean): string[] => list.flatMap((one) => (one.local === local ? [one.id] : []));
    expect(ids(true)).toEqual(['acme/broken', 'acme/dust', 'eastron/sdm630']);
    const builtIn = loadCatalogue({ directories: [] }).list();
    expect(ids(false)).toEqual(builtIn.map(({ id }) => id).filter((id) => id !== 'eastron/sdm630'));
    expect(ids(false)).not.toContain('eastron/meter');
    expect(list[0]?.name).toBeNull();
    expect(list[0]?.faults.length).toBeGreaterThan(0);
    expect(list[1]?.captures).toEqual({ recorded: 0, published: 0, constructed: 0 });
    expect(list.find(({ id }) => id === 'plantower/pms5003')?.captures).toEqual({
      recorded: 0,
      published: 2,
      constructed: 1,
    });
  });
});
