import type { Configuration } from '../configuration.ts';
import type { Hardware } from '../hardware.ts';
import { readBoots } from '../keeping/boots.ts';
import { BLOCKS } from '../keeping/bounds.ts';
import type { Kept } from '../keeping/rows.ts';
import type { Measuring } from '../measuring.ts';

/**
 * Who the node is, how it is and what it holds. What it does not know is absent.
 *
 * @param inRam rows in RAM
 * @param lowest bytes of free heap at their lowest since boot
 */
export function helloOf(
  hardware: Hardware,
  configuration: Configuration,
  kept: Kept,
  measuring: Measuring,
  inRam: number,
  lowest: number,
): string {
  const boots = readBoots();
  const [reason] = string.match(boots.reasons, '[^.]*$');
  const [reasons] = string.gsub(string.sub(boots.reasons, 2), '%.', '","');
  const rssi = hardware.rssi();
  const silent = measuring.silent();
  let text = `{"l":1,"b":${kept.boot + kept.shift},"u":${hardware.uptime()},"version":"${FIRMWARE_VERSION}","chip":"${hardware.chip}","reason":"${reason}"`;
  if (rssi !== undefined) text += `,"rssi":${rssi}`;
  text += `,"heap":${node.heap()},"lowest":${lowest},"held":${kept.held + inRam},"flash":[${kept.newest - kept.oldest + 1},${BLOCKS}]`;
  text += `,"dropped":${boots.dropped},"torn":${kept.torn},"frames":[${measuring.good},${measuring.bad}]`;
  if (silent !== undefined) text += `,"silent":${silent}`;
  return `${text},"configuration":${configuration.version},"boots":["${reasons}"],"sensor":"${configuration.sensor}"}`;
}
