import type { Core } from '../core.ts';
import { BLOCKS } from '../keeping/bounds.ts';

/**
 * Who the node is, how it is and what it holds. What it does not know is absent. `heap` and `lowest` are bytes free once
 * garbage was collected: now, with this message in the making, and at the lowest that was seen at any row or `hello` of this boot.
 */
export function helloOf(core: Core): string {
  const { hardware, configuration, kept, measuring } = core;
  const [reason] = string.match(kept.reasons, '[^.]*$');
  const [reasons] = string.gsub(string.sub(kept.reasons, 2), '%.', '","');
  const rssi = hardware.rssi();
  collectgarbage('collect');
  const heap = node.heap();
  if (heap < core.lowest) core.lowest = heap;
  let text = `{"l":1,"b":${kept.boot + kept.shift},"u":${hardware.uptime()},"version":"${FIRMWARE_VERSION}","chip":"${hardware.chip}","reason":"${reason}"`;
  if (rssi !== undefined) text += `,"rssi":${rssi}`;
  text += `,"heap":${heap},"lowest":${core.lowest},"held":${kept.held + kept.ring.length},"flash":[${kept.newest - kept.oldest + 1},${BLOCKS}]`;
  text += `,"dropped":${kept.dropped},"torn":${kept.torn},"frames":[${measuring.good},${measuring.bad}]`;
  if (configuration.sensor !== 'none') text += `,"silent":${hardware.uptime() - (measuring.heardAt ?? 0)}`;
  return `${text},"configuration":${configuration.version},"boots":["${reasons}"],"sensor":"${configuration.sensor}"}`;
}
