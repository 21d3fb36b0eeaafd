import type { Configuration } from '../configuration.ts';
import type { Core, Kept } from '../core.ts';
import type { Hardware } from '../hardware.ts';
import { readBoots } from '../keeping/boots.ts';
import { findBlocks } from '../keeping/finding.ts';
import { columns } from '../measuring.ts';

const KEEP_ALIVE = 30;
/** Longer than a configuration of 1,024 bytes and a chunk with their topics. */
const LONGEST = 1200;
const FIRST_WAIT = 5;

/** @noSelf */
type Run = (core: Core, configuration: Configuration) => void;

/** Reads what is in flash, and goes on as that says: to measure and send, to be adopted, or not at all. */
export function begin(hardware: Hardware, run: Run): void {
  const files = section<typeof import('../configuration-files.ts')>('configuration-files');
  const loaded = files.loadConfiguration(hardware.chip === 'esp32');
  if (loaded === undefined) {
    print('fenceline: no sound node.json; write one with "fenceline node configure"');
    return;
  }
  const { configuration } = loaded;
  if (configuration.node === undefined) {
    section<typeof import('../adoption.ts')>('adoption').seekAdoption(hardware, configuration);
    return;
  }
  const kept: Kept = {
    boot: 0,
    shift: 0,
    dropped: 0,
    reasons: '',
    zeros: '',
    why: '',
    written: 0,
    columns: columns(configuration.sensor, configuration.adc),
    ring: [],
    seq: 0,
    zero: undefined,
    hadBoot: 0,
    hadSeq: 0,
    oldest: 0,
    newest: -1,
    added: 0,
    offset: 0,
    held: 0,
    torn: 0,
  };
  readBoots(kept, hardware.bootReason(), findBlocks(kept));
  section<typeof import('../keeping/boots-writing.ts')>('keeping/boots-writing').writeBoots(kept);
  const prefix = `fenceline-node/v1/${configuration.node}/`;
  const client = mqtt.Client(hardware.id(), KEEP_ALIVE, configuration.node, configuration.password, 1, LONGEST);
  // An ESP32 cuts the topic of its will at 32 characters; the gateway sees the connection end in any case.
  if (hardware.chip === 'esp8266') client.lwt(`${prefix}gone`, '1', 0, 0);
  const core = {
    hardware,
    configuration,
    isOnTrial: loaded.isOnTrial || file.exists('update.go'),
    kept,
    client,
    prefix,
    kinds: ['have', 'time', 'configuration', 'update', 'chunk'],
    isUp: false,
    wait: FIRST_WAIT,
    progress: 0,
    lowest: node.heap(),
    restart: (why: string) => {
      section<typeof import('./restarting.ts')>('starting/restarting').restart(core as Core, why);
    },
  } as unknown as Core;
  run(core, configuration);
  section<typeof import('../keeping/finding.ts')>('keeping/finding').countHeld(hardware, kept);
}
