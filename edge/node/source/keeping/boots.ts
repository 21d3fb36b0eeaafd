import { adlerOf } from '../adler.ts';
import { readAt, write } from '../files.ts';
import type { Kept } from './rows.ts';

/**
 * What a node must know over its boots, in one line, `write,boot,shift,dropped,reasons,zeros,sum`. It stands in two files
 * that are written in turn, `boot.1` and `boot.2`: whichever power cut short, the other one holds what was before. It is
 * written once in each boot before its first row is made, when blocks are dropped, when the time of rows in flash becomes
 * known and before a restart of the node's own; never in normal running.
 */
export interface Boots {
  /** Counts the boots as the blocks in flash know them; what others are told is this plus `shift`. */
  boot: number;
  /** What others are told is `boot` plus this: see `shiftBoots`. */
  shift: number;
  /** Rows dropped ever. */
  dropped: number;
  /** Why the node booted, the last eight times, newest last: `.power.watchdog`. */
  reasons: string;
  /** Zeros of boots that learned the time after rows of theirs went to flash: `;17:1764131580` each. */
  zeros: string;
  /** Why the node is about to restart itself; empty otherwise. */
  why: string;
  /** Counts the writings. */
  written: number;
}

const REASONS = 8;

/** The newer of the two files that is sound; the counters of a new node if there is none. */
export function readBoots(): Boots {
  const one = readFile('boot.1');
  const two = readFile('boot.2');
  if (one !== undefined && (two === undefined || one.written > two.written)) return one;
  if (two !== undefined) return two;
  return { boot: 0, shift: 0, dropped: 0, reasons: '', zeros: '', why: '', written: 0 };
}

function readFile(name: string): Boots | undefined {
  const [line, sum] = string.match(readAt(name, 0, 1024) || '', '^(.*,)([%d.]+)\n$');
  if (line === undefined || adlerOf(line) !== sum) return undefined;
  const [written, boot, shift, dropped, reasons, zeros, why] = string.match(
    line,
    '^(%d+),(%d+),(%d+),(%d+),([^,]*),([^,]*),([^,]*),$',
  );
  if (written === undefined) return undefined;
  return {
    boot: tonumber(boot) as number,
    shift: tonumber(shift) as number,
    dropped: tonumber(dropped) as number,
    reasons: reasons as string,
    zeros: zeros as string,
    why: why as string,
    written: tonumber(written) as number,
  };
}

/** False if the flash does not take it: then what was before stays in force. */
function writeBoots(boots: Boots): boolean {
  // A writing that fails is not counted: the next one goes to the same file, and the other one stays as it is.
  const written = boots.written + 1;
  const line = `${written},${boots.boot},${boots.shift},${boots.dropped},${boots.reasons},${boots.zeros},${boots.why},`;
  if (!write(`boot.${(written % 2) + 1}`, 'w', `${line}${adlerOf(line)}\n`)) return false;
  boots.written = written;
  return true;
}

/** Adds why it booted now, and lets go of the oldest reason when there are eight. */
function addReason(boots: Boots, reason: string): void {
  const [, many] = string.gsub(boots.reasons, '%.', '');
  if (many >= REASONS) [boots.reasons] = string.gsub(boots.reasons, '^%.[^.]*', '');
  boots.reasons = `${boots.reasons}.${reason}`;
}

/** The zero of a boot that learned it after rows of it went to flash; undefined if it did not. */
export function lateZeroOf(boot: number): number | undefined {
  const [zero] = string.match(readBoots().zeros, `;${boot}:(%d+)`);
  return tonumber(zero);
}

/** At most eight, the oldest goes: a boot learns the time from a gateway that then takes its rows. */
export function keepZero(boot: number, zero: number): void {
  const boots = readBoots();
  let [zeros] = string.gsub(boots.zeros, `;${boot}:%d+`, '');
  const [, many] = string.gsub(zeros, ';', '');
  if (many >= REASONS) [zeros] = string.gsub(zeros, '^;[^;]*', '');
  boots.zeros = `${zeros};${boot}:${zero}`;
  writeBoots(boots);
}

export function countDropped(rows: number): void {
  const boots = readBoots();
  boots.dropped += rows;
  writeBoots(boots);
}

/** Says before a restart of the node's own why it does so. */
export function keepReason(why: string): void {
  const boots = readBoots();
  boots.why = why;
  writeBoots(boots);
}

/**
 * The gateway's `have` speaks of a boot that this node has not come to, or of rows that it has not made: its counter was
 * lost. Everything it holds gets higher boots than that, in the same order.
 */
export function shiftBoots(kept: Kept, boot: number): void {
  const boots = readBoots();
  // Boots in flash begin at 1.
  kept.shift = boot;
  kept.hadBoot = 0;
  boots.shift = boot;
  writeBoots(boots);
}

/** Counts this boot, and has its number in flash before its first row is made; `above`: the newest that is known otherwise. */
export function countBoot(kept: Kept, above: number, reason: string): void {
  const boots = readBoots();
  boots.boot = math.max(boots.boot, above) + 1;
  // A chip's watchdog ends in a restart that looks like one of ours; those have said why.
  let cause = reason;
  if (reason === 'software' && boots.written > 0) cause = boots.why === '' ? 'watchdog' : boots.why;
  addReason(boots, cause);
  boots.why = '';
  writeBoots(boots);
  kept.boot = boots.boot;
  kept.shift = boots.shift;
}
