import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { numberOf, textOf } from './database.ts';

/** A run of sequence numbers without a break. */
export interface Epoch {
  /** Ordinal: the number before the dash of its id. */
  readonly no: number;
  /** `ordinal-random`, such as `1-3f9a2c71`. */
  readonly id: string;
  /** The gateway's id while it ran: the chain starts from it. */
  readonly gateway: string;
}

/** All epochs the database knows, oldest first. */
export function readEpochs(database: DatabaseSync): Epoch[] {
  return database
    .prepare('SELECT no, id, gateway FROM epochs ORDER BY no')
    .all()
    .map((row) => ({ no: numberOf(row.no), id: textOf(row.id), gateway: textOf(row.gateway) }));
}

/** Enters a new epoch, within the caller's transaction. */
export function beginEpoch(database: DatabaseSync, no: number, gateway: string, now: number, why: string): Epoch {
  const id = `${no}-${randomBytes(4).toString('hex')}`;
  database
    .prepare('INSERT INTO epochs (no, id, gateway, begun_at, why) VALUES (?, ?, ?, ?, ?)')
    .run(no, id, gateway, now, why);
  return { no, id, gateway };
}

/** The number of a site version, entered if it is new, within the caller's transaction. */
export function siteNumber(database: DatabaseSync, version: string): number {
  const known = database.prepare('SELECT no FROM sites WHERE version = ?').get(version);
  if (known !== undefined) return numberOf(known.no);
  return Number(database.prepare('INSERT INTO sites (version) VALUES (?)').run(version).lastInsertRowid);
}

/** The site version with that number. */
export function siteVersion(database: DatabaseSync, no: number): string {
  return textOf(database.prepare('SELECT version FROM sites WHERE no = ?').get(no)?.version);
}
