import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { streams } from '../../record/record.ts';
import { exportedFileOf, readExported } from '../exported.ts';
import type { Leaving, StoreEvent } from '../port.ts';
import type { ThreadOptions } from '../worker-messages.ts';
import { leaving } from './leaving.ts';
import type { Ledger } from './ledger.ts';
import { ProvingWalk } from './proving-walk.ts';
import { Reserve, reserveSize } from './reserve.ts';
import { type LetGo, Retention } from './retention.ts';

/** Commits between two looks at the medium: about two minutes of a usual site. */
const commitsBetweenLooks = 16;
/** Commits between two steps that let go by age: a step takes more blocks than so many commits add. */
const commitsBetweenSteps = 8;
/** Room that is kept on the medium for others and for a bad day: bytes at most, and the share of a small medium. */
const lowWater = { bytes: 128 * 1_048_576, share: 0.03 };
/** Steps that a full medium gets at once before its commit is tried again. */
const stepsWhenFull = 8;
/** Growth is told once it was watched for so long, milliseconds of commit time. */
const watchedFor = 600_000;

/**
 * Keeps the store within its room: looks at the medium, lets old entries go in small steps beside the commits, holds a
 * reserve, and makes room when the medium is full after all. Proves what it holds when there is nothing to let go.
 */
export class Upkeep {
  readonly #ledger: Ledger;
  readonly #options: ThreadOptions;
  readonly #tell: (event: StoreEvent) => void;
  readonly #retention: Retention;
  readonly #walk: ProvingWalk;
  readonly #reserve: Reserve;
  #commits = 0;
  #isShort = false;
  #written = { bytes: 0, since: 0 };

  constructor(ledger: Ledger, options: ThreadOptions, tell: (event: StoreEvent) => void) {
    this.#ledger = ledger;
    this.#options = options;
    this.#tell = tell;
    this.#retention = new Retention(ledger, options.uplinks);
    this.#walk = new ProvingWalk(ledger);
    const size = Math.min(reserveSize, Math.floor(this.#medium().size / 20));
    this.#reserve = new Reserve(options.file, size);
  }

  /** After a commit that was announced: one look and one step now and then; while room is short, a step every time. Faults are told, never thrown. */
  afterCommit(): void {
    if (++this.#commits % commitsBetweenLooks === 0) {
      this.look();
      this.#keepReserve();
    }
    if (this.#isShort) {
      const done = this.#retention.forRoom();
      if (done !== undefined) this.#told(done);
      this.#isShort = this.#lacksRoom();
    } else if (this.#commits % commitsBetweenSteps === 0) this.#byAge();
    // Also a store that always has something to let go proves the rest: in between.
    if (this.#commits % commitsBetweenSteps === commitsBetweenSteps / 2) this.#prove();
  }

  /** The medium is full: what can be let go is, at once. True when a commit is worth another try. */
  makeRoom(): boolean {
    const released = this.#reserve.release();
    this.#isShort = true;
    // Letting go needs room in the log as well; where even that is not to be had it fails, and the commit with it.
    let done: LetGo | undefined;
    for (let step = 0; step < stepsWhenFull; step++) {
      done = this.#retention.forRoom();
      if (done === undefined) break;
      this.#told(done);
    }
    return released || done !== undefined;
  }

  /** Tells size and room. */
  look(): void {
    const { bytes, free } = this.#ledger.size();
    const medium = this.#medium();
    this.#isShort = this.#lacksRoom();
    const { limit } = this.#options.retention;
    const bytesPerDay = this.#growth(bytes - free);
    this.#tell({ kind: 'store-size', bytes: bytes - free, free: medium.free + free, limit, bytesPerDay });
    const room = Math.min(medium.free + free, limit === null ? Number.POSITIVE_INFINITY : limit - bytes + free);
    this.#tell({ kind: 'store-leaving', leaving: this.#leaving(room, bytesPerDay) });
  }

  #leaving(room: number, bytesPerDay: number | null): Leaving | null {
    const { uplinks, retention, file } = this.#options;
    return leaving(this.#ledger, {
      uplinks,
      letGo: (uplink, epoch) => this.#ledger.claims(uplink).letGo('records', epoch),
      kept: retention.records,
      roomDays: bytesPerDay === null || bytesPerDay <= 0 ? null : Math.max(0, room) / bytesPerDay,
      exported: readExported(exportedFileOf(file)),
    });
  }

  /** There is room for more than what the site itself will need next. */
  hasRoom(): boolean {
    return !this.#lacksRoom();
  }

  /** Not at the opening, which it would hold up on a slow card. */
  #keepReserve(): void {
    const { size, free } = this.#medium();
    if (free > this.#lowWater(size) + this.#reserve.size) this.#reserve.make();
  }

  /** A step for each stream: one that always has something to let go must not keep the other waiting. */
  #byAge(): void {
    const { retention } = this.#options;
    for (const stream of streams) {
      const done = this.#retention.byAge(stream, this.#ledger.newestAt - retention[stream]);
      if (done !== undefined) this.#told(done);
    }
  }

  #prove(): void {
    const unreadable = this.#walk.step();
    if (unreadable !== undefined) this.#tell({ kind: 'store-retention', ...unreadable, reason: 'lost' });
  }

  #told({ stream, entries, reason }: LetGo): void {
    this.#tell({ kind: 'store-retention', stream, entries, reason });
  }

  /** What is deleted stays in the file as free pages, which are written again: they count as room. */
  #lacksRoom(): boolean {
    const { bytes, free } = this.#ledger.size();
    const { limit } = this.#options.retention;
    if (limit !== null && bytes - free > limit) return true;
    const medium = this.#medium();
    return medium.free + free < this.#lowWater(medium.size);
  }

  #lowWater(size: number): number {
    return Math.min(lowWater.bytes, size * lowWater.share);
  }

  #medium(): { readonly size: number; readonly free: number } {
    const { bsize, blocks, bavail } = statfsSync(dirname(this.#options.file));
    return { size: bsize * blocks, free: bsize * bavail };
  }

  /** Bytes a day by which the store grew since it was first looked at; null until that says something. */
  #growth(used: number): number | null {
    const at = this.#ledger.newestAt;
    if (this.#written.since === 0 || used < this.#written.bytes) this.#written = { bytes: used, since: at };
    const watched = at - this.#written.since;
    return watched < watchedFor ? null : ((used - this.#written.bytes) / watched) * 86_400_000;
  }
}
