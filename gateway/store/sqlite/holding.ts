import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { HeldBoot, HeldRow } from '../holding-port.ts';
import type { HeldRelease } from '../worker-messages.ts';
import { numberOf, textOf, transact } from './database.ts';

/** Rows that one statement may let go of, so that a full table costs no long stall. */
const dropStep = 64;

/** What the bound took just now. */
interface HeldDropped {
  readonly readings: number;
}

/**
 * The table of what waits for the time. Rows are deflated text; `id` counts up over all boots, so the oldest row of all
 * is the one with the lowest; no id is ever used twice.
 */
export class HoldingTable {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #rows: StatementSync;
  #bytes: number;
  #count: number;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare('INSERT INTO held (boot, readings, first, last, body) VALUES (?, ?, ?, ?, ?)');
    this.#rows = database.prepare('SELECT * FROM held WHERE boot = ? AND id > ? ORDER BY id LIMIT ?');
    const { bytes, rows } = this.#size();
    this.#bytes = bytes;
    this.#count = rows;
  }

  /** Adds rows in one transaction, and lets go of the oldest past the bound. */
  hold(boot: string, rows: readonly HeldRow[], bound: { bytes: number; rows: number }): HeldDropped {
    try {
      return transact(this.#database, () => {
        const no = this.#bootNo(boot);
        for (const { text, readings, first, last } of rows) {
          const body = deflateRawSync(text);
          this.#insert.run(no, readings, first, last, body);
          this.#bytes += body.byteLength;
          this.#count += 1;
        }
        return this.#keepBound(bound);
      });
    } catch (error) {
      // What was rolled back was counted already.
      const { bytes, rows: count } = this.#size();
      this.#bytes = bytes;
      this.#count = count;
      throw error;
    }
  }

  rows(boot: string, after: number, limit: number): (HeldRow & { id: number })[] {
    const no = this.#database.prepare('SELECT no FROM held_boots WHERE id = ?').get(boot)?.no;
    if (no === undefined) return [];
    return this.#rows.all(numberOf(no), after, limit).map((row) => ({
      id: numberOf(row.id),
      readings: numberOf(row.readings),
      first: numberOf(row.first),
      last: numberOf(row.last),
      text: inflateRawSync(row.body as Uint8Array).toString('utf8'),
    }));
  }

  boots(): HeldBoot[] {
    return this.#database
      .prepare(
        `SELECT b.id, b.told, b.origin, b.dropped, b.dropped_from, b.dropped_until, count(h.id) AS rows,
           coalesce(sum(h.readings), 0) AS readings, min(h.first) AS first, max(h.last) AS last
         FROM held_boots b LEFT JOIN held h ON h.boot = b.no GROUP BY b.no ORDER BY b.no`,
      )
      .all()
      .map((row) => ({
        boot: textOf(row.id),
        rows: numberOf(row.rows),
        readings: numberOf(row.readings),
        first: row.first === null ? null : numberOf(row.first),
        last: row.last === null ? null : numberOf(row.last),
        dropped: numberOf(row.dropped),
        droppedFrom: row.dropped_from === null ? null : numberOf(row.dropped_from),
        droppedUntil: row.dropped_until === null ? null : numberOf(row.dropped_until),
        origin: row.origin === null ? null : numberOf(row.origin),
        told: numberOf(row.told) === 1,
      }));
  }

  /** Lets go of what became entries, within the transaction that commits them. */
  release({ boot, origin, done, left, tellsOthers }: HeldRelease): void {
    const no = this.#bootNo(boot);
    const remove = this.#database.prepare('DELETE FROM held WHERE id = ?');
    for (const id of done) remove.run(id);
    const rewrite = this.#database.prepare('UPDATE held SET readings = ?, first = ?, last = ?, body = ? WHERE id = ?');
    for (const { id, readings, first, last, text } of left)
      rewrite.run(readings, first, last, deflateRawSync(text), id);
    this.#database.prepare('UPDATE held_boots SET origin = coalesce(origin, ?) WHERE no = ?').run(origin, no);
    // What the bound took is accounted for by the gap at the beginning of the release.
    this.#database
      .prepare('UPDATE held_boots SET dropped = 0, dropped_from = NULL, dropped_until = NULL WHERE no = ?')
      .run(no);
    if (tellsOthers) this.#database.prepare('UPDATE held_boots SET told = 1 WHERE no <> ?').run(no);
    this.#database
      .prepare('DELETE FROM held_boots WHERE (no = ? OR told = 1) AND NOT EXISTS (SELECT 1 FROM held WHERE boot = no)')
      .run(no);
    const { bytes, rows } = this.#size();
    this.#bytes = bytes;
    this.#count = rows;
  }

  #size(): { bytes: number; rows: number } {
    const row = this.#database
      .prepare('SELECT coalesce(sum(length(body)), 0) AS bytes, count(*) AS rows FROM held')
      .get();
    return { bytes: numberOf(row?.bytes), rows: numberOf(row?.rows) };
  }

  #bootNo(boot: string): number {
    const known = this.#database.prepare('SELECT no FROM held_boots WHERE id = ?').get(boot)?.no;
    if (known !== undefined) return numberOf(known);
    const added = this.#database.prepare('INSERT INTO held_boots (id, told, dropped) VALUES (?, 0, 0)').run(boot);
    return Number(added.lastInsertRowid);
  }

  /** What is told already goes without a word: a gap record accounts for it. */
  #keepBound(bound: { bytes: number; rows: number }): HeldDropped {
    let dropped = 0;
    const oldest = this.#database.prepare(
      'SELECT h.id, h.boot, h.readings, h.first, h.last, length(h.body) AS bytes, b.told FROM held h JOIN held_boots b ON b.no = h.boot ORDER BY h.id LIMIT ?',
    );
    const remove = this.#database.prepare('DELETE FROM held WHERE id = ?');
    const count = this.#database.prepare(
      'UPDATE held_boots SET dropped = dropped + ?, dropped_from = coalesce(dropped_from, ?), dropped_until = max(coalesce(dropped_until, 0), ?) WHERE no = ?',
    );
    while (this.#bytes > bound.bytes || this.#count > bound.rows) {
      const rows = oldest.all(dropStep);
      if (rows.length === 0) break;
      for (const row of rows) {
        if (this.#bytes <= bound.bytes && this.#count <= bound.rows) break;
        remove.run(numberOf(row.id));
        this.#bytes -= numberOf(row.bytes);
        this.#count -= 1;
        if (numberOf(row.told) === 1) continue;
        dropped += numberOf(row.readings);
        count.run(numberOf(row.readings), numberOf(row.first), numberOf(row.last), numberOf(row.boot));
      }
    }
    return { readings: dropped };
  }
}
