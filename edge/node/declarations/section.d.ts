/**
 * Loads a part of the firmware that is not in the heap all the time, and gives what it exports: `section<typeof
 * import('./sending/hello.ts')>('sending/hello')`. It is collected when nobody holds anything of it any more. The core
 * (`main.ts`) sets it; the build puts where the part stands in node.lua instead of its name (`building/sections.ts`).
 */
declare let section: <Exports>(this: void, name: string) => Exports;
