import { LocalTime, readStamp } from '../clock.ts';
import type { ExportChoice } from '../contract/export/manifest.ts';
import { streams } from '../record/record.ts';
import { type NotReadable, StoreReader } from '../store/reader.ts';
import { Choice } from './choice.ts';
import { byteOrderMark, csvRow } from './csv/cells.ts';
import { tableWords } from './csv/table-words.ts';
import { type RowPlace, type Rows, Tables } from './csv/tables.ts';
import { ChainWalker } from './walk.ts';

/** Names of tables: one for each kind of period and factor, one for each factor's raw readings, one for all that happened. */
export const tableName = /^(?:(?:minute|hour|day|samples)-[a-z0-9][a-z0-9.-]{0,59}|events)$/;

/** One table of a site's store. */
export interface TableTask {
  readonly site: string;
  readonly timezone: string;
  readonly table: string;
  readonly choice: ExportChoice;
  readonly pointsOfInstruments: readonly string[];
  readonly language: 'zh' | 'en';
  readonly bom: boolean;
}

/** Characters that are given at once, about. */
const pieceLength = 65_536;

/**
 * One table as text, piece by piece, beside the running gateway. It takes from the store what is
 * there when it begins.
 */
export function* tableText(task: TableTask): Generator<string, NotReadable | undefined> {
  const reader = StoreReader.open(task.site);
  if ('fault' in reader) return reader;
  try {
    const { table, timezone, choice, pointsOfInstruments, language, bom } = task;
    const localTime = new LocalTime(timezone);
    const chosen = new Choice(choice, pointsOfInstruments);
    const tables = new Tables(tableWords[language], language, localTime, chosen);
    let text = `${bom ? byteOrderMark : ''}${csvRow(tables.headingsOf(table))}`;
    for (const rows of rowsOf(reader, chosen, localTime, tables)) {
      if (rows.table !== table) continue;
      text += rows.rows.map(csvRow).join('');
      if (text.length < pieceLength) continue;
      yield text;
      text = '';
    }
    if (text !== '') yield text;
    return undefined;
  } finally {
    reader.close();
  }
}

function* rowsOf(reader: StoreReader, chosen: Choice, localTime: LocalTime, tables: Tables): Generator<Rows> {
  const walker = new ChainWalker(reader, chosen, localTime, true);
  for (const stream of streams) {
    if (stream === 'samples' ? !chosen.takesSamples : !chosen.takesRecords) continue;
    for (const epoch of reader.epochs) {
      const chain = { stream, epoch, end: reader.last(stream, epoch) };
      for (const stretch of walker.stretches(chain, { next: walker.start(chain), hash: null })) {
        if (typeof stretch === 'number') continue;
        const newest = readStamp(stretch.committed) ?? 0;
        for (const { seq, entry } of stretch.entries) {
          if (entry === undefined) continue;
          const committedAt = (): number => Math.min(newest, reader.committedAt(stream, epoch, seq) ?? newest);
          const place: RowPlace = { epoch: epoch.id, seq, committedAt };
          yield* tables.rowsOf(entry, place);
        }
      }
    }
  }
}

/** The kinds and factors that a table is made of, so that nothing else is looked into. */
export function narrowed(choice: ExportChoice, table: string): ExportChoice {
  if (table === 'events') return { ...choice, kinds: ['event', 'gap', 'state', 'site', 'audit', 'key'] };
  const [, kind = '', factor = ''] = /^([a-z]+)-(.+)$/.exec(table) ?? [];
  return { ...choice, kinds: [kind], factors: [factor] };
}
