import { openFile } from './reading.ts';

/** Bytes; 0 if there is no such file. */
export function sizeOf(name: string): number {
  const opened = openFile(name, 'r');
  if (opened === undefined) return 0;
  const size = opened.seek('end', 0);
  opened.close();
  return size === undefined ? 0 : size;
}
