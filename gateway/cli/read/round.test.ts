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
