import { expect, test } from 'vitest';
import type { ReadPicture } from '../../http/lines/read-picture.ts';
import type { Terminal } from '../terminal.ts';
import { showRound } from './round.ts';

const nothing: ReadPicture = {
  instrument: 'io',
  at: '2026-11-24T08:00:00.000+08:00',
  took: 0,
  readings: [],
  transactions: [],
  omitted: 0,
};

test.each([
  ['firmata', ['board is no line: there are no requests and answers to show']],
  ['serial', []],
] as const)('--trace of what hangs on a link of kind %s says so where there are no bytes', (hangsOn, told) => {
  const complained: string[] = [];
  const terminal: Terminal = {
    ...{ language: 'en', input: process.stdin, print: () => undefined },
    complain: (text) => void complained.push(text),
  };
  const where = { link: 'board', settings: '', address: null, exception: null, hangsOn, linkFault: null };
  showRound(nothing, where, { every: undefined, trace: true, asJson: false }, terminal);
  expect(complained).toEqual(told);
});

test('of a node the age of its row is told, for it cannot be asked', () => {
  const complained: string[] = [];
  const terminal: Terminal = {
    ...{ language: 'zh', input: process.stdin, print: () => undefined },
    complain: (text) => void complained.push(text),
  };
  const at = '2026-11-24T08:00:00.000+08:00';
  const place = { point: 'gate', factor: 'pm10', zh: 'PM10', en: 'PM10', unit: 'µg/m³', decimals: 0 } as const;
  const mark = { value: 12, flag: 'N', reason: null, basis: null, origin: 'measured' } as const;
  const where = {
    link: 'nodes',
    settings: '',
    address: null,
    exception: null,
    hangsOn: 'nodes',
    linkFault: null,
  } as const;
  const round = { ...nothing, readings: [{ ...place, ...mark, at }] };
  showRound(round, where, { every: undefined, trace: false, asJson: false }, terminal);
  expect(complained).toEqual([expect.stringMatching(/^节点按周期上报，不能即时读取：以上为 \d+ 秒前的一行$/)]);
  showRound(round, where, { every: undefined, trace: false, asJson: true }, terminal);
  expect(complained).toHaveLength(1);
});
