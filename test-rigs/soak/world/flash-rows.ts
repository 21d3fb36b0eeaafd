import { sumOf } from '../../surroundings/lua-machine/chip/adler.ts';

/*
 * What stands in a node's flash, read by the rig's own eyes from what edge/node/README.md and keeping/segment-head.ts say:
 * nothing of the firmware is run for it.
 */

/** The highest number of a row that is sound in flash, by boot. */
export function rowsInFlash(files: ReadonlyMap<string, string>): Map<number, number> {
  const highest = new Map<number, number>();
  for (const [name, text] of files) {
    if (!/^r\d+$/.test(name)) continue;
    const [head, boot] = /^=(\d+),[^\n]*\n/.exec(text) ?? [];
    if (head === undefined) continue;
    for (const segment of text.slice(head.length).matchAll(/(#(\d+),\d+,(\d+),[\d-]+,)([\d.]+)\n/g)) {
      const [all, covered = '', last, length, sum] = segment;
      const begin = head.length + segment.index + all.length;
      const body = text.slice(begin, begin + Number(length));
      if (adler(head + covered + body) !== sum) continue;
      highest.set(Number(boot), Math.max(highest.get(Number(boot)) ?? 0, Number(last)));
    }
  }
  return highest;
}

export interface BootCounter {
  readonly written: number;
  readonly boot: number;
  readonly shift: number;
  readonly dropped: number;
  /** Why the node is about to restart itself; empty otherwise. */
  readonly why: string;
}

/** The newer of the two files of the boot counter that is sound; undefined before the first. */
export function bootCounter(files: ReadonlyMap<string, string>): BootCounter | undefined {
  let newest: BootCounter | undefined;
  for (const name of ['boot.1', 'boot.2']) {
    const [, line, sum] = /^(.*,)([\d.]+)\n$/.exec(files.get(name) ?? '') ?? [];
    if (line === undefined || adler(line) !== sum) continue;
    const [written, boot, shift, dropped, , , why = ''] = line.split(',');
    if (Number(written) <= (newest?.written ?? 0)) continue;
    newest = {
      ...{ written: Number(written), boot: Number(boot), shift: Number(shift) },
      ...{ dropped: Number(dropped), why },
    };
  }
  return newest;
}

const adler = (text: string): string => sumOf(Buffer.from(text, 'latin1'));
