import { DatabaseSync } from 'node:sqlite';
import type { LabelsState } from '../../../record/labels.ts';
import { type Stream, streams } from '../../../record/record.ts';
import type { SeqRanges } from '../../../record/seq-set.ts';
import type { SourceMark } from '../../delivery-port.ts';
import { epochOf, numberOf, placeOf, seqOf, textOf } from '../database.ts';
import { readMarks, readRevised } from '../delivered.ts';
import { type Epoch, readEpochs } from '../epochs.ts';
import { Gone, type GoneStretch } from '../gone.ts';
import { readLabels } from '../timeline.ts';

/** What an uplink had let go of a stream in an epoch. */
export interface LetGo {
  readonly uplink: string;
  readonly stream: Stream;
  readonly epochNo: number;
  readonly ranges: SeqRanges;
}

/** An entry that a platform refused for good. */
interface Refused {
  readonly uplink: string;
  readonly stream: Stream;
  readonly place: number;
  readonly reason: string;
  readonly at: number;
}

/**
 * What a damaged file still tells about itself besides its entries, by the database's own reading. A table that cannot
 * be read is undefined: then nothing of it is known, which is not the same as nothing being in it.
 */
export interface Remains {
  readonly epochs: readonly Epoch[] | undefined;
  /** Number of a site version to the version. */
  readonly sites: ReadonlyMap<number, string> | undefined;
  readonly letGo: readonly LetGo[] | undefined;
  readonly refused: readonly Refused[] | undefined;
  readonly gone:
    | readonly { readonly stream: Stream; readonly epochNo: number; readonly stretch: GoneStretch }[]
    | undefined;
  /** Which labels its records speak of. */
  readonly labels: LabelsState | undefined;
  /** How far its sources were heard. */
  readonly marks: readonly SourceMark[] | undefined;
  /** The minutes that it said anew. */
  readonly revised: readonly string[] | undefined;
  /** Seq of the newest entry of the newest epoch. */
  readonly last: { readonly [stream in Stream]: number | null };
}

const nothing: Remains = {
  epochs: undefined,
  sites: undefined,
  letGo: undefined,
  refused: undefined,
  gone: undefined,
  labels: undefined,
  marks: undefined,
  revised: undefined,
  last: { records: null, samples: null },
};

/** Reads what can be read. The file stays as it is. */
export function readRemains(file: string): Remains {
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: 1000 });
  } catch {
    return nothing;
  }
  try {
    const epochs = readable(() => readEpochs(database));
    return {
      epochs,
      sites: readable(() => readSites(database)),
      letGo: readable(() => readLetGo(database)),
      refused: readable(() => readRefused(database)),
      gone: readable(() => streamsGone(database)),
      labels: readable(() => readLabels(database)),
      marks: readable(() => readMarks(database)),
      revised: readable(() => readRevised(database)),
      last: { records: lastSeq(database, 'records', epochs), samples: lastSeq(database, 'samples', epochs) },
    };
  } finally {
    database.close();
  }
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    // Whatever it is, this table does not tell: it is damaged, or a row of it reads as nonsense.
    return undefined;
  }
}

function readSites(database: DatabaseSync): Map<number, string> {
  const rows = database.prepare('SELECT no, version FROM sites').all();
  return new Map(rows.map((row) => [numberOf(row.no), textOf(row.version)]));
}

function readLetGo(database: DatabaseSync): LetGo[] {
  const rows = database
    .prepare(
      'SELECT uplinks.id AS uplink, stream, epoch, let_go FROM claims JOIN uplinks ON uplinks.no = claims.uplink',
    )
    .all();
  return rows.map((row) => {
    const ranges: unknown = JSON.parse(textOf(row.let_go));
    if (!isSeqRanges(ranges)) throw new TypeError('not what an uplink let go');
    return { uplink: textOf(row.uplink), stream: streamOf(row.stream), epochNo: numberOf(row.epoch), ranges };
  });
}

function readRefused(database: DatabaseSync): Refused[] {
  const rows = database
    .prepare(
      'SELECT uplinks.id AS uplink, stream, place, reason, refused_at FROM refused JOIN uplinks ON uplinks.no = refused.uplink',
    )
    .all();
  return rows.map((row) => ({
    uplink: textOf(row.uplink),
    stream: streamOf(row.stream),
    place: numberOf(row.place),
    reason: textOf(row.reason),
    at: numberOf(row.refused_at),
  }));
}

function streamsGone(database: DatabaseSync): NonNullable<Remains['gone']> {
  const rows = database.prepare('SELECT stream, last FROM gone ORDER BY stream, last').all();
  const tables = { records: new Gone(database, 'records'), samples: new Gone(database, 'samples') };
  return rows.flatMap((row) => {
    const [stream, place] = [streamOf(row.stream), numberOf(row.last)];
    const epochNo = epochOf(place);
    const [stretch] = tables[stream].back({ no: epochNo, id: '', gateway: '' }, seqOf(place), 1);
    return stretch === undefined ? [] : [{ stream, epochNo, stretch }];
  });
}

function lastSeq(database: DatabaseSync, stream: Stream, epochs: readonly Epoch[] | undefined): number | null {
  const epoch = epochs?.at(-1);
  if (epoch === undefined) return null;
  const places = readable(() =>
    database
      .prepare(`SELECT max(last) AS last FROM ${stream}_blocks WHERE last BETWEEN ? AND ?`)
      .get(placeOf(epoch.no, 0), placeOf(epoch.no + 1, 0) - 1),
  );
  return typeof places?.last === 'number' ? seqOf(places.last) : null;
}

function streamOf(value: unknown): Stream {
  const stream = streams.find((one) => one === value);
  if (stream === undefined) throw new TypeError('not a stream');
  return stream;
}

function isSeqRanges(value: unknown): value is SeqRanges {
  const isSeq = (one: unknown): boolean => typeof one === 'number' && Number.isSafeInteger(one) && one > 0;
  return (
    Array.isArray(value) && value.every((range) => Array.isArray(range) && range.length === 2 && range.every(isSeq))
  );
}
