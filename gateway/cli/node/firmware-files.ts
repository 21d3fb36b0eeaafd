import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { adlerSum } from '../../driver/node/offers/adler-sum.ts';
import type { Sentence } from '../../site/check-site.ts';
import type { NodeFile } from './serial/node-files.ts';

export const chips = ['esp8266', 'esp32'] as const;
export type Chip = (typeof chips)[number];

/** Where the compiled firmware stands. */
export const firmwareDirectory = join(import.meta.dirname, '../../../edge/node/dist');

const manifestSchema = z.object({
  version: z.string().regex(/^\d{1,4}\.\d{1,4}\.\d{1,4}[0-9A-Za-z.-]{0,16}$/),
  files: z.record(z.string(), z.object({ size: z.int().positive().max(262_144), sum: z.string().regex(/^\d+\.\d+$/) })),
});

/** Firmware as it was compiled. */
export interface FirmwareFiles {
  readonly version: string;
  readonly files: readonly NodeFile[];
}

/** Reads the compiled firmware, and holds it against its manifest; else what is wrong with it and what to do. */
export function readFirmware(directory: string): FirmwareFiles | { readonly fault: Sentence } {
  try {
    const { version, files } = manifestSchema.parse(JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')));
    const read = Object.entries(files).map(([name, { size, sum }]) => {
      const bytes = readFileSync(join(directory, name));
      if (bytes.length !== size || adlerSum(bytes) !== sum) throw new RangeError(`${name} is not what was compiled`);
      return { name, bytes };
    });
    return { version, files: read };
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it is not compiled yet' : (error as Error).message;
    return {
      fault: {
        en: `no firmware of nodes can be had from ${directory}: ${why.slice(0, 200)}; compile it: fenceline node build`,
        zh: `${directory} 中没有可用的节点固件：${why.slice(0, 200)}；请先编译：fenceline node build`,
      },
    };
  }
}

/**
 * The files that one kind of chip needs, in the order in which they are put in place: init.lua, which starts the others,
 * comes last. Undefined where one is missing.
 */
export function filesOf({ files }: FirmwareFiles, chip: Chip): readonly NodeFile[] | undefined {
  const others = chips.filter((one) => one !== chip).map((one) => `${one}.lua`);
  const own = files.filter(({ name }) => !others.includes(name));
  const isWhole = [`${chip}.lua`, 'node.lua', 'init.lua'].every((name) => own.some((file) => file.name === name));
  const isInit = ({ name }: NodeFile): boolean => name === 'init.lua';
  return isWhole ? [...own.filter((file) => !isInit(file)), ...own.filter(isInit)] : undefined;
}
