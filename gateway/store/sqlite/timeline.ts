import type { DatabaseSync } from 'node:sqlite';
import type { Coverage } from '../holding-port.ts';
import type { Covered } from '../worker-messages.ts';
import { numberOf } from './database.ts';

/** How far the records reach; see {@link Coverage}. */
export function readCoverage(database: DatabaseSync): Coverage {
  const covered = database.prepare('SELECT until FROM covered').get();
  const line = database.prepare('SELECT since, revision, said_from, said_to FROM timeline').get();
  const again = {
    revision: numberOf(line?.revision ?? 1),
    from: numberOf(line?.said_from ?? 0),
    to: numberOf(line?.said_to ?? 0),
  };
  return {
    since: line === undefined ? null : numberOf(line.since),
    until: covered === undefined ? null : numberOf(covered.until),
    again: again.from < again.to ? again : null,
  };
}

/** Moves it on, within the transaction of the commit; back where the clock was set back. */
export function writeCoverage(database: DatabaseSync, { since, until, again }: Covered): void {
  const further = again === null ? 'max(until, excluded.until)' : 'excluded.until';
  database
    .prepare(`INSERT INTO covered (one, until) VALUES (1, ?) ON CONFLICT DO UPDATE SET until = ${further}`)
    .run(until);
  database
    .prepare(
      'INSERT INTO timeline (one, since, revision, said_from, said_to) VALUES (1, ?, 1, 0, 0) ON CONFLICT DO UPDATE SET since = min(since, excluded.since)',
    )
    .run(since);
  if (again === null) return;
  database
    .prepare('UPDATE timeline SET revision = ?, said_from = ?, said_to = ?')
    .run(again.revision, again.from, again.to);
}
