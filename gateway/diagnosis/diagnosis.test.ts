import { describe, expect, test } from 'vitest';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { LocalTime } from '../clock.ts';
import type { Transaction } from '../driver/events.ts';
import { pictureSchema } from '../http/picture.ts';
import { Diagnosis } from './diagnosis.ts';

function rig() {
  const clock = new SimulatedClock('2026-11-24T08:00:00.000+08:00');
  const series = { point: 'gate', factor: 'pm2.5', zh: 'PM2.5', en: 'PM2.5', unit: 'µg/m³', decimals: 0 } as const;
  const diagnosis = new Diagnosis(clock, new LocalTime('Asia/Shanghai'), {
    id: 'zl-0001',
    area: '320404',
    version: '0.1.0',
    site: '0123456789abcdef',
    siteFaults: [],
    instruments: [
      {
        id: 'dust-1',
        profile: 'plantower/pms5003',
        name: { zh: '颗粒物传感器', en: 'Particle sensor' },
        local: false,
        unproven: false,
        simulated: false,
        link: 'serial-1',
        address: null,
        every: 1000,
        leftOut: false,
        faults: [],
        series: [series],
      },
    ],
    links: [{ id: 'serial-1', kind: 'serial', address: '/dev/serial/by-id/usb', settings: '9600 8N1' }],
    uplinks: [{ id: 'district', url: 'mqtt://platform', acknowledge: 'platform' }],
  });
  const transaction = (outcome: Transaction['outcome']): Transaction => ({
    kind: 'transaction',
    link: 'serial-1',
    generation: 1,
    instrument: 'dust-1',
    address: null,
    at: clock.wall(),
    monotonic: clock.monotonic(),
    sent: new Uint8Array(),
    received: new Uint8Array(32),
    bytesSent: 0,
    bytesReceived: 32,
    firstByte: 1,
    lastByte: 31,
    longestGap: null,
    expected: null,
    duration: 33,
    outcome,
    exception: null,
    junkBefore: 0,
    junkAfter: 0,
    echoed: 0,
    late: 0,
  });
  return { clock, diagnosis, transaction };
}

describe('the current picture', () => {
  test('is what its schema says, from the first moment on', () => {
    expect(pictureSchema.safeParse(rig().diagnosis.picture()).error).toBeUndefined();
  });

  test('shows no value before the first reading, and its growing age after it', async () => {
    const { clock, diagnosis } = rig();
    expect(diagnosis.picture().instruments[0]?.values[0]).toMatchObject({
      value: null,
      at: null,
      age: null,
      flag: null,
    });
    diagnosis.readings([
      {
        instrument: 'dust-1',
        point: 'gate',
        factor: 'pm2.5',
        at: clock.wall(),
        monotonic: clock.monotonic(),
        value: 12,
        mark: { flag: 'N', reason: null, basis: null },
        origin: 'measured',
      },
    ]);
    await clock.advance(5000);
    expect(diagnosis.picture().instruments[0]?.values[0]).toMatchObject({ value: 12, age: 5000, flag: 'N' });
  });

  test('counts each outcome once for the instrument and once for its line', () => {
    const { diagnosis, transaction } = rig();
    for (const outcome of ['ok', 'crc', 'ok', 'no-bytes'] as const) diagnosis.observe(transaction(outcome));
    const { instruments, links } = diagnosis.picture();
    expect(instruments[0]?.counters).toMatchObject({ ok: 2, crc: 1, 'no-bytes': 1, junk: 0 });
    expect(links[0]?.counters).toEqual(instruments[0]?.counters);
    expect(links[0]?.bytesIn).toBe(128);
  });

  test('tells the share of time in which the line was busy during the last minute only', async () => {
    const { clock, diagnosis, transaction } = rig();
    for (let second = 0; second < 60; second++) {
      diagnosis.observe(transaction('ok'));
      await clock.advance(1000);
    }
    expect(diagnosis.picture().links[0]?.utilisation).toBeCloseTo(0.033, 2);
    await clock.advance(60_000);
    expect(diagnosis.picture().links[0]?.utilisation).toBe(0);
  });

  test('holds a malformed message from the other side, counted and with the last fault', () => {
    const { diagnosis } = rig();
    for (const fault of ['not JSON', 'have: expected ranges']) {
      diagnosis.observe({ kind: 'uplink-malformed', uplink: 'district', topic: 'receipt', fault });
    }
    expect(diagnosis.picture().malformed).toMatchObject([
      { where: 'uplink district', count: 2, why: 'receipt: have: expected ranges' },
    ]);
  });

  test('a silent instrument is a fault that leaves the gateway well; a store that cannot write does not', () => {
    const { clock, diagnosis } = rig();
    expect(diagnosis.health()).toEqual({ ok: true, faults: [] });
    diagnosis.observe({
      kind: 'instrument-condition',
      instrument: 'dust-1',
      condition: 'not-answering',
      outcome: 'no-bytes',
      at: clock.wall(),
    });
    expect(diagnosis.health()).toEqual({ ok: true, faults: ['instrument dust-1 does not answer'] });
    diagnosis.observe({ kind: 'store-fault', message: 'disk full' });
    expect(diagnosis.health().ok).toBe(false);
  });

  test('says how long the backlog will take once it shrinks', async () => {
    const { clock, diagnosis } = rig();
    for (const records of [1000, 900, 800, 700]) {
      diagnosis.backlog({
        uplink: 'district',
        records,
        samples: 0,
        oldestCommittedAt: clock.wall() - 3_600_000,
        refused: 0,
      });
      await clock.advance(1000);
    }
    const { backlog } = diagnosis.picture().uplinks[0] ?? {};
    expect(backlog?.drainsIn).toBeCloseTo(7, 5);
    expect(backlog?.hours).toBeCloseTo(1, 2);
  });
});
