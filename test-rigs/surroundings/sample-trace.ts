import type { ReadPicture } from '../../gateway/http/lines/read-picture.ts';
import type { Picture, TransactionPicture } from '../../gateway/http/picture.ts';

const answered: TransactionPicture = {
  number: 9813,
  at: '2026-11-24T11:45:32.120+08:00',
  instrument: 'dust-1',
  address: 1,
  generation: 1,
  sent: '01 03 00 00 00 02 C4 0B',
  received: '01 03 04 03 60 01 9C FA 1C',
  bytesSent: 8,
  bytesReceived: 9,
  firstByte: 21.4,
  lastByte: 38.2,
  longestGap: 16,
  expected: 9,
  duration: 46.5,
  outcome: 'ok',
  exception: null,
  junkBefore: 0,
  junkAfter: 0,
  echoed: 0,
  late: 0,
};

const nothing = { received: '', bytesReceived: 0, firstByte: null, lastByte: null, longestGap: null } as const;

/** A silent meter, a station with junk before its answer, a long answer, and a refusal; newest last. */
export function sampleTrace(): TransactionPicture[] {
  const long = Array.from({ length: 64 }, (_, at) => at.toString(16).padStart(2, '0').toUpperCase()).join(' ');
  return structuredClone([
    {
      ...{ ...answered, ...nothing, number: 9812, instrument: 'meter-1', address: 2, outcome: 'no-bytes' as const },
      ...{ sent: '02 04 00 00 00 50 F0 05', expected: 165, duration: 1000 },
    },
    answered,
    {
      ...{ ...answered, number: 9814, received: long, bytesReceived: 165, expected: 165 },
      ...{ lastByte: 214.6, duration: 223.1 },
    },
    { ...answered, number: 9815, received: `00 FF ${answered.received}`, bytesReceived: 11, junkBefore: 2 },
    {
      ...{ ...answered, number: 9816, received: '01 83 02 C0 F1', bytesReceived: 14 },
      ...{ outcome: 'exception' as const, exception: 2, lastByte: 26.1, longestGap: null, duration: 34.4, late: 9 },
    },
  ]);
}

/** What an instrument of that picture says when it is asked now: the same as the picture says. */
export function sampleRead(instrument: string, { instruments, gateway }: Picture): ReadPicture {
  const values = instruments.find(({ id }) => id === instrument)?.values ?? [];
  const readings = values.map(({ age: _, lastMinute: __, at, flag, ...series }) => ({
    ...series,
    at: at ?? gateway.now,
    flag: flag ?? 'B',
    origin: 'measured' as const,
  }));
  const transactions = sampleTrace().filter((one) => one.instrument === instrument);
  return { instrument, at: gateway.now, took: 412.4, readings, transactions, omitted: 0 };
}
