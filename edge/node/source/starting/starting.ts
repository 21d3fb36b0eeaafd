import type { Configuration } from '../configuration.ts';
import type { Core, Kept } from '../core.ts';
import type { Hardware } from '../hardware.ts';

const KEEP_ALIVE = 30;
/** Longer than a configuration of 1,024 bytes and a chunk with their topics. */
const LONGEST = 1200;
const FIRST_WAIT = 5;

type Run = (core: Core, configuration: Configuration) => void;

/**
 * Reads what is in flash, and goes on as that says: to measure and send, to be adopted, or not at all. One thing after the
 * other: what one took of the heap goes before the next is loaded.
 */
export function begin(hardware: Hardware, run: Run): void {
  const isSecure = hardware.chip === 'esp32';
  const loaded = section<typeof import('../configuration-files.ts')>('configuration-files').loadConfiguration(isSecure);
  if (loaded === undefined) {
    print('fenceline: no sound node.json; write one with "fenceline node configure"');
    return;
  }
  if (loaded.configuration.node === undefined) {
    section<typeof import('../adoption.ts')>('adoption').seekAdoption(hardware, loaded.configuration);
    return;
  }
  const kept = section<typeof import('./recovering.ts')>('starting/recovering').recover(
    hardware.bootReason(),
    loaded.configuration.node,
  );
  section<typeof import('../keeping/boots-writing.ts')>('keeping/boots-writing').writeBoots(kept);
  section<typeof import('../keeping/counting-held.ts')>('keeping/counting-held').countHeld(hardware, kept);
  run(coreOf(hardware, loaded.configuration, loaded.isOnTrial, kept), loaded.configuration);
}

/** What the running firmware shares; `measuring` and `turn` come later. */
function coreOf(hardware: Hardware, configuration: Configuration, isOnTrial: boolean, kept: Kept): Core {
  const prefix = `fenceline-node/v1/${configuration.node}/`;
  const client = mqtt.Client(hardware.id(), KEEP_ALIVE, configuration.node, configuration.password, 1, LONGEST);
  // An ESP32 cuts the topic of its will at 32 characters; the gateway sees the connection end in any case.
  if (hardware.chip === 'esp8266') client.lwt(`${prefix}gone`, '1', 0, 0);
  return {
    hardware,
    configuration,
    isOnTrial: isOnTrial || file.exists('update.go'),
    kept,
    client,
    prefix,
    kinds: ['have', 'time', 'configuration', 'update', 'chunk'],
    isUp: false,
    wait: FIRST_WAIT,
    progress: 0,
    lowest: 1000000,
  } as unknown as Core;
}
