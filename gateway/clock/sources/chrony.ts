import type { WallTime } from '../../clock.ts';
import type { NtpView } from '../machine.ts';

/*
 * One line of `chronyc -c tracking` (chrony 4.3, report_tracking in client.c), 14 fields:
 *
 *   7F7F0101,,8,1795647988.111599712,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,0.000000000,0.000000000,0.0,Normal
 *   ref id   | |  ref time, s         system time  last offset RMS offset freq  resid skew  root delay  root disp.  every leap
 *         name stratum
 */
const fields = 14;
/** The reference of the `local` directive: chrony serves its own clock and hears nobody. */
const ownClock = '7F7F0101';

/** What chrony says of the system's clock; undefined when the text is none of its answers. */
export function readChronyTracking(text: string): NtpView | undefined {
  const line = text.trim().split('\n')[0]?.split(',') ?? [];
  if (line.length < fields) return undefined;
  const number = (index: number): number => Number(line[index] === '' ? Number.NaN : line[index]);
  const [stratum, heard, offset, delay, dispersion] = [2, 3, 4, 10, 11].map(number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (![stratum, heard, offset, delay, dispersion].every(Number.isFinite)) return undefined;
  const synchronized = line[13] !== 'Not synchronised' && stratum > 0 && stratum < 16 && line[0] !== ownClock;
  return {
    service: 'chrony',
    synchronized,
    syncedAt: heard > 0 ? (Math.round(heard * 1000) as WallTime) : null,
    // RFC 5905: the largest error is the root dispersion and half the root delay; and what is being slewed away.
    uncertainty: synchronized ? (dispersion + delay / 2 + Math.abs(offset)) * 1000 : null,
    offset: offset * 1000,
    stratum: stratum > 0 ? stratum : null,
  };
}
