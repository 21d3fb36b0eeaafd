import type { DatabaseSync } from 'node:sqlite';
import { readStamp } from '../../clock.ts';
import type { PeriodRecord } from '../../record/record.ts';
import type { MinuteOfSeries, SourceMark } from '../delivery-port.ts';
import type { SaidText } from '../worker-messages.ts';
import { numberOf, textOf } from './database.ts';
import type { Epoch } from './epochs.ts';
import type { Seal, StreamTable } from './stream-table.ts';

/** Entries that a look for what was said reads at most: much more than a minute and what is committed beside it. */
const deepest = 20_000;
/** Minutes said anew are kept at hand so long: no source keeps its readings longer. */
const kept = 40 * 24 * 3_600_000;

/** How far the sources are heard. */
export function readMarks(database: DatabaseSync): SourceMark[] {
  const rows = database.prepare('SELECT source, boot, seq FROM marks ORDER BY source').all();
  return rows.map(({ source, boot, seq }) => ({ source: textOf(source), boot: numberOf(boot), seq: numberOf(seq) }));
}

/** Puts the marks forward, within the caller's transaction; none ever goes back. */
export function writeMarks(database: DatabaseSync, marks: readonly SourceMark[]): void {
  const write = database.prepare(
    `INSERT INTO marks (source, boot, seq) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET boot = excluded.boot, seq = excluded.seq
     WHERE excluded.boot > boot OR (excluded.boot = boot AND excluded.seq > seq)`,
  );
  for (const { source, boot, seq } of marks) write.run(source, boot, seq);
}

/** Keeps minutes that stand elsewhere than where a minute is looked for, within the transaction that commits them. */
export function noteRevised(database: DatabaseSync, texts: readonly string[], now: number): void {
  if (texts.length === 0) return;
  const write = database.prepare(
    'INSERT INTO revised (minute, point, factor, entry) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET entry = excluded.entry',
  );
  for (const text of texts) {
    const { from, point, factor } = JSON.parse(text) as PeriodRecord;
    write.run(readStamp(from) ?? 0, point, factor, text);
  }
  database.prepare('DELETE FROM revised WHERE minute < ?').run(now - kept);
}

/** What is kept so. */
export function readRevised(database: DatabaseSync): string[] {
  return database
    .prepare('SELECT entry FROM revised')
    .all()
    .map(({ entry }) => textOf(entry));
}

/** The records of a store: epochs, oldest first, and the table that holds them. */
interface Records {
  readonly database: DatabaseSync;
  readonly epochs: readonly Epoch[];
  readonly table: StreamTable;
}

/**
 * The newest word on each minute: what was said anew is at hand; what was said once stands in the first commits after
 * the minute ended, where the commit times lead, since they never run backwards.
 */
export function saidOf(records: Records, minutes: readonly MinuteOfSeries[]): SaidText[] {
  const revised = records.database.prepare('SELECT entry FROM revised WHERE minute = ? AND point = ? AND factor = ?');
  const found = new Map<number, SaidText>();
  minutes.forEach(({ from, point, factor }, index) => {
    const row = revised.get(from, point, factor);
    if (row !== undefined) found.set(index, { text: textOf(row.entry) });
  });
  const open = minutes.flatMap((minute, index) => (found.has(index) ? [] : [{ ...minute, index }]));
  for (const [from, group] of Map.groupBy(open, (one) => one.from)) {
    const wanted = new Map(group.map(({ point, factor, index }) => [`${point} ${factor}`, index]));
    lookFor(records, from, wanted, (index, said) => found.set(index, said));
  }
  return minutes.map((_, index) => found.get(index) ?? 'unknown');
}

/** A minute, or a gap, which has `to`. */
interface Word {
  readonly kind: string;
  readonly from: string;
  readonly to?: string;
  readonly point?: string;
  readonly factor?: string;
  readonly revision: number;
}

/**
 * Reads on from where the minute may stand, until every series of it was found, or a gap that stands for it. All series
 * that the site expected are said in one commit, so a commit that speaks of the minute and not of a series tells that
 * nothing was said of that one: it was not expected then, or the minute is one of before the first start.
 */
function lookFor(
  records: Records,
  from: number,
  wanted: Map<string, number>,
  tell: (index: number, said: SaidText) => void,
): void {
  let left = deepest;
  let spokenAt: number | undefined;
  let isWhole = true;
  for (const { texts, committedAt, isNext } of blocksAfter(records, from)) {
    if (left <= 0) return;
    if (spokenAt !== undefined && isWhole && committedAt > spokenAt) break;
    isWhole &&= isNext;
    for (const text of texts) {
      if (!text.includes('"kind":"minute"') && !text.includes('"kind":"gap"')) continue;
      const entry = JSON.parse(text) as Word;
      const start = readStamp(entry.from) ?? 0;
      const isGap = entry.kind === 'gap' && start <= from && from < (readStamp(entry.to ?? '') ?? 0);
      if (isGap) {
        for (const index of wanted.values()) tell(index, { gap: entry.revision });
        return;
      }
      if (entry.kind !== 'minute' || start !== from) continue;
      spokenAt ??= committedAt;
      const key = `${entry.point} ${entry.factor}`;
      const index = wanted.get(key);
      if (index === undefined) continue;
      tell(index, { text });
      wanted.delete(key);
      if (wanted.size === 0) return;
    }
    left -= texts.length;
  }
  if (spokenAt !== undefined && isWhole) for (const index of wanted.values()) tell(index, { gap: 0 });
}

interface Block {
  readonly texts: readonly string[];
  readonly committedAt: number;
  /** False where something that stood just before it is not held any more, or it cannot be read. */
  readonly isNext: boolean;
}

/** Every block that was committed at that time or later, oldest first. */
function* blocksAfter({ epochs, table }: Records, time: number): Generator<Block> {
  for (const epoch of epochs) {
    const tail = table.tail(epoch);
    if (tail.committedAt < time) continue;
    for (let seal = firstAfter(table, epoch, tail.seq, time); seal !== undefined; ) {
      const texts = table.texts(epoch, seal);
      const isNext = texts !== undefined && !isGoneSince(table, epoch, seal.first - 1, time);
      yield { texts: texts ?? [], committedAt: seal.committedAt, isNext };
      seal = table.blockFrom(epoch, seal.last + 1);
    }
  }
}

/** Whether what stood there is not held any more, and was committed at that time or later. */
function isGoneSince(table: StreamTable, epoch: Epoch, seq: number, time: number): boolean {
  const seal = seq < 1 ? undefined : table.sealOver(epoch, seq);
  return seal !== undefined && seal.gone !== null && seal.committedAt >= time;
}

/** The first block of the epoch committed at that time or later. */
function firstAfter(table: StreamTable, epoch: Epoch, last: number, time: number): Seal | undefined {
  let [low, high] = [1, last];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const block = table.blockFrom(epoch, middle);
    if (block === undefined || block.committedAt >= time) high = middle;
    else low = Math.min(block.last + 1, high);
  }
  return table.blockFrom(epoch, low);
}
