import type { ReadPicture } from '../../http/lines/read-picture.ts';
import type { TransactionPicture } from '../../http/picture.ts';
import { transactionText } from '../../page/transaction-text.ts';
import { wordsOf } from '../../page/words/language.ts';
import { say, type Terminal } from '../terminal.ts';
import { type ReadWhere, readingsJson, readingsText } from './readings-text.ts';

/** What the caller wants of a reading. */
export interface Choice {
  /** Milliseconds from one round to the next; undefined to read once. */
  readonly every: number | undefined;
  readonly trace: boolean;
  readonly asJson: boolean;
}

/** Shows one round; returns how many values it brought. */
export function showRound(read: ReadPicture, where: ReadWhere, { trace, asJson }: Choice, terminal: Terminal): number {
  terminal.print(asJson ? readingsJson(read, trace) : readingsText(read, where, terminal.language));
  if (trace && !asJson && (where.hangsOn === 'nodes' || where.hangsOn === 'firmata')) {
    const en = `${where.link} is no line: there are no requests and answers to show`;
    terminal.complain(say({ en, zh: `${where.link} 不是串行线路，没有请求和应答可显示` }, terminal.language));
  }
  return read.readings.filter(({ value }) => value !== null).length;
}

/** Shows what went over the line, beside the readings, unless those are data that hold it already. */
export function showTransaction(transaction: TransactionPicture, { trace, asJson }: Choice, terminal: Terminal): void {
  if (trace && !asJson) terminal.complain(transactionText(transaction, wordsOf[terminal.language]));
}
