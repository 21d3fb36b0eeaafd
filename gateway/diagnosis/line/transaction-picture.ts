import type { LocalTime } from '../../clock.ts';
import type { TransactionPicture } from '../../http/lines/line-picture.ts';
import type { Numbered } from './trace-ring.ts';

/** A transaction as the API tells it. */
export function transactionPicture({ number, transaction }: Numbered, localTime: LocalTime): TransactionPicture {
  const { kind: _, link: __, monotonic: ___, at, sent, received, ...figures } = transaction;
  return {
    ...figures,
    number,
    at: localTime.stamp(at),
    sent: hexText(sent),
    received: hexText(received),
    firstByte: rounded(transaction.firstByte),
    lastByte: rounded(transaction.lastByte),
    longestGap: rounded(transaction.longestGap),
    duration: hundredths(transaction.duration),
  };
}

const rounded = (time: number | null): number | null => (time === null ? null : hundredths(time));

/** What the system's timers say beyond a hundredth of a millisecond is noise. */
export const hundredths = (time: number): number => Math.round(time * 100) / 100;

/** Bytes as people read them: `01 03 00 02`. */
function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(' ');
}
