import { confirmConfiguration } from '../configuration-files.ts';
import { renameOver } from '../files.ts';

/**
 * The gateway was heard: what is on trial is good. True if that was a firmware; a restart puts it in force (init.lua does,
 * from `update.done`).
 */
export function confirm(isSecure: boolean): boolean {
  confirmConfiguration(isSecure);
  if (!file.exists('update.go')) return false;
  renameOver('update.go', 'update.done');
  return true;
}
