import { confirmConfiguration } from '../configuration-files.ts';
import type { Core } from '../core.ts';
import { renameOver } from '../files.ts';

/** The gateway was heard: what is on trial is good. A restart puts a firmware in force (init.lua does, from `update.done`). */
export function confirm(core: Core): void {
  core.isOnTrial = false;
  confirmConfiguration(core.hardware.chip === 'esp32');
  if (!file.exists('update.go')) return;
  renameOver('update.go', 'update.done');
  core.restart('update');
}
