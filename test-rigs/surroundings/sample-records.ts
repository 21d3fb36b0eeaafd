import type { KeyObject } from 'node:crypto';
import type { Monotonic, WallTime } from '../../gateway/clock.ts';
import type { Birth } from '../../gateway/contract/birth.ts';
import type { Reading } from '../../gateway/reading/reading.ts';
import type { PeriodRecord } from '../../gateway/record/record.ts';
import { publicKeyText } from '../../gateway/record/signature.ts';

/** The gateway that tests are about. */
export const gateway = { area: '320404', gateway: 'zl-0001' } as const;

/** The n-th minute of 2026-11-24, with a value that tells which one it is. */
export function minuteRecord(n: number, point = 'north-gate'): PeriodRecord {
  const from = new Date(Date.UTC(2026, 10, 24) + n * 60_000).toISOString().replace('Z', '+08:00');
  return {
    kind: 'minute',
    point,
    factor: 'pm10',
    from,
    average: n / 10,
    minimum: n / 10 - 1,
    maximum: n / 10 + 1,
    count: 15,
    expected: 15,
    flag: 'N',
    reason: null,
    basis: null,
    revision: 0,
    origin: 'measured',
  };
}

/** A reading of the dust sensor with the value n. */
export function reading(n: number): Reading {
  const at = (Date.UTC(2026, 10, 24) + n * 1000) as WallTime;
  const mark = { flag: 'N', reason: null, basis: null } as const;
  const monotonic = (n * 1000) as Monotonic;
  return {
    instrument: 'dust-1',
    point: 'north-gate',
    factor: 'pm10',
    at,
    monotonic,
    value: n,
    mark,
    origin: 'measured',
  };
}

export function birthOf(key: KeyObject): Birth {
  return {
    v: 1,
    ...gateway,
    at: '2026-11-24T00:00:00.000+08:00',
    software: { name: 'fenceline', version: '0.1.0' },
    alg: 'Ed25519',
    publicKey: publicKeyText(key),
    site: 'site-1',
    source: { name: 'Demonstration site', kind: 'construction-site' },
    points: [{ id: 'north-gate', place: 'north gate' }],
    instruments: [{ id: 'dust-1', profile: 'jxct/jxbs-3001-pm', point: 'north-gate' }],
    factors: [{ factor: 'pm10', hj212: 'a34002', zh: 'PM10', en: 'PM10', unit: 'µg/m³', decimals: 1 }],
  };
}
