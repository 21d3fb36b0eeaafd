/**
 * Files in the chip's flash, as little as the firmware needs. Power may go at any byte of a write, so nobody trusts a file
 * without checking what it says; and SPIFFS gives no new name to a file while another one has it.
 */

/** `file.open`, or Lua's own where an image for ESP32 has none. Undefined if there is no such file or no room. */
export function openFile(name: string, mode: string): OpenFile | undefined {
  if (file.open !== undefined) return file.open(name, mode);
  return io !== undefined ? io.open(name, mode) : undefined;
}

/** Up to `most` bytes (1024 or less) from `offset` on. Undefined at the end and if there is no such file. */
export function readAt(name: string, offset: number, most: number): string | undefined {
  const opened = openFile(name, 'r');
  if (opened === undefined) return undefined;
  // Beyond the end the place stays where it was.
  const bytes = opened.seek('set', offset) === offset ? opened.read(most) : undefined;
  opened.close();
  return bytes;
}

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

/** Bytes; 0 if there is no such file. */
export function sizeOf(name: string): number {
  const opened = openFile(name, 'r');
  if (opened === undefined) return 0;
  const size = opened.seek('end', 0);
  opened.close();
  return size === undefined ? 0 : size;
}

/** Gives a file another name, and takes that from whoever has it. */
export function renameOver(from: string, to: string): void {
  if (!file.exists(from)) return;
  file.remove(to);
  file.rename(from, to);
}

/**
 * Puts a new file in the place of another, which is kept as `old`. May be cut at any step: doing it again completes it, and
 * what was in force is not thrown away before the new one stands in its place. Nothing if there is no new one.
 */
export function putNew(fresh: string, name: string, old: string): void {
  if (!file.exists(fresh)) return;
  renameOver(name, old);
  file.rename(fresh, name);
}

/** Free bytes of the file system; plenty where the image does not tell. */
export function freeBytes(): number {
  if (file.fsinfo === undefined) return 1000000;
  const [free] = file.fsinfo();
  return free;
}
