import { openFile, readAt } from './reading.ts';
import { sizeOf } from './size.ts';

/** Writes to the end of a file (`a`) or a new one (`w`): true if all of it stands in flash, read back and compared. */
export function write(name: string, mode: 'a' | 'w', text: string): boolean {
  const before = mode === 'a' ? sizeOf(name) : 0;
  const opened = openFile(name, mode);
  if (opened === undefined) return false;
  // What the file system holds back in its cache shows its faults only when it is flushed.
  const written = opened.write(text) && opened.flush();
  opened.close();
  return !!written && readAt(name, before, text.length) === text;
}
