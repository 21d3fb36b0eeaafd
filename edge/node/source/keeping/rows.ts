import { section } from '../section.ts';
import type { Blocks, KeptRows } from './blocks.ts';

/** What the start found, and what the sections that deal with flash share with the core. */
export interface Kept {
  /** Counts the boots as the blocks in flash know them; what others are told is this plus `shift`. */
  boot: number;
  /** Above 0 where the counter was once lost and the gateway knew of higher boots. */
  shift: number;
  /** Of this boot, as in `rows`: `"pm1","pm25","pm10"`. */
  columns: string;
  /** Blocks in flash: the oldest and the newest (lower than the oldest if there are none). */
  oldest: number;
  newest: number;
  /** Segments in the newest block that this boot may still add to; 0: the next one begins a block. */
  added: number;
  /** Where the oldest block is read on from; 0: at its head. */
  offset: number;
  /** The block that is counted next, of those that were there at the start. */
  counted: number;
  found: number;
  /** Rows in flash that were not had, as far as counted, and pieces found damaged since the start. */
  held: number;
  torn: number;
  /** What the gateway has, with the boot as in flash. */
  hadBoot: number;
  hadSeq: number;
  /** Epoch second at which this boot began, as far as the gateway told a time; undefined until then, never guessed. */
  zero: number | undefined;
}

/**
 * The rows of a node until the gateway has them. They stand in a ring in RAM; only when twelve of them wait does the node
 * write them to flash, all at once, so that in normal running nothing is written and in an outage power takes at most
 * eleven rows with it. A row leaves when the gateway's `have` covers it and for no other reason; what had to be dropped
 * because there was no more room is counted.
 *
 * In RAM a row is the inside of a JSON list, `seq,s,d,nf,na,v1,v2,…`: one text costs a third of a record.
 *
 * @noSelf
 */
export interface Rows {
  /** A finished period: `values` is the inside of a JSON list, in the order of the columns. */
  add(s: number, d: number, good: number, samples: number, values: string): void;
  /** The next `rows` message, the oldest that were not had; undefined if there is none or `isSearching`. */
  message(): string | undefined;
  /** Whether rows are in flash that `message` has not come to yet: it wants to be called again soon. */
  isSearching(): boolean;
  /** The gateway has up to this. */
  had(boot: number, seq: number): void;
  /** Whether all rows of the last message were had. */
  isMessageHad(): boolean;
  /** Writes what is in RAM to flash. */
  spill(): void;
  inRam(): number;
  /** The last seq of this boot. */
  last(): number;
}

const MOST_ROWS = 12;
const MOST_BYTES = 1024;

export function openRows(kept: Kept, uptime: () => number): Rows {
  let ring: string[] = [];
  let seq = 0;
  let sentBoot = 0;
  let sentLast = 0;
  let flash: Blocks | undefined;

  const spill = (): void => {
    flash = undefined;
    if (ring.length > 0) ring = section<typeof import('./blocks.ts')>('keeping/blocks').spill(kept, ring);
  };

  const isHad = (boot: number, last: number): boolean =>
    boot < kept.hadBoot || (boot === kept.hadBoot && last <= kept.hadSeq);

  const messageOf = (boot: number, zero: number | undefined, columns: string, rows: string[]): string => {
    let text = `{"l":1,"b":${boot + kept.shift}`;
    if (zero !== undefined) text += `,"z":${zero}`;
    if (boot === kept.boot) text += `,"u":${uptime()}`;
    text += `,"f":[${columns}],"r":[[${rows[0]}]`;
    let many = 1;
    while (many < rows.length && many < MOST_ROWS && text.length + (rows[many] as string).length < MOST_BYTES - 5) {
      text += `,[${rows[many]}]`;
      many += 1;
    }
    const [last] = string.match(rows[many - 1] as string, '^%d+');
    sentBoot = boot;
    sentLast = tonumber(last) as number;
    return `${text}]}`;
  };

  return {
    spill,
    add: (s, d, good, samples, values) => {
      seq += 1;
      ring[ring.length] = `${seq},${s},${d},${good},${samples},${values}`;
      if (ring.length >= MOST_ROWS) spill();
    },
    message: () => {
      if (kept.oldest <= kept.newest) {
        flash = flash || section<typeof import('./blocks.ts')>('keeping/blocks').openBlocks(kept);
        const rows: KeptRows | undefined = flash.oldest();
        if (rows !== undefined) return messageOf(rows.boot, rows.zero, rows.columns, rows.rows);
        if (kept.oldest <= kept.newest) return undefined;
      }
      flash = undefined;
      return ring.length > 0 ? messageOf(kept.boot, kept.zero, kept.columns, ring) : undefined;
    },
    isSearching: () => kept.oldest <= kept.newest,
    had: (boot, upTo) => {
      kept.hadBoot = boot;
      kept.hadSeq = upTo;
      while (ring.length > 0 && isHad(kept.boot, seq - ring.length + 1)) table.remove(ring, 1);
    },
    isMessageHad: () => isHad(sentBoot, sentLast),
    inRam: () => ring.length,
    last: () => seq,
  };
}
