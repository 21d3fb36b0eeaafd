import type { Configuration } from '../configuration.ts';
import { loadConfiguration } from '../configuration-files.ts';
import type { Hardware } from '../hardware.ts';
import { findBlocks } from '../keeping/blocks.ts';
import { countBoot } from '../keeping/boots.ts';
import type { Kept } from '../keeping/rows.ts';
import { columns } from '../measuring.ts';

/** What the node starts with. */
export interface Started {
  configuration: Configuration;
  kept: Kept;
  /** Whether configuration or firmware are on trial until the gateway is heard. */
  isOnTrial: boolean;
}

/** The configuration and what is in flash from earlier boots. Undefined: there is no configuration that is sound. */
export function prepare(hardware: Hardware): Started | undefined {
  const loaded = loadConfiguration(hardware.chip === 'esp32');
  if (loaded === undefined) return undefined;
  const kept: Kept = {
    boot: 0,
    shift: 0,
    columns: columns(loaded.configuration.sensor, loaded.configuration.adc),
    oldest: 0,
    newest: -1,
    added: 0,
    offset: 0,
    counted: 0,
    found: 0,
    held: 0,
    torn: 0,
    hadBoot: 0,
    hadSeq: 0,
    zero: undefined,
  };
  if (loaded.configuration.node !== undefined) countBoot(kept, findBlocks(kept), hardware.bootReason());
  return { configuration: loaded.configuration, kept, isOnTrial: loaded.isOnTrial || file.exists('update.go') };
}
