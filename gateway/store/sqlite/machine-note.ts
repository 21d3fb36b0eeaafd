import type { DatabaseSync } from 'node:sqlite';
import { textOf } from './database.ts';

/*
 * The machine that a store was last written on. Names of machines are `kind:value`; two of different kinds cannot be
 * compared, and then nobody can tell.
 */

const name = 'machine';

function notedMachine(database: DatabaseSync): string | undefined {
  const row = database.prepare('SELECT value FROM notes WHERE name = ?').get(name);
  return row === undefined ? undefined : textOf(row.value);
}

/** Whether the store is known to have been written on a machine other than this one. */
export function isOfAnotherMachine(database: DatabaseSync, machine: string | null): boolean {
  const noted = notedMachine(database);
  if (noted === undefined || machine === null || noted === machine) return false;
  return noted.split(':')[0] === machine.split(':')[0];
}

/** From now on the store is this machine's. */
export function noteMachine(database: DatabaseSync, machine: string | null): void {
  if (machine === null || notedMachine(database) === machine) return;
  database
    .prepare('INSERT INTO notes (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
    .run(name, machine);
}
