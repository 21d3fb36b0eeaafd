import type { Outcome } from '../driver/events.ts';

export type Counters = Record<Outcome, number>;

/** A fresh set of counters, one per outcome. */
export function noCounts(): Counters {
  return {
    ok: 0,
    'no-bytes': 0,
    echo: 0,
    short: 0,
    crc: 0,
    'foreign-slave': 0,
    'foreign-function': 0,
    'foreign-length': 0,
    'wrong-time': 0,
    exception: 0,
    junk: 0,
    'line-lost': 0,
  };
}
