import { describe, expect, test } from 'vitest';
import { transaction as sample, unanswered } from '../../test-rigs/surroundings/sample-transactions.ts';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { LocalTime, type WallTime } from '../clock.ts';
import type { Transaction } from '../driver/events.ts';
import { traceSchema } from '../http/lines/line-picture.ts';
import { pictureSchema } from '../http/picture.ts';
import type { UplinkState } from '../uplink/port.ts';
import { Diagnosis } from './diagnosis.ts';

const board = {
  ...{ id: 'io', profile: 'fenceline/uno-restaurant', name: { zh: '开发板', en: 'Board' } },
  ...{ local: false, unproven: false, simulated: false, link: 'usb', address: null, every: 1000, leftOut: false },
  faults: [],
  board: {
    contacts: [
      {
        ...{ id: 'fan', point: 'fan', name: { zh: '风机', en: 'fan' } },
        says: { closed: { zh: '运行', en: 'running' }, open: { zh: '停止', en: 'stopped' } },
      },
    ],
    relays: [],
  },
};

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
      { ...board, series: [] },
    ],
    links: [{ id: 'serial-1', kind: 'serial', address: '/dev/serial/by-id/usb', settings: '9600-8N1' }],
    uplinks: [{ id: 'district', url: 'mqtt://platform', acknowledge: 'platform' }],
  });
  const transaction = (outcome: Transaction['outcome'], different: Partial<Transaction> = {}): Transaction => {
    const now = { at: clock.wall(), monotonic: clock.monotonic() };
    const stream = { address: null, sent: new Uint8Array(), received: new Uint8Array(32), bytesSent: 0 };
    const what = { outcome, link: 'serial-1', bytesReceived: 32, expected: null, duration: 33 };
    return sample({ ...now, ...stream, ...what, ...different });
  };
  return { clock, diagnosis, transaction };
}

describe('the current picture', () => {
  test('is what its schema says, from the first moment on', () => {
    expect(pictureSchema.safeParse(rig().diagnosis.picture()).error).toBeUndefined();
  });

  test('does not go on to show what a contact said before its board was lost, however often that happens', () => {
    const { diagnosis, clock } = rig();
    const shown = () => diagnosis.picture().instruments[1]?.board?.contacts[0]?.closed;
    const fault = { kind: 'lost', message: 'it restarted' } as const;
    for (let generation = 1; generation < 4; generation += 1) {
      diagnosis.observe({ kind: 'link-opened', link: 'usb', generation });
      const contact = { instrument: 'io', contact: 'fan', point: 'fan', factor: 'fan-running', closed: true } as const;
      const when = { at: clock.wall(), monotonic: clock.monotonic() };
      diagnosis.observe({ kind: 'contact-changed', ...contact, ...when, changes: 1, first: true });
      expect(shown()).toBe(true);
      diagnosis.observe({ kind: 'link-closed', link: 'usb', fault });
      expect(shown()).toBeNull();
    }
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

  test('what has no transactions, as a node, answered last when its newest value was measured', async () => {
    const { clock, diagnosis, transaction } = rig();
    const at = clock.wall();
    const tell = (value: number | null, age: number) =>
      diagnosis.readings([
        {
          ...{
            instrument: 'dust-1',
            point: 'gate',
            factor: 'pm2.5',
            at: (clock.wall() - age) as WallTime,
            monotonic: clock.monotonic(),
          },
          ...{ value, mark: { flag: 'N', reason: null, basis: null }, origin: 'measured' },
        },
      ]);
    const lastAnswer = () => diagnosis.picture().instruments[0]?.lastAnswerAt;
    tell(12, 0);
    await clock.advance(60_000);
    tell(null, 0);
    tell(11, 300_000);
    expect(lastAnswer()).toBe(new LocalTime('Asia/Shanghai').stamp(at));
    diagnosis.observe(transaction('crc'));
    tell(13, 0);
    expect(lastAnswer(), 'who has transactions answers by them alone').toBe(new LocalTime('Asia/Shanghai').stamp(at));
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

  test('says how long the backlog will take while it shrinks, and nothing once the connection is gone', async () => {
    const { clock, diagnosis } = rig();
    const state = (state: UplinkState): void =>
      diagnosis.observe({ kind: 'uplink-state', uplink: 'district', state, detail: '' });
    state('connected');
    for (const records of [1200, 1100, 1000, 900, 800, 700]) {
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
    state('waiting');
    expect(diagnosis.picture().uplinks[0]?.backlog).not.toHaveProperty('drainsIn');
  });
});

describe('what happens on a line', () => {
  test('is held, newest last, and told as its schema says', () => {
    const { diagnosis, transaction } = rig();
    for (let time = 0; time < 230; time++) diagnosis.observe(transaction('ok'));
    diagnosis.observe(
      transaction('exception', { exception: 2, received: Uint8Array.of(1, 0x83, 2), firstByte: 1.23456 }),
    );
    const trace = traceSchema.parse(diagnosis.trace('serial-1', 50));
    expect(trace).toMatchObject({
      link: 'serial-1',
      startedAt: '2026-11-24T08:00:00.000+08:00',
      total: 231,
      overwritten: 31,
    });
    expect(trace.transactions).toHaveLength(50);
    expect(trace.transactions.at(-1)).toMatchObject({
      ...{ number: 231, outcome: 'exception', exception: 2, received: '01 83 02', firstByte: 1.23 },
    });
    expect(diagnosis.trace('serial-1', 50, 229)?.transactions.map(({ number }) => number)).toEqual([230, 231]);
  });

  test('is told from the beginning to one who asks for what came after a number of an earlier run', () => {
    const { diagnosis, transaction } = rig();
    diagnosis.observe(transaction('ok'));
    expect(diagnosis.trace('serial-1', 50, 4711)?.transactions).toHaveLength(1);
  });

  test('is not told of a line that there is not', () => {
    expect(rig().diagnosis.trace('serial-2', 50)).toBeNull();
  });

  test('is counted for each slave of the line by itself, what a search asks for none, and its echo for the line', () => {
    const { diagnosis, transaction } = rig();
    for (let time = 0; time < 3; time++) diagnosis.observe(transaction('ok', { address: 1, echoed: 8 }));
    diagnosis.observe(unanswered({ link: 'serial-1', address: 2 }));
    diagnosis.observe(unanswered({ link: 'serial-1', instrument: null, address: 200 }));
    const { slaves, echo } = diagnosis.picture().links[0] ?? {};
    expect(slaves?.map(({ address, recent: { outcomes } }) => [address, outcomes])).toEqual([
      [1, { ok: 3 }],
      [2, { 'no-bytes': 1 }],
    ]);
    expect(echo).toBe(0.75);
  });

  test('is told to one who follows an instrument: its own transactions, also of the poll under way, until it ends', async () => {
    const { clock, diagnosis, transaction } = rig();
    diagnosis.observe(transaction('crc'));
    await clock.advance(1000);
    const since = clock.monotonic();
    diagnosis.observe(transaction('short'));
    await clock.advance(1000);
    const followed = diagnosis.follow('dust-1');
    diagnosis.observe(transaction('ok'));
    diagnosis.observe(transaction('ok', { instrument: 'dust-2' }));
    const { transactions, omitted } = followed.since(since);
    expect(transactions.map(({ number, outcome }) => [number, outcome])).toEqual([
      [2, 'short'],
      [3, 'ok'],
    ]);
    expect(omitted).toBe(0);
    followed.end();
    diagnosis.observe(transaction('ok'));
    expect(followed.since(since).transactions).toHaveLength(2);
  });

  test('more than one who follows can be told is left out, oldest first, and counted', () => {
    const { clock, diagnosis, transaction } = rig();
    const followed = diagnosis.follow('dust-1');
    for (let time = 0; time < 130; time++) diagnosis.observe(transaction('ok'));
    const { transactions, omitted } = followed.since(clock.monotonic());
    expect([transactions.length, transactions[0]?.number, omitted]).toEqual([100, 31, 30]);
  });
});
