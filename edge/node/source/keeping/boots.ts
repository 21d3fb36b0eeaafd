import { adlerOf } from '../adler.ts';
import type { Kept } from '../core.ts';
import { readAt } from '../files/reading.ts';

/*
 * What a node must know over its boots, in one line, `write,boot,shift,dropped,reasons,zeros,why,sum`. It stands in two
 * files that are written in turn, `boot.1` and `boot.2`: whichever power cut short, the other one holds what was before.
 * It is written once in each boot before its first row is made, when blocks are dropped, when the time of rows in flash
 * becomes known and before a restart of the node's own; never in normal running.
 */

const REASONS = 8;

/**
 * Reads the newer file that is sound, and counts this boot.
 *
 * @param above the newest boot that the blocks in flash know of
 */
export function readBoots(kept: Kept, reason: string, above: number): void {
  readFile(kept, 'boot.1');
  readFile(kept, 'boot.2');
  // A chip's watchdog ends in a restart that looks like one of ours; those have said why.
  let cause: string | undefined = reason;
  if (reason === 'software' && kept.written > 0) {
    const [why, epoch] = string.match(kept.why, '^(%a[^@]*)@?(%d*)$');
    cause = why || 'watchdog';
    // This boot began when the one before ended.
    kept.zero = tonumber(epoch);
  }
  kept.why = '';
  kept.boot = math.max(kept.boot, above) + 1;
  const [, many] = string.gsub(kept.reasons, '%.', '');
  if (many >= REASONS) [kept.reasons] = string.gsub(kept.reasons, '^%.[^.]*', '');
  kept.reasons = `${kept.reasons}.${cause}`;
}

function readFile(kept: Kept, name: string): void {
  const [line, sum] = string.match(readAt(name, 0, 1024) || '', '^(.*,)([%d.]+)\n$');
  if (line === undefined || adlerOf(line) !== sum) return;
  const [digits, boot, shift, dropped, reasons, zeros, why] = string.match(
    line,
    '^(%d+),(%d+),(%d+),(%d+),([^,]*),([^,]*),([^,]*),$',
  );
  const written = tonumber(digits) || 0;
  if (written <= kept.written) return;
  kept.written = written;
  kept.boot = tonumber(boot) as number;
  kept.shift = tonumber(shift) as number;
  kept.dropped = tonumber(dropped) as number;
  kept.reasons = reasons as string;
  kept.zeros = zeros as string;
  kept.why = why as string;
}
