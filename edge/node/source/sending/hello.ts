import type { Configuration } from '../configuration.ts';
import type { Guard } from '../guard.ts';
import type { Hardware } from '../hardware.ts';
import type { Blocks } from '../keeping/blocks.ts';
import type { Boots } from '../keeping/boots.ts';
import type { Keeping } from '../keeping/keeping.ts';
import type { Measuring } from '../measuring.ts';

/** What `hello` speaks of. */
export interface HelloSources {
  hardware: Hardware;
  configuration: Configuration;
  boots: Boots;
  keeping: Keeping;
  blocks: Blocks;
  guard: Guard;
  measuring: Measuring;
}

/** Who the node is, how it is and what it holds. What it does not know is absent. */
export function helloOf(sources: HelloSources): string {
  const { hardware, configuration, boots, keeping, blocks, guard, measuring } = sources;
  const [reason] = string.match(boots.reasons, '([^.]*)$');
  const [reasons] = string.gsub(string.sub(boots.reasons, 2), '%.', '","');
  const rssi = hardware.rssi();
  const silent = measuring.silent();
  let text = `{"l":1,"b":${keeping.boot()},"u":${hardware.uptime()},"version":"${FIRMWARE_VERSION}","chip":"${hardware.chip}","reason":"${reason}"`;
  if (rssi !== undefined) text += `,"rssi":${rssi}`;
  text += `,"heap":${hardware.heap()},"lowest":${guard.lowest()},"held":${keeping.held()},"flash":[${blocks.used()},${blocks.allowed}]`;
  text += `,"dropped":${keeping.dropped()},"torn":${blocks.torn()},"frames":[${measuring.good()},${measuring.bad()}]`;
  if (silent !== undefined) text += `,"silent":${silent}`;
  return `${text},"configuration":${configuration.version},"boots":["${reasons}"],"sensor":"${configuration.sensor}"}`;
}
