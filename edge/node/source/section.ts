let place = 'node.lua';

/** The file this firmware was loaded from, in which its sections stand. */
export function sectionsIn(name: string): void {
  place = name;
}

/**
 * Loads a part of the firmware that is not in the heap all the time, and gives what it exports: `section<typeof
 * import('./sending/hello.ts')>('sending/hello')`. It is collected when nobody holds anything of it any more. The build puts
 * where it stands in the file instead of its name (`edge/node/building/sections.ts`).
 */
export function section<Exports>(name: string): Exports;
export function section<Exports>(at: unknown, length?: number): Exports {
  const open = (file.open || (io as NonNullable<typeof io>).open) as (this: void, name: string) => OpenFile;
  const opened = open(place);
  let left = length as number;
  opened.seek('set', at as number);
  const [chunk] = load(() => {
    const piece = left > 0 ? opened.read(math.min(left, 256)) : undefined;
    left -= 256;
    return piece;
  });
  opened.close();
  return (chunk as (this: void) => Exports)();
}
