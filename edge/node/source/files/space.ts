/** Free bytes of the file system; plenty where the image does not tell. */
export function freeBytes(): number {
  if (file.fsinfo === undefined) return 1000000;
  const [free] = file.fsinfo();
  return free;
}
