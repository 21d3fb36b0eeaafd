import type { Link } from '../link/link.ts';
import type { Transaction } from './events.ts';
import type { Moment } from './instrument.ts';

const traceLength = 64;

/** What came from an instrument that talks by itself, and what was said to it. */
type Heard = Pick<Transaction, 'outcome' | 'received' | 'sent' | 'bytesReceived' | 'junkBefore' | 'late'>;

/** A transaction that nobody asked for: there is no request whose answer could be timed. */
export function unaskedTransaction(
  { id: link, generation }: Pick<Link, 'id' | 'generation'>,
  instrument: string,
  { at, monotonic }: Moment,
  { outcome, received, sent, bytesReceived, junkBefore, late }: Heard,
): Transaction {
  return {
    kind: 'transaction',
    link,
    generation,
    instrument,
    address: null,
    at,
    monotonic,
    sent: sent.slice(0, traceLength),
    received: received.slice(0, traceLength),
    bytesSent: sent.length,
    bytesReceived,
    firstByte: null,
    lastByte: null,
    longestGap: null,
    expected: null,
    duration: 0,
    outcome,
    exception: null,
    junkBefore,
    junkAfter: 0,
    echoed: 0,
    late,
  };
}
