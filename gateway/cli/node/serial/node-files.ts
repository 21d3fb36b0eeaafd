import { adlerSum } from '../../../driver/node/offers/adler-sum.ts';
import type { NodeConsole } from './node-console.ts';
import { faults } from './node-fault.ts';

/** A file of the firmware, as it is to be on the node. */
export interface NodeFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Progress {
  readonly name: string;
  /** Bytes that are on the node, of so many. */
  readonly done: number;
  readonly of: number;
}

/** `same`: it was there already; nothing was written. */
export type Uploaded = 'written' | 'same';

/** Names on the chip's file system: SPIFFS has 31 characters, no folders, and `.new` has to fit behind it. */
const fileName = /^[A-Za-z0-9._-]{1,27}$/;
/** Bytes beside a file that the file system takes for itself. */
const overhead = 2048;

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const nameOf = (name: string): string => {
  if (!fileName.test(name)) throw new RangeError(`${name}: no name for a file of a node`);
  return `"${name}"`;
};

/** The files of a node, by its console. */
export class NodeFiles {
  readonly #console: NodeConsole;

  constructor(console: NodeConsole) {
    this.#console = console;
  }

  /** Sizes by name. */
  async list(): Promise<ReadonlyMap<string, number>> {
    const told = await this.#console.ask('return U.l()');
    const files = told.split('/').map((one) => /^(.+) (\d+)$/.exec(one));
    return new Map(files.flatMap((found) => (found ? [[found[1] ?? '', Number(found[2])]] : [])));
  }

  async remove(name: string): Promise<void> {
    await this.#console.ask(`file.remove(${nameOf(name)})`);
  }

  /** Bytes that are free. */
  async room(): Promise<number> {
    return Number(await this.#console.ask('return(file.fsinfo())'));
  }

  /** Null where there is no such file. Read twice in effect: each piece, and the whole by its sum. */
  async read(name: string): Promise<Uint8Array | null> {
    const there = await this.#check(name);
    if (there === null) return null;
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < there.size; at += 64) {
      pieces.push(Buffer.from(await this.#console.ask(`return U.g(${nameOf(name)},${at},64)`), 'hex'));
    }
    const whole = Buffer.concat(pieces);
    if (whole.length !== there.size || adlerSum(whole) !== there.sum) throw faults.flash(name);
    return whole;
  }

  /**
   * Writes a file beside the one of its name, and reads it back. What an earlier try has written is gone on from; where
   * the right one is in its place already, nothing is written.
   */
  async stage(file: NodeFile, onProgress: (progress: Progress) => void): Promise<Uploaded> {
    const { name, bytes } = file;
    const told = (done: number): void => onProgress({ name, done, of: bytes.length });
    if (await this.#isRight(name, file)) {
      told(bytes.length);
      return 'same';
    }
    const part = `${name}.new`;
    for (let attempt = 0; !(await this.#isRight(part, file)); attempt += 1) {
      if (attempt === 2) throw faults.flash(name);
      // The second time from the beginning: what is there may be what is wrong.
      await this.#write(part, bytes, attempt === 0, told);
    }
    return 'written';
  }

  /** A staged file takes the place of the one of its name, which stays as NAME.old. */
  async place(file: NodeFile): Promise<void> {
    if (await this.#isRight(file.name, file)) return;
    await this.#console.ask(`return U.m(${nameOf(file.name)})`);
    if (!(await this.#isRight(file.name, file))) throw faults.flash(file.name);
  }

  /** Stages a file and puts it in its place. */
  async upload(file: NodeFile, onProgress: (progress: Progress) => void): Promise<Uploaded> {
    const state = await this.stage(file, onProgress);
    await this.place(file);
    return state;
  }

  async #isRight(name: string, { bytes }: NodeFile): Promise<boolean> {
    const there = await this.#check(name);
    return there?.size === bytes.length && there.sum === adlerSum(bytes);
  }

  async #check(name: string): Promise<{ size: number; sum: string } | null> {
    const told = await this.#console.ask(`return U.c(${nameOf(name)})`);
    const [size, sum] = told.split(' ');
    return told === 'absent' || sum === undefined ? null : { size: Number(size), sum };
  }

  async #write(part: string, bytes: Uint8Array, goOn: boolean, told: (done: number) => void): Promise<void> {
    for (let isWhole = false; !isWhole; goOn = true) {
      const from = goOn ? await this.#written(part, bytes) : 0;
      const free = await this.room();
      if (free < bytes.length - from + overhead) throw faults.full(free, bytes.length - from + overhead);
      const begun = await this.#console.askUnlessRestarted(
        `return U.b(${nameOf(part)},"${from === 0 ? 'w' : 'a'}",${from})`,
      );
      isWhole = begun !== undefined && (await this.#pieces(bytes, from, told));
    }
  }

  /** How much of the file is there and right. */
  async #written(part: string, bytes: Uint8Array): Promise<number> {
    const there = await this.#check(part);
    if (there === null || there.size > bytes.length) return 0;
    return there.sum === adlerSum(bytes.subarray(0, there.size)) ? there.size : 0;
  }

  /** False when the chip has restarted meanwhile. */
  async #pieces(bytes: Uint8Array, from: number, told: (done: number) => void): Promise<boolean> {
    for (let at = from; at < bytes.length; ) {
      const lua = `return U.w(${at},...)`;
      const piece = this.#pieceOf(bytes, at, lua);
      const answer = await this.#console.askUnlessRestarted(lua, piece);
      if (answer === undefined) return false;
      if (answer === 'full') throw faults.full(await this.room(), bytes.length - at);
      at += piece.length;
      // It stands somewhere else: the file is begun from what is there.
      if (Number(answer) !== at) return false;
      told(at);
    }
    return (await this.#console.askUnlessRestarted('U.e()')) !== undefined;
  }

  /** As much as fits into one line. */
  #pieceOf(bytes: Uint8Array, at: number, lua: string): string {
    let length = Math.min(150, bytes.length - at);
    while (length > 1 && !this.#console.fits(lua, textOf(bytes.subarray(at, at + length)))) length -= 1;
    return textOf(bytes.subarray(at, at + length));
  }
}
