import { type NodeRow, type NodeRows, readNodeRows } from '../../../../device-profiles/node-message.ts';
import type { Clock, Monotonic, WallTime } from '../../../clock.ts';
import type { Reading } from '../../../reading/reading.ts';
import type { Moment } from '../../instrument.ts';
import type { JsonValue, Keeping, NodeMark, RowEvent, TakenRow } from './keeping.ts';
import { NodeStart } from './node-start.ts';
import type { NodeTroubles } from './node-troubles.ts';
import { type NodeInstrument, readingsOfRow } from './row-readings.ts';
import { clockOff, type RowTime, timeOfRow } from './row-time.ts';

export interface NodeRowsOptions {
  readonly node: string;
  readonly instruments: readonly NodeInstrument[];
  readonly clock: Clock;
  /** Whether the node was told the time that holds now. */
  readonly isTold: () => boolean;
  readonly keeping: Keeping;
  readonly troubles: NodeTroubles;
}

/** More starts than a node makes in months of starting again and again: a counter that is ahead by more is nonsense. */
const mostStarts = 1_000_000;

/** A row that is not had, with its number; one that is none as it came. */
interface FreshRow {
  readonly seq: number;
  readonly row: NodeRow | null;
  readonly raw: unknown;
}

/** The newest row of each instrument. */
interface Newest {
  readonly seenAt: Monotonic;
  readonly readings: readonly Reading[];
}

/** What became of a message: `again` where all of it is had already, so that the node should hear so once more. */
export type Outcome = 'taken' | 'again' | 'not-now' | 'refused';

/**
 * The rows of one node: told apart from those that came before by boot and number, put at the time at which they were
 * measured, and handed on. What cannot be a row, or has no time, goes into the records as it came, and is had then.
 */
export class NodeRowsReader {
  readonly #options: NodeRowsOptions;
  readonly #newest = new Map<string, Newest>();
  readonly #start = new NodeStart();
  /** The last row that was looked at, and its length. */
  #last = { boot: 0, seq: 0, length: Number.NaN };
  #had: NodeMark | null;
  /** The last that was handed on. */
  #taken: NodeMark | null;

  constructor(options: NodeRowsOptions, had: NodeMark | null) {
    this.#options = options;
    this.#had = had;
    this.#taken = had;
  }

  get had(): NodeMark | null {
    return this.#had;
  }

  /** The newest readings of an instrument; none before the first row. */
  newestOf(instrument: string): Newest | undefined {
    return this.#newest.get(instrument);
  }

  nowHad(mark: NodeMark): void {
    this.#had = mark;
    if (isBefore(this.#taken, mark)) this.#taken = mark;
  }

  forgotten(upTo: NodeMark | null): void {
    this.#taken = upTo ?? this.#had;
  }

  /** It connected anew. */
  connected(): void {
    this.#start.forget();
  }

  /** It said of which start it is, and how many seconds of it had passed. */
  heard(boot: number, uptime: number, at: Monotonic): void {
    this.#start.heard(boot, uptime, at);
  }

  /** Takes a message that came at that moment. */
  take(payload: Uint8Array, at: Monotonic): Outcome {
    const { clock, troubles, instruments, keeping, node } = this.#options;
    const message = readNodeRows(Buffer.from(payload).toString('utf8'));
    if (message === undefined) {
      troubles.tell('malformed', 'rows: not the layout that this gateway knows; update the firmware of the node');
      return 'refused';
    }
    if (message.unreadable.length > 0) {
      troubles.tell('malformed', 'rows: some are no rows; they are kept as they came', message.unreadable.length);
    }
    const refused = this.#whyRefused(message);
    if (refused !== null) {
      troubles.tell(refused.trouble, refused.why);
      return 'refused';
    }
    const sent = this.#sentAt(message, at);
    const fresh = this.#fresh(message);
    if (fresh.length === 0) return 'again';
    if (clock.isKnown?.() === false || instruments.length === 0) {
      this.#showNewest(message, sent);
      return 'not-now';
    }
    this.#tellClock(message, sent);
    this.#tellPeriod(message);
    // Judging remembers what it has seen: only what is taken is judged.
    if (!keeping.hasRoom(node, fresh.length)) return 'not-now';
    const rows = this.#takenRows(message, fresh, sent);
    if (!keeping.take(node, rows)) return 'not-now';
    const last = rows.at(-1) as TakenRow;
    this.#taken = { source: node, boot: last.boot, seq: last.seq };
    this.#show(last.readings, sent);
    return 'taken';
  }

  /** When it was sent: its own seconds say so better than when it came. */
  #sentAt({ boot, uptime }: NodeRows, came: Monotonic): Moment {
    const { clock } = this.#options;
    const monotonic = uptime === null ? came : this.#start.heard(boot, uptime, came);
    return { at: Math.round(clock.wall() - (clock.monotonic() - monotonic)) as WallTime, monotonic };
  }

  /** A message of which nothing must be taken: what it says would cut off all that follows, or stand in its place. */
  #whyRefused(message: NodeRows): { trouble: 'replayed-boot' | 'malformed'; why: string } | null {
    const { boot, uptime } = message;
    const { boot: before, seq } = this.#taken ?? { boot, seq: 0 };
    if (uptime !== null && boot < before) {
      const why = `says that it is in its start ${boot}, and was in ${before} before: a copy of it, or its counter was lost; adopt it again`;
      return { trouble: 'replayed-boot', why };
    }
    if (boot - before > mostStarts) {
      const why = `rows of start ${boot} cannot follow those of ${before}: its counter is damaged; adopt it under another name`;
      return { trouble: 'malformed', why };
    }
    if (!hasMoreRowsThanSeconds(message, boot === before ? seq : 0)) return null;
    return {
      trouble: 'malformed',
      why: `rows: start ${boot} was not long enough for their numbers; update the firmware of the node`,
    };
  }

  /** Those that are not had and not handed on, by their number. */
  #fresh({ boot, rows, unreadable }: NodeRows): FreshRow[] {
    const known = rows.map((row) => ({ seq: row.seq, row, raw: null }));
    const none = unreadable.flatMap(({ seq, raw }) => (seq === null ? [] : [{ seq, row: null, raw }]));
    const all = [...known, ...none].sort((a, b) => a.seq - b.seq);
    const { node } = this.#options;
    return all.filter(
      ({ seq }, index) => seq !== all[index - 1]?.seq && isBefore(this.#taken, { source: node, boot, seq }),
    );
  }

  #takenRows(message: NodeRows, fresh: readonly FreshRow[], sent: Moment): TakenRow[] {
    const { keeping, instruments } = this.#options;
    const { boot } = message;
    let before = this.#taken;
    const told = new Set<RowTime>();
    return fresh.map(({ seq, row }) => {
      const records: RowEvent[] = [...this.#lostBefore(before, boot, seq)];
      before = { source: this.#options.node, boot, seq };
      const time = row === null ? 'impossible' : timeOfRow(row, message, sent);
      if (row !== null && typeof time === 'object') {
        const readings = instruments.flatMap((one) => keeping.judge(readingsOfRow(one, row, time)));
        return { boot, seq, readings, records };
      }
      // One record for all of a message; the first of them carries it.
      if (!told.has(time)) records.push(this.#asTheyCame(message, fresh, sent, time));
      told.add(time);
      return { boot, seq, readings: [], records };
    });
  }

  /** Rows that cannot be placed in time, for the records. */
  #asTheyCame(message: NodeRows, fresh: readonly FreshRow[], sent: Moment, time: RowTime): RowEvent {
    const rows = fresh.flatMap(({ row, raw }) => {
      const its = row === null ? 'impossible' : timeOfRow(row, message, sent);
      return its === time ? [asJson(row ?? raw)] : [];
    });
    const { boot } = message;
    const columns = [...message.columns];
    if (time === 'impossible') return this.#event('node-rows-refused', { boot, columns, rows });
    this.#options.troubles.tell(
      'rows-without-time',
      `rows of start ${boot}, which never learned the time, stand in the records`,
      rows.length,
    );
    return this.#event('node-rows-without-time', { boot, columns, rows });
  }

  #lostBefore(before: NodeMark | null, boot: number, seq: number): RowEvent[] {
    if (before === null) return [];
    const first = boot === before.boot ? before.seq + 1 : 1;
    if (seq <= first) return [];
    const count = seq - first;
    this.#options.troubles.tell(
      'rows-lost',
      `rows ${first} to ${seq - 1} of start ${boot} are not on it any more`,
      count,
    );
    return [this.#event('node-rows-lost', { boot, first, last: seq - 1 })];
  }

  #event(event: RowEvent['event'], details: { readonly [name: string]: JsonValue }): RowEvent {
    return { kind: 'event', event, details: { node: this.#options.node, ...details }, revision: 1 };
  }

  #tellClock(message: NodeRows, sent: Moment): void {
    const off = clockOff(message, sent);
    // The one that differs may be ours, which was set a moment ago.
    if (off === null || (message.uptime !== null && !this.#options.isTold())) return;
    const seconds = Math.round(off / 1000);
    const how = message.uptime === null ? 'its rows of an earlier start have no time' : 'the age that it tells counts';
    this.#options.troubles.tell('clock-doubtful', `its clock is ${seconds} s off ours; ${how}`);
  }

  /**
   * Parts of a period stand alone: two rows of one start that follow each other and have one length are its period. A row
   * that comes again, and the parts before and after a restart, say nothing of it.
   */
  #tellPeriod({ boot, rows }: NodeRows): void {
    const { instruments, troubles } = this.#options;
    const every = (instruments[0]?.settings.every ?? 0) / 1000;
    for (const { seq, length } of rows) {
      const last = this.#last;
      const isNext = boot === last.boot && seq === last.seq + 1;
      const isPeriod = isNext && Math.abs(length - last.length) <= 1;
      this.#last = { boot, seq, length };
      if (!isPeriod || Math.abs(length - every) <= 1) continue;
      troubles.tell(
        'other-period',
        `averages over ${length} s, and the site says "every": "${every}s"; make them the same`,
      );
      return;
    }
  }

  /** The newest row of a message that is not taken, for whoever looks; it is judged when it is. */
  #showNewest(message: NodeRows, sent: Moment): void {
    const row = message.rows.at(-1);
    const time = row === undefined ? 'unknown' : timeOfRow(row, message, sent);
    if (row === undefined || typeof time !== 'object') return;
    this.#show(
      this.#options.instruments.flatMap((instrument) => readingsOfRow(instrument, row, time)),
      sent,
    );
  }

  #show(all: readonly Reading[], sent: Moment): void {
    for (const [instrument, readings] of Map.groupBy(all, (one) => one.instrument)) {
      this.#newest.set(instrument, { seenAt: sent.monotonic, readings });
      this.#options.keeping.show(readings);
    }
  }
}

/** A row takes a second or more, so none has a number above the seconds from the start to its end. */
function hasMoreRowsThanSeconds({ rows, unreadable, uptime }: NodeRows, taken: number): boolean {
  const end = ({ start, length }: NodeRow): number => start + length;
  const last = Math.max(taken + rows.length + unreadable.length, uptime ?? 0, ...rows.map(end));
  return rows.some((row) => row.seq > end(row)) || unreadable.some(({ seq }) => (seq ?? 0) > last);
}

/** Whether a mark leaves that row open. */
function isBefore(mark: NodeMark | null, row: NodeMark): boolean {
  return mark === null || row.boot > mark.boot || (row.boot === mark.boot && row.seq > mark.seq);
}

/** As it came, in the order of the columns. */
function asJson(row: unknown): JsonValue {
  if (row === null || typeof row !== 'object' || Array.isArray(row)) return row as JsonValue;
  const { seq, start, length, frames, samples, values } = row as NodeRow;
  return [seq, start, length, frames, samples, ...values.values()];
}
