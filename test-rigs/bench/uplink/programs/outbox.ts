import { DatabaseSync } from 'node:sqlite';
import mqtt from 'mqtt';
import { canonicalJson } from '../../../../gateway/record/canonical.ts';
import { childPlan, serveParent } from '../../measure/child-program.ts';
import { SiteMinutes } from '../site-minutes.ts';

export interface OutboxPlan {
  readonly file: string;
  readonly url: string;
  readonly points: 8 | 10 | 50;
  readonly minutes: number;
}

/*
 * What one writes in an afternoon: a table, fifty rows to a message, twenty messages under way, rows deleted at their
 * PUBACK. No chain, no signature, no compression, nothing that tells whether a platform has them.
 */
const rowsPerMessage = 50;
const window = 20;
const { file, url, points, minutes } = childPlan<OutboxPlan>();
const database = new DatabaseSync(file);
database.exec(
  'PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; CREATE TABLE outbox (id INTEGER PRIMARY KEY, body TEXT)',
);
const insert = database.prepare('INSERT INTO outbox (body) VALUES (?)');
const site = new SiteMinutes(points, 7);
let records = 0;
for (let minute = 0; minute < minutes; minute++) {
  database.exec('BEGIN');
  for (const record of site.minute()) {
    insert.run(canonicalJson(record));
    records += 1;
  }
  database.exec('COMMIT');
}

// Filling is not measured; from here on a delete is as durable as in our own store.
database.exec('PRAGMA synchronous = FULL');
const page = database.prepare('SELECT id, body FROM outbox WHERE id > ? ORDER BY id LIMIT ?');
const gone = database.prepare('DELETE FROM outbox WHERE id <= ?');

async function drain(): Promise<{ milliseconds: number; bytes: number }> {
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, writeCache: false });
  const began = performance.now();
  const underWay: Promise<number>[] = [];
  let [last, bytes] = [0, 0];
  for (;;) {
    const rows = page.all(last, rowsPerMessage) as { id: number; body: string }[];
    if (rows.length > 0) {
      last = rows.at(-1)?.id ?? last;
      const [payload, upTo] = [`[${rows.map(({ body }) => body).join(',')}]`, last];
      bytes += payload.length;
      underWay.push(client.publishAsync('outbox/data', payload, { qos: 1 }).then(() => upTo));
    }
    if (underWay.length >= window || rows.length === 0) {
      const upTo = await underWay.shift();
      if (upTo === undefined) break;
      gone.run(upTo);
    }
  }
  const milliseconds = performance.now() - began;
  await client.endAsync();
  return { milliseconds, bytes };
}

serveParent({ ready: { records }, answers: { drain } });
