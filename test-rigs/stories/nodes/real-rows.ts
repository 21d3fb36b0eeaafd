import { expect } from 'vitest';

/** A row of the node's, as it went out. */
interface SentRow {
  readonly boot: number;
  readonly seq: number;
  /** Mean of PM2.5 over the row's period; null where no frame came. */
  readonly pm25: number | null;
}

/** Every row that was in these messages, once, in order of boot and seq; a row that was sent again has to say the same. */
export function rowsIn(payloads: readonly string[]): SentRow[] {
  const rows = new Map<number, SentRow>();
  for (const payload of payloads) {
    const { b, f, r } = JSON.parse(payload) as { b: number; f: string[]; r: (number | null)[][] };
    for (const [seq, , , , , ...values] of r) {
      const row = { boot: b, seq: seq as number, pm25: values[f.indexOf('pm25')] ?? null };
      const before = rows.get(b * 1e6 + row.seq);
      if (before !== undefined) expect(row).toEqual(before);
      rows.set(b * 1e6 + row.seq, row);
    }
  }
  return [...rows.entries()].toSorted(([a], [b]) => a - b).map(([, row]) => row);
}

/** None is missing within a boot: they are numbered from 1. */
export function expectWhole(rows: readonly SentRow[]): void {
  for (const [boot, ofBoot] of Map.groupBy(rows, (row) => row.boot)) {
    expect([boot, ofBoot.map(({ seq }) => seq)]).toEqual([boot, ofBoot.map((_, at) => at + 1)]);
  }
}

/** What the rows measured, without those in which nothing came. */
export function valuesOf(rows: readonly SentRow[]): number[] {
  return rows.flatMap(({ pm25 }) => pm25 ?? []);
}
