import type { Hardware } from './hardware.ts';

/** Starts the firmware on this chip. A stub until the rest of it stands: it says who it is. */
export function start(hardware: Hardware): void {
  print(`fenceline ${FIRMWARE_VERSION} on ${hardware.chip}`);
}
