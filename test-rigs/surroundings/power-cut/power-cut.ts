import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtShim } from './build.ts';
import { DiskDirectory, DiskFile, readDisk, replay } from './disk.ts';
import { DiskSwitches } from './disk-switches.ts';
import { type Deed, readDeeds } from './journal.ts';
import { type DiskState, legalState, liveState, type Rules } from './legal-state.ts';

/*
 * In three lines:
 *   using disk = PowerCut.follow(directory);                 // before the program starts
 *   spawn(program, { env: { ...process.env, ...disk.environment } });   // and dies by SIGKILL
 *   disk.cut({ rules: 'prefix', random });                   // the directory is as a power cut may have left it
 */

/** When and how a disk loses its power. */
export interface Cut {
  readonly rules: Rules;
  readonly random: () => number;
  /** How many of the deeds in the journal were done by then; all of them when left out. */
  readonly after?: number;
}

/** One run of a program on a directory whose disk loses its power at the end of it. */
export class PowerCut implements Disposable {
  /** What the program is to be started with. */
  readonly environment: { readonly [name: string]: string };
  /** Faults of the disk while the program runs. */
  readonly switches: DiskSwitches;
  readonly #directory: string;
  readonly #before: DiskDirectory;
  readonly #workshop: string;
  readonly #journal: string;
  #deeds: { readonly length: number; readonly deeds: readonly Deed[] } = { length: 0, deeds: [] };

  private constructor(directory: string, told: number | null) {
    this.#directory = realpathSync(directory);
    this.#before = readDisk(this.#directory);
    this.#workshop = mkdtempSync(join(tmpdir(), 'fenceline-power-cut-'));
    this.#journal = join(this.#workshop, 'journal');
    this.switches = new DiskSwitches(join(this.#workshop, 'switches'));
    this.environment = {
      LD_PRELOAD: builtShim(),
      POWER_CUT_DIRECTORY: this.#directory,
      POWER_CUT_JOURNAL: this.#journal,
      POWER_CUT_SWITCHES: this.switches.file,
      ...(told === null ? {} : { POWER_CUT_TOLD: String(told) }),
    };
  }

  /**
   * Everything in the directory now counts as being on the medium. Whoever writes to it from now on must be preloaded.
   * `told`: a descriptor on which the program says what it has made durable.
   */
  static follow(directory: string, { told = null }: { told?: number | null } = {}): PowerCut {
    return new PowerCut(directory, told);
  }

  /** What the program has done so far, in order. */
  get deeds(): readonly Deed[] {
    const length = existsSync(this.#journal) ? statSync(this.#journal).size : 0;
    if (length !== this.#deeds.length) this.#deeds = { length, deeds: readDeeds(readFileSync(this.#journal)) };
    return this.#deeds.deeds;
  }

  /** What the program had said on its descriptor when so many deeds were done. */
  toldAfter(deeds: number): string {
    const said = this.deeds.slice(0, deeds).filter(({ kind }) => kind === 'told');
    return said.map(({ data }) => data.toString()).join('');
  }

  /** The program is gone: makes the directory what a power cut at that moment may have left of it. */
  cut(how: Cut): void {
    writeOver(this.#directory, this.#legalState(how));
  }

  /** Makes another directory what a power cut may have left of this one, which stays as it is. Any number of times. */
  fork(into: string, how: Cut): void {
    writeOver(into, this.#legalState(how));
  }

  /** Where the directory is not what the journal says, so that something was written past the shim; empty: nowhere. */
  unseen(): string[] {
    const found: string[] = [];
    compare(liveState(this.#replayed()), liveState(readDisk(this.#directory)), '', found);
    return found;
  }

  [Symbol.dispose](): void {
    rmSync(this.#workshop, { recursive: true, force: true });
  }

  #legalState({ rules, random, after }: Cut): DiskState {
    const mapped = (path: string): Buffer | undefined => {
      const file = join(this.#directory, path);
      return existsSync(file) ? readFileSync(file) : undefined;
    };
    return legalState(this.#replayed(after), { rules, random, mapped });
  }

  #replayed(after?: number): DiskDirectory {
    const disk = copyOf(this.#before);
    replay(disk, this.deeds.slice(0, after));
    return disk;
  }
}

/** A disk of its own to let things happen to. Contents are never changed in place, so files' bytes are shared. */
function copyOf(directory: DiskDirectory): DiskDirectory {
  const copy = new DiskDirectory(directory.mode);
  for (const [name, node] of directory.base) {
    const isFile = node instanceof DiskFile;
    const inner = node instanceof DiskDirectory ? copyOf(node) : isFile ? new DiskFile(node.mode, node.base) : node;
    copy.base.set(name, inner);
    copy.live.set(name, inner);
  }
  return copy;
}

function writeOver(directory: string, state: DiskState): void {
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
  writeState(directory, state, new Map());
}

function writeState(directory: string, state: DiskState, written: Map<DiskFile, string>): void {
  for (const [name, one] of state) {
    const path = join(directory, name);
    if (one instanceof Map) {
      mkdirSync(path, { mode: 0o700 });
      writeState(path, one, written);
      continue;
    }
    const other = written.get(one.node);
    if (other !== undefined) linkSync(other, path);
    else {
      writeFileSync(path, one.content);
      chmodSync(path, one.node.mode);
      written.set(one.node, path);
    }
  }
}

function compare(told: DiskState, there: DiskState, path: string, found: string[]): void {
  for (const name of new Set([...told.keys(), ...there.keys()])) {
    const place = `${path}/${name}`;
    const [one, other] = [told.get(name), there.get(name)];
    if (one === undefined || other === undefined) found.push(`${place}: ${one ? 'only told' : 'not told'}`);
    else if (one instanceof Map && other instanceof Map) compare(one, other, place, found);
    else if (one instanceof Map || other instanceof Map) found.push(`${place}: a directory on one side`);
    else if (!one.node.mapped && !one.content.equals(other.content)) found.push(`${place}: another content`);
  }
}
