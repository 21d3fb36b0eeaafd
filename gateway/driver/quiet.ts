import type { Clock } from '../clock.ts';
import type { Link } from '../link/link.ts';

/** What came while the line was waited for. */
interface Unrest {
  /** Bytes that came and were thrown away. */
  readonly late: number;
  /** When the last byte came, the time before the call among it. */
  readonly lastActivity: number;
  /** False for a line that was never quiet long enough: a request goes out all the same. */
  readonly isQuiet: boolean;
}

/** A line that is never quiet is waited for so long, milliseconds, before a request goes out all the same. */
const longestUnrest = 1000;

/** Waits until nothing has come for `silence` milliseconds since `lastActivity`; throws away what comes meanwhile. */
export async function untilQuiet(link: Link, clock: Clock, silence: number, lastActivity: number): Promise<Unrest> {
  const patience = clock.monotonic() + silence + longestUnrest;
  let last = lastActivity;
  for (let late = 0; ; ) {
    const arrival = await link.read(Math.max(0, last + silence - clock.monotonic()));
    if (typeof arrival === 'object' && 'bytes' in arrival) {
      late += arrival.bytes.length;
      last = Math.max(last, arrival.at);
      if (clock.monotonic() > patience) return { late, lastActivity: last, isQuiet: false };
    } else if (arrival !== 'timeout' || clock.monotonic() >= last + silence) {
      return { late, lastActivity: last, isQuiet: true };
    }
  }
}
