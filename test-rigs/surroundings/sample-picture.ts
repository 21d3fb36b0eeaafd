import type { LinkPicture, Picture, SlavePicture, UplinkPicture } from '../../gateway/http/picture.ts';
import { at, dust, leftOut, meter, noTransactions } from './sample-instruments.ts';

const tallied = { junk: 0, echoes: 0, late: 0 };

const slaves: SlavePicture[] = [
  {
    address: 1,
    instruments: ['dust-1'],
    total: { ...tallied, requests: 5216, outcomes: { ok: 5214, crc: 2 }, junk: 18 },
    recent: { ...tallied, requests: 100, outcomes: { ok: 99, crc: 1 }, junk: 9 },
    response: { median: 38.5, largest: 61.5 },
    firstByte: { median: 21.4, largest: 44.9 },
  },
  {
    address: 2,
    instruments: ['meter-1'],
    total: { ...tallied, requests: 4804, outcomes: { ok: 4102, 'no-bytes': 702 }, late: 1 },
    recent: { ...tallied, requests: 100, outcomes: { 'no-bytes': 100 } },
    response: null,
    firstByte: null,
  },
];

const serial: LinkPicture = {
  id: 'rs485-1',
  kind: 'serial',
  address: '/dev/serial/by-id/usb-FTDI_FT232R-if00-port0',
  settings: '9600-8N1',
  state: 'open',
  fault: null,
  counters: { ...noTransactions, ok: 9316, crc: 2, 'no-bytes': 702 },
  slaves,
  echo: 0,
  bytesIn: 251_402,
  bytesOut: 80_160,
  utilisation: 0.34,
  overload: null,
  silence: { state: 'clear', asked: [], junk: 0 },
};

const usb: LinkPicture = {
  ...serial,
  id: 'usb-1',
  address: '/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0',
  state: 'closed',
  fault: {
    kind: 'absent',
    message: 'usb-1: /dev/serial/by-id/usb-1a86_USB_Serial-if00-port0 is not there; plug the adapter in',
  },
  counters: noTransactions,
  slaves: [],
  echo: null,
  bytesIn: 0,
  bytesOut: 0,
  utilisation: null,
};

const district: UplinkPicture = {
  id: 'district',
  url: 'mqtts://platform.example:8883',
  state: 'connecting',
  detail: 'connection refused',
  acknowledge: 'platform',
  backlog: { records: 372, samples: 5580, hours: 6.2 },
  bytesPerSecond: null,
  month: { month: '2026-11', bytes: 18_400_000, limit: null },
  opensAt: null,
  backlogWaits: null,
  backlogTurnIn: null,
  sent: 20_417,
  acknowledged: 20_102,
  again: 12,
  late: 1440,
  refused: 0,
  refusals: [],
  credentials: [],
  certificates: [],
  malformed: 0,
  lastReceiptAt: '2026-11-24T05:33:01.000+08:00',
};

/** A site with a station that works, a meter that is silent, an instrument left out, and an uplink that is down. */
export function troubledPicture(): Picture {
  return structuredClone({
    gateway: {
      id: 'zl-0001',
      area: '320404',
      version: '0.1.0',
      startedAt: '2026-11-24T05:58:00.000+08:00',
      now: '2026-11-24T11:45:33.320+08:00',
      timezone: 'Asia/Shanghai',
      site: '9f2c41d07ab36e15',
      fingerprint: '40213 88617 00942 71350 26684 59108',
      siteFaults: leftOut.faults,
    },
    instruments: [dust, meter, leftOut],
    links: [serial, usb],
    nodes: [],
    store: {
      records: { epoch: 'e1', seq: 10_231, oldest: 1 },
      samples: { epoch: 'e1', seq: 10_186, oldest: 1 },
      bytes: 18_432_000,
      room: { bytes: 21_000_000_000, days: 412 },
      salvage: null,
      leaving: null,
      apart: null,
      dropped: 0,
      lastCommitAt: '2026-11-24T11:45:33.000+08:00',
      fault: null,
    },
    clock: {
      trusted: true,
      source: 'ntp',
      since: '2026-11-24T05:58:04.000+08:00',
      uncertainty: 12,
      why: { zh: '系统时钟由 chrony 通过 NTP 校准', en: 'chrony keeps the system clock by NTP' },
      next: null,
      setting: 'ntp',
      systemAhead: 0,
      machineTimezone: 'Asia/Shanghai',
      held: { readings: 0, earlier: 0, seconds: null, releasing: false },
      jumps: [],
      offer: null,
    },
    uplinks: [district],
    commands: {
      last: [
        {
          id: 'read-0007',
          at: '2026-11-24T11:40:12.000+08:00',
          command: 'read-now',
          who: 'uplink district, key 1a2b3c4d5e6f7a8b',
          outcome: 'done',
          reason: null,
          detail: null,
        },
        {
          id: 'resend-0006',
          at: '2026-11-24T11:39:02.000+08:00',
          command: 'resend',
          who: 'uplink district, key 1a2b3c4d5e6f7a8b',
          outcome: 'refused',
          reason: 'expired',
          detail: 'it expired at 2026-11-24T11:38:00.000+08:00; here it is 2026-11-24T11:39:02.000+08:00',
        },
      ],
      trial: {
        id: 'site-0008',
        who: 'uplink district, key 1a2b3c4d5e6f7a8b',
        from: '0f0f0f0f0f0f0f0f',
        to: '9f2c41d07ab36e15',
        rollsBackAt: '2026-11-24T11:50:00.000+08:00',
      },
      retired: [],
      isReading: true,
      fault: null,
    },
    malformed: [{ where: 'page', count: 1, lastAt: at, why: 'limit: Too big: expected number to be <=1000' }],
    dropped: [],
  });
}

/** The same site with nothing wrong: one station that answers, one open line, an uplink that keeps up. */
export function healthyPicture(): Picture {
  const picture = troubledPicture();
  return {
    ...picture,
    gateway: { ...picture.gateway, siteFaults: [] },
    instruments: structuredClone([{ ...dust, values: dust.values.slice(0, 4) }]),
    links: structuredClone([{ ...serial, counters: { ...noTransactions, ok: 9316 }, slaves: slaves.slice(0, 1) }]),
    uplinks: structuredClone([
      {
        ...district,
        state: 'connected' as const,
        detail: '',
        backlog: { records: 0, samples: 0, hours: null },
        lastReceiptAt: at,
      },
    ]),
    malformed: [],
  };
}
