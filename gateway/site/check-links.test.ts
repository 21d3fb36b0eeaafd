import { describe, expect, test } from 'vitest';
import { checkChanged, type LooseSite, told } from './trial/sample-site.ts';

const faultsAfter = (change: (site: LooseSite) => void): string[] => told(checkChanged(change).faults);
const warningsAfter = (change: (site: LooseSite) => void): string[] => told(checkChanged(change).warnings);

/** An instrument of the sample site with other fields. */
function instrument(site: LooseSite, index: number, fields: Record<string, unknown>): void {
  site.instruments[index] = { ...site.instruments[index], ...fields };
}
describe('one port or address is one link', () => {
  test('one port claimed by two links is a fault', () => {
    const faults = faultsAfter((site) => {
      site.links['rs485-2'] = { kind: 'serial', path: '/dev/ttyUSB0', baudRate: 9600 };
    });
    expect(faults[0]).toMatch(/^links\.rs485-2\.path: \/dev\/ttyUSB0 is already used by the link rs485-1; give the/);
  });

  test('one port claimed through two by-id links that lead to one device is a fault', () => {
    const faults = faultsAfter((site) => {
      Object.assign(site.links['rs485-1'] ?? {}, { path: '/dev/serial/by-id/usb-FTDI_A' });
      Object.assign(site.links['rs485-2'] ?? {}, { path: '/dev/serial/by-id/usb-FTDI_A-again' });
    });
    expect(faults[0]).toMatch(
      /^links\.rs485-2\.path: \/dev\/ttyUSB0 \(\/dev\/serial\/by-id\/usb-FTDI_A-again\) is already used by the link rs485-1;/,
    );
  });

  test('the same address with different line settings is a fault that names both settings', () => {
    const faults = faultsAfter((site) => {
      site.links['rs485-2'] = { kind: 'serial', path: '/dev/ttyUSB0', baudRate: 4800 };
      site.instruments[2] = { ...site.instruments[0], id: 'dust-2', link: 'rs485-2', point: 'south-gate' };
    });
    expect(faults).toContainEqual(
      expect.stringMatching(
        /^instruments\[2\]\.address: address 1 on \/dev\/ttyUSB0 is asked with 4800-8N1 here and with 9600-8N1 by instruments\[0\];/,
      ),
    );
  });

  test('two framings on one endpoint are a fault', () => {
    const faults = faultsAfter((site) => {
      site.links.again = { kind: 'tcp', host: '127.0.0.1', port: 1502, framing: 'modbus-rtu' };
    });
    expect(faults).toEqual([
      'links.again.framing: 127.0.0.1:1502 is asked in modbus-rtu here and in modbus-tcp by the link cabinet; ' +
        'keep one link with the framing that the device is set to',
    ]);
  });

  test.each(['127.0.0.1', 'localhost', 'LOCALHOST.', '127.000.0.1', '[::1]'])(
    'one device on the network is one link, also when the second calls it %s',
    (host) => {
      const faults = faultsAfter((site) => {
        site.links.again = { kind: 'tcp', host, port: 1502, framing: 'modbus-tcp' };
      });
      expect(faults[0]).toMatch(/^links\.again\.port: 127\.0\.0\.1:1502 is already used by the link cabinet; give the/);
    },
  );
});

describe('the settings of a link', () => {
  test.each([
    ['modbus-tcp', { serial: '9600-8N1' }, 'serial'],
    ['modbus-tcp', { listenFirst: '10s' }, 'listenFirst'],
    ['modbus-tcp', { listen: true }, 'listen'],
    ['modbus-rtu', { outstanding: 4 }, 'outstanding'],
  ])('with framing %s %o is a fault', (framing, more, field) => {
    const faults = faultsAfter((site) => {
      site.links.other = { kind: 'tcp', host: '192.168.1.20', port: 502, framing, ...more };
    });
    const other = framing === 'modbus-tcp' ? 'modbus-rtu' : 'modbus-tcp';
    expect(faults).toEqual([
      `links.other.${field}: is only for "framing": "${other}"; remove it, or correct "framing"`,
    ]);
  });

  test('a link with a field of the other framing still has its address for itself', () => {
    const faults = faultsAfter((site) => {
      site.links.again = { kind: 'tcp', host: '127.0.0.1', port: 1502, framing: 'modbus-tcp', listen: true };
    });
    expect(faults).toEqual([
      expect.stringMatching(/^links\.again\.port: 127\.0\.0\.1:1502 is already used by the link cabinet;/),
      expect.stringMatching(/^links\.again\.listen: is only for/),
    ]);
  });

  test('line settings written as those of a serial port are told how they are written for a device server', () => {
    expect(
      faultsAfter((site) => Object.assign(site.links.cabinet ?? {}, { framing: 'modbus-rtu', baudRate: 9600 })),
    ).toEqual([
      'links.cabinet.baudRate: unknown field; remove it; the line behind a device server is written "serial": "9600-8N1"',
    ]);
    expect(faultsAfter((site) => Object.assign(site.links['rs485-1'] ?? {}, { port: 502 }))).toEqual([
      'links.rs485-1.port: unknown field; remove it, or correct "kind"',
    ]);
  });

  test('the line behind a device server is compared with what the maker publishes', () => {
    const warnings = warningsAfter((site) => {
      Object.assign(site.links.cabinet ?? {}, { framing: 'modbus-rtu', serial: '4800-8N1' });
      instrument(site, 1, { every: '10s' });
    });
    expect(warnings).toContainEqual(
      expect.stringMatching(/^instruments\[1\]\.link: cabinet runs at 4800-8N1; eastron\/sdm630 is published with /),
    );
  });

  test.each(['192.168.001.020', '192.168.1.20', '[fe80::1]', 'moxa-1', 'moxa_1.site.local', 'xn--fiq228c.cn.'])(
    '%s is a host',
    (host) => {
      expect(faultsAfter((site) => Object.assign(site.links.cabinet ?? {}, { host }))).toEqual([]);
    },
  );

  test('zeros before a number of an address are not taken for octal', () => {
    const { site } = checkChanged((loose) => Object.assign(loose.links.cabinet ?? {}, { host: '192.168.001.020' }));
    expect(site?.links.cabinet).toMatchObject({ host: '192.168.1.20' });
  });

  test.each([
    '',
    '192.168.1.20:502',
    'http://192.168.1.20',
    '192.168.1.300',
    '192.168.1',
    'moxa 1',
    '-a',
    '1.2.3.4/24',
  ])('%j is no host', (host) => {
    expect(faultsAfter((site) => Object.assign(site.links.cabinet ?? {}, { host }))).toEqual([
      `links.cabinet.host: ${JSON.stringify(host)} is not allowed; the IP address or name, such as "192.168.1.20"`,
    ]);
  });

  test('the line behind a device server is judged at its own speed', () => {
    const change = (serial: object) => (site: LooseSite) => {
      Object.assign(site.links.cabinet ?? {}, { framing: 'modbus-rtu', ...serial });
      instrument(site, 1, { every: '400ms' });
    };
    expect(warningsAfter(change({}))).toEqual([]);
    expect(warningsAfter(change({ serial: '9600-8N1' }))[0]).toMatch(
      /^instruments\[1\]\.every: cabinet at modbus-rtu 9600-8N1 is asked for \d+ % of the time it has/,
    );
  });

  test('a port named by the order of plugging in is a warning that tells its lasting name', () => {
    const warnings = warningsAfter((site) => Object.assign(site.links['rs485-2'] ?? {}, { path: '/dev/ttyUSB1' }));
    expect(warnings).toEqual([
      'links.rs485-2.path: /dev/ttyUSB1 may become another adapter when one is plugged in anew; write "/dev/serial/by-id/usb-FTDI_B"',
    ]);
  });

  test('a line that is hardly listened to is a warning', () => {
    const warnings = warningsAfter((site) => Object.assign(site.links['rs485-1'] ?? {}, { listenFirst: '2s' }));
    expect(warnings[0]).toMatch(/^links\.rs485-1\.listenFirst: another master on the line,/);
    expect(
      warningsAfter((site) => Object.assign(site.links['rs485-1'] ?? {}, { listen: true, listenFirst: '2s' })),
    ).toEqual([]);
  });

  test('line settings that the maker does not publish are a warning with those that are', () => {
    const warnings = warningsAfter((site) => Object.assign(site.links['rs485-1'] ?? {}, { baudRate: 19_200 }));
    expect(warnings).toEqual([
      'instruments[0].link: rs485-1 runs at 19200-8N1; jxct/jxbs-3001-pm is published with 9600-8N1, 4800-8N1, 2400-8N1; ' +
        'compare with the setting on the instrument; every instrument on the line must have the same',
    ]);
  });
});

describe('what a line can carry', () => {
  test('a cadence that the line cannot carry is a warning with the numbers and the one that it can', () => {
    // Asked and answered in 17 characters of 10 bits, silence twice 3.5 characters, 20 ms to think: 46 ms at 9600 Bd.
    expect(warningsAfter((loose) => instrument(loose, 0, { every: '100ms' }))).toEqual([]);
    const slow = warningsAfter((loose) => {
      instrument(loose, 0, { every: '100ms' });
      Object.assign(loose.links['rs485-1'] ?? {}, { baudRate: 2400 });
    });
    expect(slow).toEqual([
      expect.stringMatching(
        /^instruments\[0\]\.every: rs485-1 at 2400-8N1 is asked for 1\d\d % of the time it has \(dust-1 1\d\d ms \/ 100 ms\); write at least "200ms", /,
      ),
    ]);
  });

  test('where there is no baud rate, nobody is told to raise it', () => {
    const [warning] = warningsAfter((loose) => {
      instrument(loose, 1, { every: '100ms' });
      loose.instruments.push({ ...loose.instruments[1], id: 'meter-2', address: 3, point: 'south-gate' });
    });
    expect(warning).toMatch(/^instruments\[1\]\.every: cabinet at modbus-tcp is asked for/);
    expect(warning).toMatch(/ on this line \d\.\d times as long, or move instruments to another line$/);
  });

  test('where many instruments together fill the line, all of them must be read less often', () => {
    const [warning] = warningsAfter((loose) => {
      loose.points = Array.from({ length: 60 }, (_, index) => ({ id: `p${index}` }));
      loose.instruments = loose.points.map(({ id }, index) => ({
        ...loose.instruments[0],
        ...{ id: `dust-${index}`, address: index + 1, every: '1s', point: id },
      }));
    });
    expect(warning).toMatch(/make every "every" on this line \d\.\d times as long/);
  });
});
