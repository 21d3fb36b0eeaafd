import type { Clock } from '../clock.ts';
import type { Blocks, KeptRows } from './blocks.ts';
import { type Boots, setZero, writeBoots, zeroOf } from './boots.ts';

/**
 * The rows of a node until the gateway has them. They stand in a ring in RAM; only when twelve of them wait does the node
 * write them to flash, all at once, so that in normal running nothing is written and in an outage power takes at most
 * eleven rows with it. A row leaves when the gateway's `have` covers it and for no other reason; what had to be dropped
 * because there was no more room is counted.
 *
 * The boot counter that others see is the one in flash plus a shift. If the counter was lost, the gateway's `have` speaks
 * of a boot that this node has not come to, or of rows that it has not made: then everything it holds gets higher boots,
 * in the same order, by a greater shift.
 *
 * @noSelf
 */
export interface Keeping {
  /** A finished period: `values` is the inside of a JSON list, in the order of the columns. */
  add(s: number, d: number, good: number, samples: number, values: string): void;
  /** The next `rows` message, the oldest that was not had; undefined if there is none, or `isSearching`. */
  batch(uptime: number): Batch | undefined;
  /** Whether rows are in flash that `batch` has not come to yet: it wants to be called again soon. */
  isSearching(): boolean;
  /** The gateway's `have`: true if the boot was shifted by it. Undefined if it is none. */
  had(payload: string): boolean | undefined;
  /** Whether all rows of a batch were had. */
  isHad(batch: Batch): boolean;
  /** The clock was set or moved. */
  clockMoved(): void;
  /** Writes what is in RAM to flash, before a restart. */
  spill(): void;
  /** The present boot, as others see it. */
  boot(): number;
  held(): number;
  dropped(): number;
}

export interface Batch {
  payload: string;
  boot: number;
  last: number;
}

const RING = 12;
const MOST_ROWS = 12;
const MOST_BYTES = 1024;

export function openKeeping(boots: Boots, blocks: Blocks, columns: string, clock: Clock): Keeping {
  let ring: string[] = [];
  /** The last seq made in this boot. */
  let seq = 0;
  const droppedBefore = boots.dropped;
  let lostInRam = 0;
  let hadBoot = 0;
  let hadSeq = 0;

  const dropped = (): number => droppedBefore + blocks.dropped() + lostInRam;

  const spill = (): void => {
    if (ring.length === 0) return;
    if (blocks.keep(boots.boot, columns, ring, clock.zero())) {
      ring = [];
    } else if (ring.length >= RING) {
      table.remove(ring, 1);
      lostInRam += 1;
    }
    if (dropped() > boots.dropped) {
      boots.dropped = dropped();
      writeBoots(boots);
    }
  };

  const isHad = (boot: number, last: number): boolean => boot < hadBoot || (boot === hadBoot && last <= hadSeq);

  const inRam = (): KeptRows | undefined =>
    ring.length === 0 ? undefined : { boot: boots.boot, columns, zero: clock.zero(), rows: ring, last: seq };

  const zeroOfRows = (rows: KeptRows): number | undefined => {
    if (rows.boot === boots.boot) return clock.zero();
    const late = zeroOf(boots, rows.boot);
    return late === undefined ? rows.zero : late;
  };

  const batchOf = (rows: KeptRows, uptime: number): Batch => {
    const zero = zeroOfRows(rows);
    let head = `{"l":1,"b":${rows.boot + boots.shift}`;
    if (zero !== undefined) head += `,"z":${zero}`;
    if (rows.boot === boots.boot) head += `,"u":${uptime}`;
    head += `,"f":[${rows.columns}],"r":[`;
    let length = head.length + 2;
    let many = 0;
    const list: string[] = [];
    while (many < rows.rows.length && many < MOST_ROWS) {
      const row = `[${rows.rows[many]}]`;
      length += row.length + 1;
      if (length > MOST_BYTES) break;
      list.push(row);
      many += 1;
    }
    const [last] = string.match(rows.rows[many - 1] as string, '^%d+');
    return { payload: `${head}${table.concat(list, ',')}]}`, boot: rows.boot, last: tonumber(last) as number };
  };

  const had = (payload: string): boolean | undefined => {
    const [first, second] = string.match(payload, '^%[(%d+),(%d+)%]$');
    let boot = tonumber(first);
    const upTo = tonumber(second);
    if (boot === undefined || upTo === undefined) return undefined;
    boot -= boots.shift;
    const isLost = boot > boots.boot || (boot === boots.boot && upTo > seq);
    if (isLost) {
      // Boots begin at 1: whatever is held comes to stand after the boot the gateway knows.
      boots.shift += boot;
      boot = 0;
      writeBoots(boots);
    }
    hadBoot = boot;
    hadSeq = upTo;
    blocks.had(boot, upTo);
    while (ring.length > 0 && isHad(boots.boot, seq - ring.length + 1)) table.remove(ring, 1);
    return isLost;
  };

  return {
    add: (s, d, good, samples, values) => {
      seq += 1;
      ring.push(`${seq},${s},${d},${good},${samples},${values}`);
      if (ring.length >= RING) spill();
    },
    batch: (uptime) => {
      // What is in flash is counted before anything of it leaves.
      if (blocks.count()) return undefined;
      let rows = blocks.oldest();
      if (rows === undefined && blocks.used() === 0) rows = inRam();
      return rows === undefined ? undefined : batchOf(rows, uptime);
    },
    isSearching: () => blocks.used() > 0,
    had,
    isHad: (batch) => isHad(batch.boot, batch.last),
    clockMoved: () => {
      const zero = clock.zero();
      if (blocks.used() === 0 || zero === undefined) return;
      setZero(boots, boots.boot, zero);
      writeBoots(boots);
    },
    spill,
    boot: () => boots.boot + boots.shift,
    held: () => blocks.held() + ring.length,
    dropped,
  };
}
