import type { DatabaseSync } from 'node:sqlite';
import { epochOf } from '../database.ts';
import { siteNumber } from '../epochs.ts';
import { Gone } from '../gone.ts';
import type { Salvage } from './salvage.ts';

/**
 * Makes the recovered epochs part of the store: their names, what each uplink had let go, what was refused and what was
 * let go on purpose. Within the caller's transaction; the blocks are there already.
 */
export function takeOver(database: DatabaseSync, { epochs, remains, marker }: Salvage): void {
  const known = new Map(epochs.map((epoch) => [epoch.no, epoch]));
  const insertEpoch = database.prepare(
    'INSERT INTO epochs (no, id, gateway, begun_at, why) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  for (const { no, id, gateway } of epochs) insertEpoch.run(no, id, gateway, marker.setAsideAt, 'recovered');
  const numberOfUplink = uplinkNumbers(database);
  const insertClaim = database.prepare(
    'INSERT INTO claims (uplink, stream, epoch, let_go) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  for (const { uplink, stream, epochNo, ranges } of remains.letGo ?? []) {
    if (known.has(epochNo)) insertClaim.run(numberOfUplink(uplink), stream, epochNo, JSON.stringify(ranges));
  }
  const insertRefused = database.prepare(
    'INSERT INTO refused (uplink, stream, place, reason, refused_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  for (const { uplink, stream, place, reason, at } of remains.refused ?? []) {
    if (known.has(epochOf(place))) insertRefused.run(numberOfUplink(uplink), stream, place, reason, at);
  }
  const tables = { records: new Gone(database, 'records'), samples: new Gone(database, 'samples') };
  for (const { stream, epochNo, stretch } of remains.gone ?? []) {
    const epoch = known.get(epochNo);
    if (epoch === undefined) continue;
    const version = remains.sites?.get(stretch.site) ?? 'unknown';
    tables[stream].add(epoch, { ...stretch, site: siteNumber(database, version) });
  }
}

function uplinkNumbers(database: DatabaseSync): (id: string) => number {
  const insert = database.prepare('INSERT INTO uplinks (id) VALUES (?) ON CONFLICT DO NOTHING');
  const select = database.prepare('SELECT no FROM uplinks WHERE id = ?');
  return (id) => {
    insert.run(id);
    return Number(select.get(id)?.no);
  };
}
