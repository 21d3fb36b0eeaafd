import type { Monotonic, WallTime } from '../../gateway/clock.ts';
import type { Transaction } from '../../gateway/driver/events.ts';

/** An answered request to slave 1 at 9600 bit/s, with whatever a test wants different. */
export function transaction(different: Partial<Transaction> = {}): Transaction {
  return {
    kind: 'transaction',
    link: 'rs485-1',
    generation: 1,
    instrument: 'dust-1',
    address: 1,
    at: Date.parse('2026-11-24T11:45:32.120+08:00') as WallTime,
    monotonic: 1000 as Monotonic,
    sent: Uint8Array.of(0x01, 0x03, 0x00, 0x00, 0x00, 0x02, 0xc4, 0x0b),
    received: Uint8Array.of(0x01, 0x03, 0x04, 0x03, 0x60, 0x01, 0x9c, 0xfa, 0x1c),
    bytesSent: 8,
    bytesReceived: 9,
    firstByte: 20,
    lastByte: 30,
    longestGap: null,
    expected: 9,
    duration: 39,
    outcome: 'ok',
    exception: null,
    junkBefore: 0,
    junkAfter: 0,
    echoed: 0,
    late: 0,
    ...different,
  };
}

/** A request to which nothing came. */
export function unanswered(different: Partial<Transaction> = {}): Transaction {
  const nothing = { received: new Uint8Array(), bytesReceived: 0, firstByte: null, lastByte: null } as const;
  return transaction({ outcome: 'no-bytes', duration: 1000, ...nothing, ...different });
}
