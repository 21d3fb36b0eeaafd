import { describe, expect, test } from 'vitest';
import { checkChanged, checkText, type LooseSite, sampleSite, told } from './trial/sample-site.ts';

const faultsAfter = (change: (site: LooseSite) => void): string[] => told(checkChanged(change).faults);
const warningsAfter = (change: (site: LooseSite) => void): string[] => told(checkChanged(change).warnings);

/** An instrument of the sample site with other fields. */
function instrument(site: LooseSite, index: number, fields: Record<string, unknown>): void {
  site.instruments[index] = { ...site.instruments[index], ...fields };
}

test('a site without a fault is taken, with what it leaves out filled in', () => {
  const { site, faults, warnings } = checkText(JSON.stringify(sampleSite()));
  expect(told(faults)).toEqual([]);
  expect(told(warnings)).toEqual([]);
  expect(site?.gateway.timezone).toBe('Asia/Shanghai');
  expect(site?.clock).toMatchObject({ trust: 'system', within: 60_000 });
  expect(site?.records).toEqual({ commitEvery: 1000 });
  expect(site?.samples).toEqual({ keep: true, commitEvery: 10_000 });
  expect(site?.averaging).toEqual({ minimumValid: 12, share: 0.75 });
  expect(site?.page).toEqual({ listen: { host: '0.0.0.0', port: 8080 } });
  expect(site?.instruments[0]).toMatchObject({ every: 4000, simulated: false });
});

describe('fields', () => {
  test('an unknown field is a fault that names the field nearest to it', () => {
    expect(faultsAfter((site) => instrument(site, 0, { adress: 1 }))).toEqual([
      'instruments[0].adress: unknown field; write address',
    ]);
    expect(faultsAfter((site) => Object.assign(site.links['rs485-1'] ?? {}, { parrity: 'none' }))).toEqual([
      'links.rs485-1.parrity: unknown field; write parity',
    ]);
  });

  test('an unknown field that is like no other lists the fields there are', () => {
    const [fault] = faultsAfter((site) => Object.assign(site, { clock: { quartz: true } }));
    expect(fault).toBe(
      'clock.quartz: unknown field; remove it; the fields here are: trust, also, within, batteryDrift',
    );
  });

  test('a missing field says what to write there', () => {
    expect(faultsAfter((site) => instrument(site, 0, { every: undefined }))).toEqual([
      'instruments[0].every: is missing; a number with its unit, such as "4s" or "500ms"',
    ]);
  });

  test('a number where text belongs says so, in both languages', () => {
    const { faults } = checkChanged((site) => Object.assign(site, { gateway: { id: 'a', area: 320404 } }));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({
      file: 'site.json',
      line: 4,
      field: 'gateway.area',
      fault: { en: '320404 is a number, not text', zh: '320404 是数字（不加引号），应为文本（加引号）' },
    });
    expect(faults[0]?.remedy.zh).toContain('"320404"');
  });

  test.each([
    [
      'sendWithin',
      ['22:00-06:00', '25:00-06:00'],
      'uplinks[0].sendWithin[1]',
      'such as "22:00-06:00"',
      '如 "22:00-06:00"',
    ],
    ['sendWithin', ['06:00-06:00'], 'uplinks[0].sendWithin[0]', 'such as "22:00-06:00"', '如 "22:00-06:00"'],
    ['sendWithin', [], 'uplinks[0].sendWithin', 'delete it where the site may always send', '随时可发送则删去'],
    ['megabytesPerMonth', 0, 'uplinks[0].megabytesPerMonth', 'such as 30', '如 30'],
    ['megabytesPerMonth', '30MB', 'uplinks[0].megabytesPerMonth', 'such as 30', '如 30'],
    ['backlogShare', 0, 'uplinks[0].backlogShare', 'from 0.05 to 1', '0.05 到 1'],
    ['spreadBacklog', '2h', 'uplinks[0].spreadBacklog', 'such as "5min"', '如 "5min"'],
  ])('the pacing of an uplink: %s %j is a fault with its place and its remedy', (field, value, place, en, zh) => {
    const { faults } = checkChanged((site) => {
      site.uplinks = [{ id: 'district', kind: 'mqtt', url: 'mqtt://platform.example', [field]: value }];
    });
    expect(faults).toHaveLength(1);
    expect(faults[0]?.field).toBe(place);
    expect(faults[0]?.remedy.en).toContain(en);
    expect(faults[0]?.remedy.zh).toContain(zh);
  });

  test('how the clock is trusted: what may stand there, and what to write instead of what may not', () => {
    const clock = { trust: 'ntp', also: ['battery-clock'], within: '30s', batteryDrift: 20 };
    expect(faultsAfter((site) => Object.assign(site, { clock }))).toEqual([]);
    expect(faultsAfter((site) => Object.assign(site, { clock: { trust: 'gps' } }))).toEqual([
      'clock.trust: "gps" is not allowed; write "ntp": known once chrony or systemd-timesyncd has set the clock; or "system": the time of the operating system is always right',
    ]);
    expect(faultsAfter((site) => Object.assign(site, { clock: { also: ['gps'], within: '1h' } }))).toEqual([
      'clock.also[0]: "gps" is not allowed; write "battery-clock", "technician" or "platform"',
      'clock.within: "1h" is not allowed; largest error of a known time, from "1s" to "10min", such as "60s"',
    ]);
  });

  test('duties are kept and said not to be watched', () => {
    expect(
      warningsAfter((site) => Object.assign(site, { duties: [{ kind: 'treatment-runs-with-production' }] })),
    ).toEqual(['duties: are kept in the document but not watched by this version; nothing to do']);
  });
});

describe('names', () => {
  test('an unknown profile is a fault that names the nearest one', () => {
    expect(faultsAfter((site) => instrument(site, 0, { profile: 'jxct/jxbs-3001-pn' }))).toEqual([
      'instruments[0].profile: there is no profile jxct/jxbs-3001-pn; write jxct/jxbs-3001-pm',
    ]);
  });

  test('a profile that only serves others as a base is no instrument', () => {
    expect(faultsAfter((site) => instrument(site, 1, { profile: 'eastron/meter' }))[0]).toMatch(
      /^instruments\[1\]\.profile: there is no profile eastron\/meter;/,
    );
  });

  test('an unknown variant is a fault that names the variants there are', () => {
    expect(
      faultsAfter((site) => instrument(site, 0, { profile: 'renke/rs-fsxcs-n01@wind', fitted: ['noise'] })),
    ).toEqual([expect.stringMatching(/there is no variant renke\/rs-fsxcs-n01@wind; write one of: .*wind-tenths/)]);
  });

  test('an unknown link is a fault that names the nearest one', () => {
    expect(faultsAfter((site) => instrument(site, 0, { link: 'rs458-1' }))).toEqual([
      'instruments[0].link: there is no link rs458-1; write rs485-1',
    ]);
  });

  test('an unknown point is a fault that names the nearest one', () => {
    expect(faultsAfter((site) => instrument(site, 0, { point: 'north-gat' }))).toEqual([
      'instruments[0].point: there is no point north-gat; write north-gate',
    ]);
  });

  test('an unknown point is told beside an unknown profile of the same instrument', () => {
    const faults = checkChanged((site) => instrument(site, 0, { point: 'west', profile: 'acme/dust-9' })).faults;
    expect(faults.map(({ field }) => field).sort()).toEqual(['instruments[0].point', 'instruments[0].profile']);
  });

  test('channels that the profile does not have are a fault', () => {
    const faults = faultsAfter((site) => instrument(site, 1, { channels: { '1': 'fan' } }));
    expect(faults).toEqual([
      'instruments[1].channels.1: eastron/sdm630 has no channel 1; delete it and write "point" instead',
    ]);
  });

  test('a sensor that the profile does not have cannot be fitted', () => {
    const faults = faultsAfter((site) => {
      instrument(site, 0, { profile: 'renke/rs-fsxcs-n01', fitted: ['nois'] });
    });
    expect(faults).toEqual(['instruments[0].fitted[0]: renke/rs-fsxcs-n01 has no sensor nois; write noise']);
  });

  test.each(['points', 'instruments', 'uplinks'])('two %s of the same id are a fault at the second', (section) => {
    const faults = faultsAfter((site) => {
      const list = site[section] as Record<string, unknown>[];
      const copy = { ...list[0], ...(section === 'instruments' && { address: 9, point: 'south-gate' }) };
      list.push(copy);
    });
    const id = { points: 'north-gate', instruments: 'dust-1', uplinks: 'district' }[section];
    expect(faults).toContainEqual(
      expect.stringMatching(new RegExp(`^${section}\\[\\d\\]\\.id: ${id} is already the id of`)),
    );
  });

  test('two links of the same name are a fault, though JSON itself would keep one of them in silence', () => {
    const text = JSON.stringify(sampleSite()).replace('"rs485-2"', '"rs485-1"');
    expect(told(checkText(text).faults)[0]).toBe(
      'links.rs485-1: stands twice; only one of them would be used; delete one, or give it another name',
    );
  });
});

describe('lines', () => {
  test('one address with overlapping registers on one link is a fault that stops both instruments', () => {
    const { faults, leftOut } = checkChanged((site) => {
      site.instruments.push({ ...site.instruments[0], id: 'dust-2', point: 'fan' });
    });
    expect(told(faults)).toEqual([
      'instruments[3].address: address 1 on rs485-1 is already instruments[0], and both read register 4 (function code 3); ' +
        'give one of the two another address, on the instrument and here',
    ]);
    expect(leftOut.map(({ index }) => index)).toEqual([0, 3]);
  });

  test('one address read through two profiles without a common register is allowed', () => {
    const faults = faultsAfter((site) => {
      site.instruments.push({
        ...site.instruments[1],
        id: 'dust-2',
        profile: 'jxct/jxbs-3001-pm',
        point: 'south-gate',
      });
      site.instruments.splice(2, 1);
    });
    expect(faults).toEqual([]);
  });
});

describe('instruments', () => {
  test('a Modbus instrument without an address is a fault that tells the address as delivered', () => {
    expect(faultsAfter((site) => instrument(site, 1, { address: undefined }))).toEqual([
      'instruments[1].address: is missing; write the address set on the instrument, 1 to 247; as delivered it is 1',
    ]);
  });

  test('an address that the instrument cannot have is a fault', () => {
    const faults = faultsAfter((site) => instrument(site, 0, { address: 253 }));
    expect(faults[0]).toMatch(/^instruments\[0\]\.address: jxct\/jxbs-3001-pm cannot have the address 253;/);
  });

  test('a particle sensor on a Modbus TCP link is a fault', () => {
    const faults = faultsAfter((site) => instrument(site, 2, { link: 'cabinet' }));
    expect(faults[0]).toMatch(
      /^instruments\[2\]\.link: plantower\/pms5003 does not speak Modbus, and cabinet is framed as/,
    );
  });

  test('an instrument that talks unasked has no address', () => {
    const faults = faultsAfter((site) => instrument(site, 2, { address: 1 }));
    expect(faults).toEqual([
      'instruments[2].address: plantower/pms5003 speaks a protocol of its own and has no slave address; delete this field',
    ]);
  });

  test('two instruments that talk unasked on one line are a fault', () => {
    const faults = faultsAfter((site) => site.instruments.push({ ...site.instruments[2], id: 'pms-2', point: 'fan' }));
    expect(faults).toEqual([
      'instruments[3].link: plantower/pms5003 needs a line for itself, and instruments[2] is on rs485-2; give it a link of its own',
    ]);
  });

  test('an instrument that talks unasked on a line where others are polled is a fault', () => {
    const faults = faultsAfter((site) => instrument(site, 2, { link: 'rs485-1' }));
    expect(faults).toEqual([
      'instruments[2].link: plantower/pms5003 needs a line for itself, and on rs485-1 other instruments are polled; give it a link of its own',
    ]);
  });

  test('two instruments that serve the same series are a fault at the second', () => {
    const { faults, leftOut } = checkChanged((site) => {
      site.instruments.push({ ...site.instruments[0], id: 'dust-2', address: 2 });
    });
    expect(told(faults)).toEqual([
      expect.stringMatching(
        /^instruments\[3\]\.point: north-gate \/ \S+ is already measured by instruments\[0\]; give this instrument a point of its own$/,
      ),
    ]);
    expect(leftOut.map(({ index }) => index)).toEqual([3]);
  });

  test('a cadence that gives fewer than twelve samples a minute is a warning', () => {
    expect(warningsAfter((site) => instrument(site, 0, { every: '10s' }))[0]).toMatch(
      /^instruments\[0\]\.every: gives 6 samples a minute; a minute counts from 12 on \(HJ 212-2017: 12\);/,
    );
  });
});

test('every fault is told at once, in the order of the file', () => {
  const { faults } = checkChanged((site) => {
    Object.assign(site, { gateway: { id: 'zl-0001', area: 'Zhonglou' } });
    Object.assign(site.links['rs485-1'] ?? {}, { parity: 'some' });
    instrument(site, 0, { every: 4, point: 'nowhere' });
    instrument(site, 1, { link: 'nowhere', adress: 3, address: undefined });
    instrument(site, 2, { profile: 'plantower/pms5004' });
  });
  expect(faults.map(({ field }) => field)).toEqual([
    'gateway.area',
    'links.rs485-1.parity',
    'instruments[0].every',
    'instruments[0].point',
    'instruments[1].address',
    'instruments[1].link',
    'instruments[1].adress',
    'instruments[2].profile',
  ]);
  const lines = faults.map(({ line }) => line ?? 0);
  expect(lines).toEqual([...lines].sort((a, b) => a - b));
});
