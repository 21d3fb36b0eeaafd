import type { DatabaseSync } from 'node:sqlite';
import { Labels, type LabelsState, type LabelsStep, nothingSaid } from '../../record/labels.ts';
import { numberOf, textOf } from './database.ts';

/** Which labels the records have spoken of. */
export function readLabels(database: DatabaseSync): LabelsState {
  const covered = database.prepare('SELECT until FROM covered').get();
  // A file that was set aside may be of a layout that has no `late`.
  const line = database.prepare('SELECT * FROM timeline').get();
  if (covered === undefined || line === undefined) return nothingSaid;
  return {
    until: numberOf(covered.until),
    said: JSON.parse(textOf(line.said)),
    earlier: JSON.parse(textOf(line.earlier)),
    revision: numberOf(line.revision),
    ...(typeof line.late === 'number' && line.late > 1 ? { late: line.late } : {}),
  };
}

/** Takes what a commit's records say, within its transaction. */
export function takeLabels(database: DatabaseSync, steps: readonly LabelsStep[]): void {
  const labels = new Labels(readLabels(database));
  for (const step of steps) labels.take(step);
  writeLabels(database, labels.state);
}

/** Puts this in the place of what is known of the labels, within the caller's transaction. */
export function writeLabels(database: DatabaseSync, { until, said, earlier, revision, late = 1 }: LabelsState): void {
  if (until === null) return;
  database
    .prepare('INSERT INTO covered (one, until) VALUES (1, ?) ON CONFLICT DO UPDATE SET until = excluded.until')
    .run(until);
  database
    .prepare('INSERT OR REPLACE INTO timeline (one, said, earlier, revision, late) VALUES (1, ?, ?, ?, ?)')
    .run(JSON.stringify(said), JSON.stringify(earlier), revision, late);
}
