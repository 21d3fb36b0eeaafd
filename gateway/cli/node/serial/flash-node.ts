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
      en: 'the NodeMCU image reckons in whole numbers only; write a float image to the chip with esptool (edge/README.md, Flashing)',
      zh: '该 NodeMCU 固件只支持整数运算；请用 esptool 写入 float 版固件（见 edge/README.md 的烧录步骤）',
    });
  }
  const missing: string[] = [];
  for (const name of modulesNeeded[chip]) {
    if ((await console.ask(`return ${name}==nil`)) === 'true') missing.push(name);
  }
  if (missing.length > 0) {
    throw new NodeFault('image', {
      en: `the NodeMCU image lacks the modules ${missing.join(', ')}; build one with ${modulesNeeded[chip].join(', ')} and write it to the chip with esptool (edge/README.md, Flashing)`,
      zh: `该 NodeMCU 固件缺少模块 ${missing.join('、')}；请制作包含 ${modulesNeeded[chip].join('、')} 的固件并用 esptool 写入（见 edge/README.md 的烧录步骤）`,
    });
  }
  return { chip, lua: lua.join(' ') };
}

/** The configuration document on the node; null where there is none. */
export async function configurationOn(files: NodeFiles): Promise<string | null> {
  const bytes = await files.read('node.json');
  return bytes === null ? null : Buffer.from(bytes).toString('latin1');
}

export function configurationFile(document: NodeConfiguration): NodeFile {
  return { name: 'node.json', bytes: Buffer.from(JSON.stringify(document), 'latin1') };
}

/**
 * Puts files on the node: all of them beside those that it has, and only when the last one is there and right, each in
 * its place, in the order given. What was before goes, so that no roll-back can mix old with new.
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
  const stale = wanted.flatMap(({ name }) => [`${name}.old`, `${name}.new`]);
  for (const name of stale) if (names.has(name)) await files.remove(name);
  return states;
}
