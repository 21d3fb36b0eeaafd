import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ExportedSite, exportedSite, minutes } from '../../test-rigs/surroundings/exported-site.ts';
import { type Clock, systemClock, type WallTime } from '../clock.ts';
import { exportedFileOf, exportedText, readExported } from './exported.ts';
import type { Leaving, StoreEvent } from './port.ts';
import { StoreReader, storeFileOf } from './reader.ts';

const day = 86_400_000;
const years5 = 5 * 365.25 * day;
const start = Date.UTC(2026, 0, 1);
let site: ExportedSite;
let events: StoreEvent[];
beforeEach(async () => {
  site = await exportedSite();
  events = [];
});
afterEach(() => rmSync(site.root, { recursive: true, force: true }));

/** A minute passes with every look at the clock, so that growth is known soon. */
function clockAt(time: number, step = 0): Clock {
  let looks = 0;
  return { ...systemClock, wall: () => (time + step * looks++) as WallTime };
}

const observe = (event: StoreEvent): void => void events.push(event);

/** What the store of that long ago says of itself, without a gateway. */
function leaving(uplinks: readonly string[] = []): Leaving | null {
  const reader = StoreReader.open(site.directory);
  if ('fault' in reader) throw new Error(reader.message);
  try {
    return reader.leaving(uplinks, years5);
  } finally {
    reader.close();
  }
}

test('records that nobody has are told a month before age takes them, not earlier', async () => {
  await site.append(minutes(10), 0, { clock: clockAt(start) });
  await site.append(minutes(10, 100), 0, { clock: clockAt(start + years5 - 40 * day) });
  expect(leaving()).toBe(null);
  await site.append(minutes(10, 200), 0, { clock: clockAt(start + years5 - 20 * day) });
  expect(leaving()).toEqual({ since: start, until: start + years5 - 20 * day, at: start + years5, by: 'age' });
  // An uplink that waits for them keeps them whatever their age.
  expect(leaving(['district'])).toBe(null);
});

test('what was exported is not told of; what follows it is, when its own time comes', async () => {
  await site.append(minutes(10), 0, { clock: clockAt(start) });
  await site.append(minutes(10, 100), 0, { clock: clockAt(start + 10 * day) });
  await site.append(minutes(10, 200), 0, { clock: clockAt(start + years5 - 10 * day) });
  const file = exportedFileOf(storeFileOf(site.directory));
  writeFileSync(file, exportedText([], [start - day, start + 5 * day]));
  expect(leaving()).toMatchObject({ since: start + 5 * day, at: start + 5 * day + years5, by: 'age' });
  writeFileSync(file, exportedText(readExported(file), [start + 5 * day, start + years5]));
  expect(leaving()).toBe(null);
  writeFileSync(file, 'no note');
  expect(leaving()).toMatchObject({ since: start });
});

test('where room runs out before the platform has them, the running store says so with the day', async () => {
  // Fifty commits: growth is known from the thirty-second on.
  const records = minutes(5000).map((record, n) => ({
    ...record,
    place: createHash('sha512').update(`${n}`).digest('hex'),
  }));
  const retention = { records: years5, samples: day, limit: 4_000_000 };
  const clock = clockAt(start, 60_000);
  await site.append(records, 0, { clock, uplinks: ['district'], retention, observe });
  const told = events.flatMap((event) => (event.kind === 'store-leaving' ? [event.leaving] : []));
  expect(told.at(-1)).toMatchObject({ since: expect.any(Number), by: 'room' });
  expect(told.at(-1)?.at).toBeGreaterThan(told.at(-1)?.until ?? 0);
});
