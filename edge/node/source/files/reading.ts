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
