import { loadCatalogue } from '../../../device-profiles/catalogue.ts';
import { checkSite, type SiteCheck, type SiteFault } from '../check-site.ts';

/** A document that a test changes; loose on purpose, since most changes make it wrong. */
export interface LooseSite {
  [field: string]: unknown;
  links: Record<string, Record<string, unknown>>;
  points: Record<string, unknown>[];
  instruments: Record<string, unknown>[];
}

/** A site without a fault or warning: a meter and a dust station on two lines, a particle sensor on a third. */
export function sampleSite(): LooseSite {
  return {
    gateway: { id: 'zl-0001', area: '320404' },
    source: { name: '一号工地', kind: 'construction-site' },
    links: {
      'rs485-1': { kind: 'serial', path: '/dev/serial/by-id/usb-FTDI_A', baudRate: 9600 },
      'rs485-2': { kind: 'serial', path: '/dev/serial/by-id/usb-FTDI_B', baudRate: 9600 },
      cabinet: { kind: 'tcp', host: '127.0.0.1', port: 1502, framing: 'modbus-tcp' },
    },
    points: [{ id: 'north-gate' }, { id: 'south-gate' }, { id: 'fan' }],
    instruments: [
      { id: 'dust-1', profile: 'jxct/jxbs-3001-pm', link: 'rs485-1', address: 1, every: '4s', point: 'north-gate' },
      { id: 'meter-1', profile: 'eastron/sdm630', link: 'cabinet', address: 2, every: '4s', point: 'fan' },
      { id: 'pms-1', profile: 'plantower/pms5003', link: 'rs485-2', every: '4s', point: 'south-gate' },
    ],
    uplinks: [{ id: 'district', kind: 'mqtt', url: 'mqtt://127.0.0.1:1883' }],
  };
}

const catalogue = loadCatalogue({ directories: [] });

/** Where the by-id links of the tests lead; no device of this machine is looked at. */
const devices: Readonly<Record<string, string>> = {
  '/dev/serial/by-id/usb-FTDI_A': '/dev/ttyUSB0',
  '/dev/serial/by-id/usb-FTDI_A-again': '/dev/ttyUSB0',
  '/dev/serial/by-id/usb-FTDI_B': '/dev/ttyUSB1',
};

export function checkText(text: string): SiteCheck {
  return checkSite(text, {
    catalogue,
    file: 'site.json',
    resolveDevice: (path) => devices[path] ?? path,
    lastingNames: Object.keys(devices),
    addresses: ['10.42.0.1', '192.168.1.5'],
  });
}

/** Checks the sample site after a change. */
export function checkChanged(change: (site: LooseSite) => void): SiteCheck {
  const site = sampleSite();
  change(site);
  return checkText(JSON.stringify(site, null, 2));
}

/** Faults as a reader sees them: field, what is wrong, what to write. */
export function told(faults: readonly SiteFault[]): string[] {
  return faults.map(({ field, fault, remedy }) => `${field}: ${fault.en}; ${remedy.en}`);
}
