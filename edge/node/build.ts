import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './building/bundle.ts';
import { compileParts } from './building/compile.ts';
import { faultsOf, helpersIn } from './building/limits.ts';
import { type Manifest, manifestOf } from './building/manifest.ts';
import { joinSections, sectionsOf } from './building/sections.ts';
import { MOST_CODE, MOST_STATE, type Weight, weigh } from './building/weigh.ts';

/** Kinds of chip, each with a hardware file of its own. */
export const chips = ['esp8266', 'esp32'] as const;

/** Module below `source` that each file begins with. */
const entries: Readonly<Record<string, string>> = {
  'node.lua': 'main',
  'init.lua': 'init',
  ...Object.fromEntries(chips.map((chip) => [`${chip}.lua`, `chips/${chip}`])),
};

/** The firmware as it goes onto a chip, and what it weighs there. */
export interface Firmware {
  readonly files: ReadonlyMap<string, string>;
  readonly manifest: Manifest;
  readonly weights: Readonly<Record<string, Weight>>;
}

/** The firmware cannot be used; the message has one fault a line, each with its place and what to do. */
export class FirmwareFault extends Error {
  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'FirmwareFault';
  }
}

/**
 * Compiles the firmware in `home` (`source`, `declarations`, `tsconfig.json`, `package.json`) into `home/dist`:
 * `node.lua`, one file per chip, `init.lua` and `manifest.json`. Throws a `FirmwareFault`, and leaves no `dist`, if there
 * is a type error, or a file needs what a chip does not have: the transpiler's own library, more local variables than
 * NodeMCU's Lua takes, more heap than is to be had.
 */
export async function buildFirmware(home: string): Promise<Firmware> {
  const dist = join(home, 'dist');
  rmSync(dist, { recursive: true, force: true });
  const firmware = await madeFrom(home);
  mkdirSync(dist, { recursive: true });
  for (const [name, text] of firmware.files) writeFileSync(join(dist, name), text);
  writeFileSync(join(dist, 'manifest.json'), `${JSON.stringify(firmware.manifest, null, 2)}\n`);
  return firmware;
}

async function madeFrom(home: string): Promise<Firmware> {
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
  const parts = compileParts(home);
  const wrong = [...parts.faults, ...helpersIn(parts.lua)];
  if (wrong.length > 0) throw new FirmwareFault(wrong);
  const files = new Map(Object.entries(entries).map(([name, entry]) => [name, bundle(parts.lua, entry, version)]));
  const core = files.get('node.lua') ?? '';
  const sections = sectionsOf(core, (name) => bundle(parts.lua, name, version));
  const faults = [...files, ...sections].flatMap(([name, text]) => faultsOf(name, text));
  if (faults.length > 0) throw new FirmwareFault(faults);
  files.set('node.lua', joinSections(core, sections));
  const weights: Record<string, Weight> = {};
  for (const chip of chips) weights[chip] = await weighed(chip, files);
  const heavy = Object.entries(weights).flatMap(([chip, weight]) => tooHeavy(chip, weight));
  if (heavy.length > 0) throw new FirmwareFault(heavy);
  return { files, manifest: manifestOf(version, files), weights };
}

async function weighed(chip: string, files: ReadonlyMap<string, string>): Promise<Weight> {
  try {
    return await weigh(chip, files.get('node.lua') ?? '', files.get(`${chip}.lua`) ?? '');
  } catch (error) {
    throw new FirmwareFault([`node.lua with ${chip}.lua does not start: ${(error as Error).message}`]);
  }
}

function tooHeavy(chip: string, { code, state }: Weight): string[] {
  const faults: string[] = [];
  if (code > MOST_CODE)
    faults.push(`node.lua with ${chip}.lua takes ${code} bytes of heap as code, at most ${MOST_CODE}`);
  if (state > MOST_STATE)
    faults.push(`node.lua with ${chip}.lua adds ${state} bytes of heap once started, at most ${MOST_STATE}`);
  return faults;
}

/** Figures for whoever builds: size on flash and heap on the chip. */
export function describeFirmware({ files, manifest, weights }: Firmware): string {
  const sizes = [...files].map(([name, text]) => `  ${name}: ${Buffer.byteLength(text)} bytes on flash`);
  const heaps = Object.entries(weights).map(
    ([chip, { code, state }]) =>
      `  heap on ${chip}: ${code} bytes as code (at most ${MOST_CODE}), ${state} more once started (at most ${MOST_STATE})`,
  );
  return [`firmware ${manifest.version} of sensor nodes, in edge/node/dist`, ...sizes, ...heaps].join('\n');
}

if (import.meta.main) {
  try {
    console.log(describeFirmware(await buildFirmware(import.meta.dirname)));
  } catch (error) {
    if (!(error instanceof FirmwareFault)) throw error;
    console.error(`the firmware of sensor nodes was not built:\n${error.message}`);
    process.exitCode = 1;
  }
}
