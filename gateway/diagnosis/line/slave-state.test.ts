import { expect, test } from 'vitest';
import { transaction, unanswered } from '../../../test-rigs/surroundings/sample-transactions.ts';
import { SlaveState } from './slave-state.ts';

test('outcomes are counted since the start and over the last hundred requests; what did not occur is left out', () => {
  const slave = new SlaveState(1);
  for (let time = 0; time < 150; time++) slave.transaction('dust-1', unanswered());
  for (let time = 0; time < 60; time++) slave.transaction('dust-1', transaction());
  slave.transaction('dust-1', transaction({ outcome: 'crc' }));
  const { total, recent } = slave.picture();
  expect(total).toMatchObject({ requests: 211, outcomes: { ok: 60, 'no-bytes': 150, crc: 1 } });
  expect(recent).toMatchObject({ requests: 100, outcomes: { ok: 60, 'no-bytes': 39, crc: 1 } });
  expect(Object.keys(recent.outcomes)).toEqual(['ok', 'no-bytes', 'crc']);
});

test('times are those of answers, median and largest, and none where there was no answer', () => {
  const slave = new SlaveState(1);
  slave.transaction('dust-1', unanswered());
  expect(slave.picture()).toMatchObject({ response: null, firstByte: null });
  for (const lastByte of [30, 50, 40, 100])
    slave.transaction('dust-1', transaction({ firstByte: lastByte - 10, lastByte }));
  slave.transaction('dust-1', transaction({ outcome: 'crc', firstByte: 500, lastByte: 900 }));
  expect(slave.picture()).toMatchObject({
    response: { median: 45, largest: 100 },
    firstByte: { median: 35, largest: 90 },
  });
});

test('the first byte of an echo is not taken for the slave’s', () => {
  const slave = new SlaveState(1);
  slave.transaction('dust-1', transaction({ echoed: 8, firstByte: 0.1, lastByte: 40 }));
  expect(slave.picture()).toMatchObject({ response: { median: 40 }, firstByte: null });
});

test('junk is counted in bytes, echoes and late answers in transactions', () => {
  const slave = new SlaveState(1);
  slave.transaction('dust-1', transaction({ junkBefore: 2, junkAfter: 3 }));
  slave.transaction('dust-1', transaction({ echoed: 8 }));
  slave.transaction('dust-1', unanswered({ outcome: 'echo', echoed: 0 }));
  slave.transaction('dust-1', transaction({ late: 9 }));
  expect(slave.picture().total).toMatchObject({ junk: 5, echoes: 2, late: 1 });
});

test('two instruments under one slave address share its row', () => {
  const slave = new SlaveState(7);
  for (const instrument of ['meter-1', 'meter-2', 'meter-1']) slave.transaction(instrument, transaction());
  expect(slave.picture()).toMatchObject({ address: 7, instruments: ['meter-1', 'meter-2'], total: { requests: 3 } });
});
