import { describe, expect, test } from 'vitest';
import { checkChanged, type LooseSite, told } from './trial/sample-site.ts';

const faultsAfter = (change: (site: LooseSite) => void): string[] => told(checkChanged(change).faults);
const warningsAfter = (change: (site: LooseSite) => void): string[] => told(checkChanged(change).warnings);

/** Adds instruments, each at a point of its own, and what else a link is. */
function add(site: LooseSite, link: string, settings: object, ...instruments: object[]): void {
  site.links[link] = { ...settings };
  for (const fields of instruments) {
    const id = `added-${site.instruments.length}`;
    site.points.push({ id });
    site.instruments.push({ id, link, every: '10s', point: id, ...fields });
  }
}

const wires = { kind: 'serial', path: '/dev/serial/by-id/usb-CH340', baudRate: 2400, parity: 'even' };
const port = { kind: 'tcp-server', host: '0.0.0.0', port: 9212, senders: ['192.168.1.20'] };
const meter = { profile: 'dlt645/meter-2007', meterAddress: '000000000161' };
const station = { profile: 'hj212/dust-station', every: '30s' };

describe('DL/T 645 meters', () => {
  test('on a line of their own, each with its address, are taken', () => {
    const meters = [meter, { ...meter, meterAddress: '000000000162' }];
    expect(faultsAfter((site) => add(site, 'meters', wires, ...meters))).toEqual([]);
    expect(faultsAfter((site) => add(site, 'meters', wires, { ...meter, meterAddress: 'any' }))).toEqual([]);
  });

  test.each<[string, object[], string]>([
    [
      'without an address',
      [{ profile: 'dlt645/meter-2007' }],
      'instruments[3].meterAddress: is missing; write the twelve digits on the plate in quotes, with zeros in front, such as "000000000161"',
    ],
    [
      'with a slave address',
      [{ ...meter, address: 1 }],
      'instruments[3].address: dlt645/meter-2007 is a meter and has no slave address; delete this field and write "meterAddress"',
    ],
    [
      'of one address',
      [meter, meter],
      'instruments[4].meterAddress: 000000000161 on meters is already instruments[3]; compare both with the plates',
    ],
    [
      'of which one is asked whoever it is',
      [meter, { ...meter, meterAddress: 'any' }],
      'instruments[4].meterAddress: "any" is for a meter that is alone on its line; meters has 2 instruments; write the twelve digits on the plate in quotes, with zeros in front, such as "000000000161"',
    ],
    [
      'of the 1997 edition whose address is not known',
      [{ profile: 'dlt645/meter-1997', meterAddress: 'any' }],
      'instruments[3].meterAddress: a meter of the 1997 edition cannot be asked for its address; write the twelve digits on the plate in quotes, with zeros in front, such as "000000000161"',
    ],
    [
      'beside Modbus instruments',
      [meter, { profile: 'eastron/sdm120', address: 3 }],
      'instruments[3].link: dlt645/meter-2007 speaks DL/T 645 on meters, where instruments[4] speaks Modbus; give the meters a link of their own; a profile with "besideModbus: true" says that the two were seen to get along',
    ],
  ])('%s are a fault', (_, instruments, fault) => {
    expect(faultsAfter((site) => add(site, 'meters', wires, ...instruments))).toEqual([fault]);
  });

  test('on a line where nothing may be sent are a fault', () => {
    expect(faultsAfter((site) => add(site, 'meters', { ...wires, listen: true }, meter))).toEqual([
      'instruments[3].link: dlt645/meter-2007 must be asked, and meters says "listen": true; give it a link that may be sent on',
    ]);
    const logger = { profile: 'hj212/logger-2017', every: '30s', fitted: ['pm2.5'], acknowledge: true };
    expect(faultsAfter((site) => add(site, 'logger', { ...wires, listen: true }, logger))).toEqual([
      'instruments[3].acknowledge: logger says "listen": true; delete this field',
    ]);
  });

  test('with digits that are no address say what to write', () => {
    const [fault] = faultsAfter((site) => add(site, 'meters', wires, { ...meter, meterAddress: '161' }));
    expect(fault).toContain('the twelve digits on the plate');
  });

  test('asked more often than 2400 bit/s can carry are a warning with a time that it can', () => {
    const [warning] = warningsAfter((site) => add(site, 'meters', wires, { ...meter, every: '500ms' }));
    expect(warning).toMatch(/instruments\[3\].every: meters at 2400-8E1 is asked for \d+ % .*write at least "[\d.]+s"/);
  });

  test('an instrument that is none has no such address', () => {
    const change = (site: LooseSite): void => void Object.assign(site.instruments[0] ?? {}, { meterAddress: 'any' });
    expect(faultsAfter(change)).toEqual([
      'instruments[0].meterAddress: jxct/jxbs-3001-pm is no DL/T 645 meter; delete this field',
    ]);
  });
});

describe('sources of HJ 212', () => {
  test('that connect to a port of this gateway are taken', () => {
    expect(faultsAfter((site) => add(site, 'station', port, { ...station, mn: 'ZX00001' }))).toEqual([]);
    expect(warningsAfter((site) => add(site, 'station', port, station))).toEqual([]);
  });

  test('to a port that anybody can reach are a warning', () => {
    const open = { ...port, senders: undefined };
    expect(warningsAfter((site) => add(site, 'station', open, station))).toEqual([
      'links.station.senders: is missing: any device that reaches the port is believed; write the address of the device, such as [ "192.168.1.20" ]',
    ]);
    expect(warningsAfter((site) => add(site, 'station', { ...open, host: '127.0.0.1' }, station))).toEqual([]);
  });

  test('on one port are a fault, and so is one beside another instrument', () => {
    const both = faultsAfter((site) => {
      add(site, 'one', port, station);
      add(site, 'two', port, station);
    });
    expect(both).toEqual([
      'links.two.port: port 9212 is already listened on by the link one; give each device a port of its own',
    ]);
    expect(faultsAfter((site) => add(site, 'one', port, station, meter))).toEqual([
      'instruments[3].link: hj212/dust-station needs a line for itself, and on one other instruments are polled; give it a link of its own',
    ]);
  });

  test('a logger of which nothing is wanted is a fault that names what it may send', () => {
    const [fault] = faultsAfter((site) => add(site, 'one', port, { ...station, profile: 'hj212/logger-2017' }));
    expect(fault).toMatch(/instruments\[3\].fitted: is missing: what does it send\?; name some of: .*pm2\.5/);
  });

  test('an acknowledgement that the profile does not know of is a warning', () => {
    expect(warningsAfter((site) => add(site, 'one', port, { ...station, acknowledge: true }))).toEqual([
      'instruments[3].acknowledge: hj212/dust-station asks for no acknowledgement, so nothing is sent all the same; delete this field',
    ]);
  });

  test('an instrument that is none has neither MN nor acknowledgement', () => {
    const change = (site: LooseSite): void =>
      void Object.assign(site.instruments[0] ?? {}, { mn: 'A', acknowledge: true });
    expect(faultsAfter(change)).toEqual([
      'instruments[0].mn: jxct/jxbs-3001-pm does not send HJ 212; delete this field',
      'instruments[0].acknowledge: jxct/jxbs-3001-pm does not send HJ 212; delete this field',
    ]);
  });
});
