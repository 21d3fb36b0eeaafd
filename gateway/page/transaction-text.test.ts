import { expect, test } from 'vitest';
import { troubledPicture } from '../../test-rigs/surroundings/sample-picture.ts';
import { sampleTrace } from '../../test-rigs/surroundings/sample-trace.ts';
import type { TracePicture, TransactionPicture } from '../http/picture.ts';
import { bytesShown, traceText, transactionText } from './transaction-text.ts';
import { en } from './words/en.ts';
import { zh } from './words/zh.ts';

const [silent, answered, long, junk, refused] = sampleTrace() as [
  TransactionPicture,
  TransactionPicture,
  TransactionPicture,
  TransactionPicture,
  TransactionPicture,
];

test('a transaction is told with its bytes, times and lengths', () => {
  expect(transactionText(answered, en)).toBe(
    [
      '#9813  2026-11-24T11:45:32.120+08:00  dust-1, slave address 1, connection 1',
      '> 01 03 00 00 00 02 C4 0B',
      '< 01 03 04 03 60 01 9C FA 1C',
      '  answered; first byte after 21.4 ms; last byte after 38.2 ms; longest gap 16 ms; 9 of 9 bytes; 46.5 ms in all',
    ].join('\n'),
  );
});

test('a silent one says so and tells no time of bytes that never came', () => {
  expect(transactionText(silent, zh).split('\n').slice(2)).toEqual([
    '< -',
    '  无应答；收到 0 字节，应为 165；共 1000 ms',
  ]);
});

test('what was on the line besides is told: junk, echo, and an answer that came too late', () => {
  expect(transactionText({ ...junk, echoed: 8 }, en)).toContain('; 2 bytes of junk before; 8 bytes of echo');
  expect(transactionText(refused, en)).toContain(
    'refused by instrument (exception 2); first byte after 21.4 ms; last byte after 26.1 ms; 5 of 9 bytes; 34.4 ms in all; 9 bytes came too late',
  );
});

test('bytes that were cut are told', () => {
  expect(bytesShown(long.received, long.bytesReceived, en)).toMatch(/ 3E 3F … and 101 more bytes$/);
  expect(bytesShown('01', 1, en)).toBe('01');
});

test('one that talks unasked is told without a request', () => {
  const unasked = {
    ...answered,
    address: null,
    sent: '',
    bytesSent: 0,
    expected: null,
    firstByte: null,
    lastByte: null,
  };
  const [first, sent, , facts] = transactionText({ ...unasked, longestGap: null }, en).split('\n');
  expect([first?.includes('talks unasked'), sent, facts]).toEqual([true, '> -', '  answered; 9 bytes']);
});

test('the text to send names gateway, version, line, settings and zone, the slaves, and how much is held', () => {
  const transactions = sampleTrace();
  const startedAt = '2026-11-24T05:58:00.000+08:00';
  const trace: TracePicture = { link: 'rs485-1', startedAt, total: 9816, overwritten: 9811, transactions };
  const [head = '', ...blocks] = traceText(trace, troubledPicture(), en).split('\n\n');
  expect(head.split('\n')).toEqual([
    'Fenceline: transactions of a line',
    'Gateway: zl-0001',
    'Software: 0.1.0',
    'Line: rs485-1, Serial, 9600-8N1, /dev/serial/by-id/usb-FTDI_FT232R-if00-port0, Open',
    'Time zone: Asia/Shanghai',
    'Made at: 2026-11-24T11:45:33.320+08:00',
    `The newest 5 of 9,816 since ${startedAt}, newest last.`,
  ]);
  expect(blocks[0]?.split('\n')).toEqual([
    'slave address 1 (dust-1)',
    '  last 100 requests: answered 99; check sum wrong 1; Bytes of junk 9; Answer time 38.5 ms, at most 61.5 ms',
    '  5,216 since the start: answered 5214; check sum wrong 2; Bytes of junk 18',
    'slave address 2 (meter-1)',
    '  last 100 requests: silent 100',
    '  4,804 since the start: answered 4102; silent 702; Late 1',
  ]);
  expect(blocks.slice(1).map((block) => block.slice(0, 5))).toEqual(['#9812', '#9813', '#9814', '#9815', '#9816']);
});
