import type { Core } from '../core.ts';
import { renameOver } from '../files/renaming.ts';

/** The gateway was heard: what is on trial is good. A restart puts a firmware in force (init.lua does, from `update.done`). */
export function confirm(core: Core): void {
  core.isOnTrial = false;
  const files = section<typeof import('../configuration-files.ts')>('configuration-files');
  files.confirmConfiguration(core.hardware.chip === 'esp32');
  if (!file.exists('update.go')) return;
  renameOver('update.go', 'update.done');
  core.restart('update');
}
