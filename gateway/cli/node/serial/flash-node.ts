import type { NodeConfiguration } from '../../../driver/node/offers/node-configuration.ts';
import type { Chip } from '../firmware-files.ts';
import { modulesNeeded } from './console-lua.ts';
import type { NodeConsole } from './node-console.ts';
import { NodeFault } from './node-fault.ts';
import type { NodeFile, NodeFiles, Progress, Uploaded } from './node-files.ts';

/** What the chip says of itself. */
export interface ChipFound {
  readonly chip: Chip;
  /** `Lua 5.1`. */
  readonly lua: string;
  /** As the firmware says it of itself, lower-case hexadecimal. */
  readonly chipId: string;
}

/** Looks which chip it is, and whether its NodeMCU image can run the firmware. */
export async function lookAtChip(console: NodeConsole, wanted: Chip | undefined): Promise<ChipFound> {
  // Only an ESP8266 can move its UART to other pins.
  const told = await console.ask('return(uart and uart.alt and"esp8266"or"esp32").." "..tostring(1/2).." ".._VERSION');
  const [kind, half, ...lua] = told.split(' ');
  const chip: Chip = kind === 'esp8266' ? 'esp8266' : 'esp32';
  if (wanted !== undefined && wanted !== chip) {
    throw new NodeFault('image', {
      en: `the chip is an ${chip.toUpperCase()}, not an ${wanted.toUpperCase()}; leave --chip out, or see which port it is`,
      zh: `芯片是 ${chip.toUpperCase()}，而非 ${wanted.toUpperCase()}；请去掉 --chip，或核对端口`,
    });
  }
  if (half !== '0.5') {
    throw new NodeFault('image', {
      en: 'the NodeMCU image reckons in whole numbers only; write a float image to the chip with esptool (edge/node/README.md, From an empty chip to readings)',
      zh: '该 NodeMCU 固件只支持整数运算；请用 esptool 写入 float 版固件（见 edge/node/README.zh-CN.md）',
    });
  }
  const missing: string[] = [];
  for (const name of modulesNeeded[chip]) {
    if ((await console.ask(`return ${name}==nil`)) === 'true') missing.push(name);
  }
  if (missing.length > 0) {
    throw new NodeFault('image', {
      en: `the NodeMCU image lacks the modules ${missing.join(', ')}; build one with ${modulesNeeded[chip].join(', ')} and write it to the chip with esptool (edge/node/README.md, From an empty chip to readings)`,
      zh: `该 NodeMCU 固件缺少模块 ${missing.join('、')}；请制作包含 ${modulesNeeded[chip].join('、')} 的固件并用 esptool 写入（见 edge/node/README.zh-CN.md）`,
    });
  }
  // A number on an ESP8266, a text that begins with 0x on an ESP32.
  const id = 'local i=node.chipid()return type(i)=="number"and("%06x"):format(i)or i:sub(3)';
  return { chip, lua: lua.join(' '), chipId: await console.ask(id) };
}

/** What a node has its configuration in, the newest first: one on trial, the one in force, the one before. */
const configurationNames = ['node.new', 'node.json', 'node.old'];
/** What trials of a configuration and of an update leave behind (edge/node: configuration-files.ts, update.ts, init.ts). */
const trialMarks = {
  configuration: ['node.new', 'node.bad', 'node.boots'],
  update: ['update.want', 'update.go', 'update.done', 'update.bad', 'update.boots'],
};

/** The newest configuration document on the node that is one; null where there is none. */
export async function configurationOn(files: NodeFiles): Promise<string | null> {
  for (const name of configurationNames) {
    const bytes = await files.read(name);
    if (bytes === null) continue;
    const text = Buffer.from(bytes).toString('utf8');
    if (isDocument(text)) return text;
  }
  return null;
}

function isDocument(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

export function configurationFile(document: NodeConfiguration): NodeFile {
  return { name: 'node.json', bytes: Buffer.from(JSON.stringify(document), 'utf8') };
}

/**
 * Puts files on the node: all of them beside those that it has, and only when the last one is there and right, each in
 * its place, in the order given. What was before goes, and what is on trial, so that no roll-back can mix old with new.
 */
export async function putOnNode(
  files: NodeFiles,
  wanted: readonly NodeFile[],
  onProgress: (progress: Progress) => void,
): Promise<Record<string, Uploaded>> {
  const states: Record<string, Uploaded> = {};
  for (const file of wanted) states[file.name] = await files.stage(file, onProgress);
  for (const file of wanted) await files.place(file);
  const names = await files.list();
  const isFirmware = wanted.some(({ name }) => name === 'node.lua');
  const stale = [
    ...wanted.flatMap(({ name }) => [`${name}.old`, `${name}.new`]),
    ...trialMarks.configuration,
    ...(isFirmware ? trialMarks.update : []),
  ];
  for (const name of stale) if (names.has(name)) await files.remove(name);
  return states;
}
