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
