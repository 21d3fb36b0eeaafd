import type { Chip } from '../chip/chip.ts';
import { type Flash, LONGEST_NAME } from '../chip/flash.ts';
import { LuaObject, type LuaValue, nil, Several } from '../crossing.ts';

/** Files that may be open at once: SPIFFS_MAX_OPEN_FILES. */
const MOST_OPEN = 4;

/** Bytes that `read` gives when it is not told how many. */
const CHUNK = 1024;

/**
 * `file`, and on an ESP32 `io`, as https://nodemcu.readthedocs.io/en/release/modules/file/ and
 * .../dev-esp32/modules/file/ have it (the latter: "file content manipulation is handled via the standard Lua io module").
 */
export function fileModules(chip: Chip): Record<string, LuaValue> {
  const { flash } = chip.around;
  const shared = {
    exists: (name: string) => flash.files.has(named(name)),
    list: (pattern?: string) => {
      if (pattern !== undefined) throw new Error('the rig knows no patterns');
      return Object.fromEntries([...flash.files].map(([name, text]) => [name, text.length]));
    },
    remove: (name: string) => flash.remove(named(name)),
    rename: (from: string, to: string) => flash.rename(named(from), named(to)),
    fsinfo: () => new Several(flash.free, flash.used, flash.size),
    format: () => flash.files.clear(),
    stat: (name: string) => {
      const text = flash.files.get(named(name));
      return text === undefined ? nil : { name, size: text.length, is_dir: false };
    },
  };
  const open = new Set<LuaObject>();
  const opened = <File extends LuaObject>(make: () => File, name: string, mode: string): File | undefined => {
    if (open.size >= MOST_OPEN || !readied(flash, name, mode)) return undefined;
    const file = make();
    open.add(file);
    return file;
  };
  const close = (file: LuaObject): void => void open.delete(file);
  if (chip.around.kind === 'esp32') {
    return {
      file: shared,
      io: {
        open: (name: string, mode = 'r') => {
          if (typeof name !== 'string') throw new Error("bad argument #1 to 'open' (string expected)");
          if (name.length > LONGEST_NAME) return new Several(undefined, `${name}: Invalid argument`, 22);
          const file = opened(() => new IoFile(flash, name, mode, close), name, mode);
          return file ?? new Several(undefined, `${name}: No such file or directory`, 2);
        },
      },
    };
  }
  return {
    file: {
      ...shared,
      open: (name: string, mode = 'r') => {
        const checked = named(name);
        return opened(() => new SpiffsFile(flash, checked, mode, close), checked, mode) ?? nil;
      },
      getcontents: (name: string) => flash.files.get(named(name)),
      putcontents: (name: string, text: string) => {
        if (!flash.empty(named(name))) return nil;
        return flash.write(name, 0, text) || nil;
      },
    },
  };
}

function named(name: unknown): string {
  if (typeof name !== 'string' || name.length < 1 || name.length > LONGEST_NAME || name.includes('\0')) {
    throw new Error('filename invalid');
  }
  return name;
}

/** Whether it can be opened so; empties it or makes it where the mode says so. */
function readied(flash: Flash, name: string, mode: string): boolean {
  if (mode.startsWith('r')) return flash.files.has(name);
  if (mode.startsWith('a') && flash.files.has(name)) return true;
  return flash.empty(name);
}

/** What open files of both kinds do. */
class OpenText extends LuaObject {
  protected isClosed = false;
  protected at = 0;
  readonly #flash: Flash;
  readonly #name: string;
  readonly #mode: string;
  readonly #onClose: (file: LuaObject) => void;

  constructor(flash: Flash, name: string, mode: string, onClose: (file: LuaObject) => void) {
    super();
    this.#flash = flash;
    this.#name = name;
    this.#mode = mode;
    this.#onClose = onClose;
  }

  protected get text(): string {
    return this.#flash.files.get(this.#name) ?? '';
  }

  protected taken(most: number): string | undefined {
    if (this.at >= this.text.length || most < 1) return undefined;
    const taken = this.text.slice(this.at, this.at + most);
    this.at += taken.length;
    return taken;
  }

  protected put(text: string): boolean {
    if (this.#mode === 'r') return false;
    if (this.#mode.startsWith('a')) this.at = this.text.length;
    const before = this.text.length;
    const isWhole = this.#flash.write(this.#name, this.at, text);
    this.at = isWhole ? this.at + text.length : Math.max(this.at, this.text.length, before);
    return isWhole;
  }

  protected moved(whence: string, offset: number): number | undefined {
    const base = whence === 'set' ? 0 : whence === 'end' ? this.text.length : this.at;
    if (base + offset < 0) return undefined;
    this.at = base + offset;
    return this.at;
  }

  protected shut(): void {
    this.isClosed = true;
    this.#onClose(this);
  }
}

/** What `file.open` gives. */
class SpiffsFile extends OpenText {
  read(most: number | string = CHUNK): string | undefined {
    this.#check();
    if (typeof most === 'number') return this.taken(most);
    const end = this.text.indexOf(most, this.at);
    return this.taken(Math.min(CHUNK, end < 0 ? CHUNK : end + 1 - this.at));
  }

  readline(): string | undefined {
    return this.read('\n');
  }

  write(text: string): true | Several {
    this.#check();
    return this.put(text) || nil;
  }

  writeline(text: string): true | Several {
    return this.write(`${text}\n`);
  }

  seek(whence = 'cur', offset = 0): number | undefined {
    this.#check();
    return this.moved(whence, offset);
  }

  flush(): true {
    this.#check();
    return true;
  }

  close(): void {
    this.shut();
  }

  #check(): void {
    if (this.isClosed) throw new Error('open a file first');
  }
}

/** What Lua's own `io.open` gives. */
class IoFile extends OpenText {
  read(what: number | string = 'l'): string | undefined {
    this.#check();
    if (typeof what === 'number') return this.taken(what);
    const format = what.replace('*', '');
    if (format.startsWith('a')) return this.taken(Number.MAX_SAFE_INTEGER) ?? '';
    const end = this.text.indexOf('\n', this.at);
    const line = this.taken(end < 0 ? Number.MAX_SAFE_INTEGER : end + 1 - this.at);
    return format.startsWith('L') ? line : line?.replace(/\n$/, '');
  }

  write(...texts: (string | number)[]): IoFile | Several {
    this.#check();
    return this.put(texts.join('')) ? this : new Several(undefined, 'No space left on device', 28);
  }

  seek(whence = 'cur', offset = 0): number | Several {
    this.#check();
    return this.moved(whence, offset) ?? new Several(undefined, 'Invalid argument', 22);
  }

  flush(): IoFile {
    this.#check();
    return this;
  }

  close(): true {
    this.#check();
    this.shut();
    return true;
  }

  #check(): void {
    if (this.isClosed) throw new Error('attempt to use a closed file');
  }
}
