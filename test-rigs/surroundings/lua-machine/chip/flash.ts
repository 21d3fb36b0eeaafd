/** Bytes of a page of SPIFFS, and what of it holds data. https://github.com/pellepl/spiffs/wiki/Integrate-spiffs */
const PAGE = 256;
const DATA = 251;

/** Longest name: SPIFFS_OBJ_NAME_LEN is 32, its ending NUL included. */
export const LONGEST_NAME = 31;

/** Thrown by an operation in whose middle the power went. */
class PowerLost extends Error {
  constructor() {
    super('the power went');
    this.name = 'PowerLost';
  }
}

/** Where the power goes: in the middle of the operation of that number, counted from now, after so many bytes of it. */
export interface Cut {
  /** 1 is the next operation that changes flash. */
  readonly operation: number;
  /** Of a write: bytes that are in flash. Of anything else: 0 is before it, more is after it. */
  readonly kept: number;
}

/**
 * A chip's flash with SPIFFS on it: flat, bounded, and kept over everything but an erasure. Every operation that changes it
 * is counted, and the power may be cut in any of them. Contents are bytes, as text of latin1.
 */
export class Flash {
  readonly files = new Map<string, string>();
  /** Operations that changed something, ever. */
  operations = 0;
  /** Bytes written, ever: what wears flash out. */
  written = 0;
  readonly size: number;
  #cut: Cut | null = null;
  readonly #onCut: () => void;

  constructor(size: number, onCut: () => void) {
    this.size = size;
    this.#onCut = onCut;
  }

  cutAt(cut: Cut | null): void {
    this.#cut = cut;
  }

  /** Bytes as `fsinfo` counts them: pages, one more for each file's name. */
  get used(): number {
    let pages = 0;
    for (const text of this.files.values()) pages += 1 + Math.ceil(text.length / DATA);
    return pages * PAGE;
  }

  get free(): number {
    return Math.max(0, this.size - this.used);
  }

  /** Makes an empty file, or empties one; false without room. */
  empty(name: string): boolean {
    if (!this.files.has(name) && this.free < PAGE) return false;
    this.#step(1, () => void this.files.set(name, ''));
    return true;
  }

  /** Writes at a place; false if not all of it found room, and then what did is there. */
  write(name: string, at: number, text: string): boolean {
    const before = this.files.get(name) ?? '';
    const put = (count: number): void => {
      this.files.set(name, before.slice(0, at) + text.slice(0, count) + before.slice(at + count));
      this.written += count;
    };
    const room = this.free + (DATA - (before.length % DATA || DATA)) - (this.files.has(name) ? 0 : PAGE);
    const fits = Math.min(
      text.length,
      Math.max(0, Math.floor(room / PAGE) * DATA + (DATA - (before.length % DATA || DATA))),
    );
    this.#step(fits, put);
    return fits === text.length;
  }

  remove(name: string): void {
    if (this.files.has(name)) this.#step(1, (count) => count > 0 && this.files.delete(name));
  }

  /** False if there is no such file, or another has the name: SPIFFS_ERR_CONFLICTING_NAME. */
  rename(from: string, to: string): boolean {
    const text = this.files.get(from);
    if (text === undefined || this.files.has(to)) return false;
    this.#step(1, (count) => {
      if (count === 0) return;
      this.files.delete(from);
      this.files.set(to, text);
    });
    return true;
  }

  #step(size: number, act: (count: number) => void): void {
    this.operations += 1;
    if (this.#cut === null || this.#cut.operation > 1) {
      if (this.#cut !== null) this.#cut = { operation: this.#cut.operation - 1, kept: this.#cut.kept };
      act(size);
      return;
    }
    const { kept } = this.#cut;
    this.#cut = null;
    act(Math.min(kept, size));
    this.#onCut();
    throw new PowerLost();
  }
}
