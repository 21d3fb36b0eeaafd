/**
 * Files in the chip's flash: SPIFFS, which has no folders, names of 31 characters at most (longer ones are an error,
 * `filename invalid`), and no room for more than its size. A write may be cut short by a loss of power, at any byte.
 * https://nodemcu.readthedocs.io/en/release/modules/file/, https://nodemcu.readthedocs.io/en/dev-esp32/modules/file/
 * (recent ESP32 images have no `file.open`, `getcontents` or `putcontents`: there `io.open` serves).
 */

interface OpenFile {
  /** Up to so many bytes, 1024 if not given; undefined at the end. */
  read(this: OpenFile, most?: number): string | undefined;
  /** True if all of it was written; undefined (nil) if not, and then a part of it may stand in the file. */
  write(this: OpenFile, text: string): unknown;
  /** As `write`: what the file system held back is in flash, or it did not fit. */
  flush(this: OpenFile): unknown;
  close(this: OpenFile): void;
  /** The place from the file's beginning; undefined where that is not in the file. */
  seek(this: OpenFile, whence: 'set' | 'cur' | 'end', offset: number): number | undefined;
}

declare const file: {
  exists(this: void, name: string): boolean;
  /** Size by name. */
  list(this: void): { readonly [name: string]: number };
  /** Says nothing if there was no such file. */
  remove(this: void, name: string): void;
  /** False if there is no such file, or one under the new name already. */
  rename(this: void, from: string, to: string): boolean;
  /** Bytes: free, used, all. Throws if the file system is broken. */
  fsinfo?(this: void): LuaMultiReturn<[number, number, number]>;
  /** `r`, `w` (empties it), `a`, and these with `+`. Undefined if it cannot be opened. */
  open?(this: void, name: string, mode?: string): OpenFile | undefined;
  getcontents?(this: void, name: string): string | undefined;
  putcontents?(this: void, name: string, text: string): unknown;
};

/** Standard Lua files, on ESP32 images. `write` gives the file, or nil and a fault, as in Lua 5.3. */
declare const io:
  | {
      open(this: void, name: string, mode?: string): OpenFile | undefined;
    }
  | undefined;
