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
  if (where.hangsOn === 'nodes' && !asJson) tellAge(read, terminal);
  if (trace && !asJson && (where.hangsOn === 'nodes' || where.hangsOn === 'firmata')) {
    const en = `${where.link} is no line: there are no requests and answers to show`;
    terminal.complain(say({ en, zh: `${where.link} 不是串行线路，没有请求和应答可显示` }, terminal.language));
  }
  return read.readings.filter(({ value }) => value !== null).length;
}

/** A node is asked nothing: what is shown is the newest row that it sent. */
function tellAge({ readings }: ReadPicture, { complain, language }: Terminal): void {
  const newest = Math.max(...readings.flatMap(({ value, at }) => (value === null ? [] : [Date.parse(at)])));
  if (!Number.isFinite(newest)) return;
  const seconds = Math.max(0, Math.round((Date.now() - newest) / 1000));
  const en = `a node sends a row each period and cannot be asked: this one is of ${seconds} s ago`;
  complain(say({ en, zh: `节点按周期上报，不能即时读取：以上为 ${seconds} 秒前的一行` }, language));
}

/** Shows what went over the line, beside the readings, unless those are data that hold it already. */
export function showTransaction(transaction: TransactionPicture, { trace, asJson }: Choice, terminal: Terminal): void {
  if (trace && !asJson) terminal.complain(transactionText(transaction, wordsOf[terminal.language]));
}
