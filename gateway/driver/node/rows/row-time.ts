import type { NodeRow, NodeRows } from '../../../../device-profiles/node-message.ts';
import type { Monotonic, WallTime } from '../../../clock.ts';
import type { Moment } from '../../instrument.ts';

/** A node keeps its rows for days; one that would be older than this has a time that nobody set, milliseconds. */
const longestAgo = 31 * 24 * 3_600_000;
/** Seconds are whole, and a message takes its time: a row may seem to end so long after it was sent, seconds. */
const slack = 5;
/** The node's clock and ours agree within so much, milliseconds. */
const agreement = 60_000;

/**
 * When a row was measured: at the middle of its period. `unknown`: of a boot that never learned the time, or with a time
 * that cannot be. `impossible`: it would have ended after it was sent.
 */
export type RowTime = Moment | 'unknown' | 'impossible';

type Sent = Pick<NodeRows, 'began' | 'uptime'>;

/** `sent`: the moment at which the message came, by our time. What the node says of its age counts before its clock. */
export function timeOfRow({ start, length }: NodeRow, { began, uptime }: Sent, sent: Moment): RowTime {
  if (uptime !== null) {
    if (start + length > uptime + slack) return 'impossible';
    return ago(Math.max(0, uptime - (start + length / 2)) * 1000, sent);
  }
  if (began === null) return 'unknown';
  return ago(sent.at - (began + start + length / 2) * 1000, sent);
}

function ago(milliseconds: number, sent: Moment): RowTime {
  if (milliseconds < 0 || milliseconds > longestAgo) return 'unknown';
  const monotonic = (sent.monotonic - milliseconds) as Monotonic;
  return { at: Math.round(sent.at - milliseconds) as WallTime, monotonic };
}

/** How far the node's clock is from ours, milliseconds, where it is too far; null where they agree, or one does not know. */
export function clockOff({ began, uptime }: Sent, sent: Moment): number | null {
  if (began === null) return null;
  const off = uptime === null ? began * 1000 - sent.at : (began + uptime) * 1000 - sent.at;
  const isOff = uptime === null ? off > 0 || off < -longestAgo : Math.abs(off) > agreement;
  return isOff ? Math.round(off) : null;
}
