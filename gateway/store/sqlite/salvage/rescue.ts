import { LocalTime, type WallTime } from '../../../clock.ts';
import { canonicalJson } from '../../../record/canonical.ts';
import type { StoreEvent } from '../../port.ts';
import type { OwnCommit, ThreadOptions } from '../../worker-messages.ts';
import type { Ledger } from '../ledger.ts';
import { accountOf } from './account.ts';
import { Losses } from './losses.ts';
import { markRead, unread } from './marker.ts';
import { Salvage } from './salvage.ts';
import { takeOver } from './take-over.ts';

/** Pause before the next look when the medium has no room for what would be taken over, milliseconds. */
const pauseWithoutRoom = 60_000;
/** Share of a file between two events that tell how far it has come. */
const tellEvery = 0.02;

/** What the rescue needs of the thread it runs in. */
interface RescueParts {
  readonly ledger: Ledger;
  readonly options: ThreadOptions;
  /** Epoch ids known from the list beside the database. */
  readonly listed: readonly string[];
  /** Site version in force. */
  site(): string;
  /** The medium has room for more than what the site itself needs. */
  hasRoom(): boolean;
  tell(event: StoreEvent): void;
  /** What the rescue committed by itself. */
  committed(commit: OwnCommit): void;
}

/**
 * Reads what can be read out of files that were set aside, one after the other and in steps, while the store works.
 * What could not be recovered becomes gap records and an event when a file has been read to its end.
 */
export class Rescue {
  readonly #parts: RescueParts;
  #salvage: Salvage | undefined;
  #losses: Losses | undefined;
  #told = 0;
  #isShort = false;

  constructor(parts: RescueParts) {
    this.#parts = parts;
  }

  /** One step. Returns how long to wait before the next, milliseconds; null when no file is left to read. */
  step(): number | null {
    const salvage = this.#current();
    if (salvage === undefined) return null;
    if (!this.#parts.hasRoom()) return this.#waitForRoom();
    this.#isShort = false;
    if (salvage.isDone) this.#end(salvage);
    else if (this.#losses === undefined) this.#read(salvage);
    else if (!this.#losses.step()) {
      this.#commit(salvage, this.#losses);
      this.#end(salvage);
    }
    return 0;
  }

  /** Leaves the file it is reading; the next rescue goes on from there. */
  close(): void {
    this.#salvage?.close();
  }

  #current(): Salvage | undefined {
    if (this.#salvage !== undefined) return this.#salvage;
    const { ledger, options, listed } = this.#parts;
    const [next] = unread(options.file);
    if (next === undefined) return undefined;
    this.#salvage = new Salvage(ledger, next.file, next.marker, listed);
    this.#told = this.#salvage.progress.share;
    if (!this.#salvage.isDone) this.#tell(this.#salvage, false);
    return this.#salvage;
  }

  #read(salvage: Salvage): void {
    if (!salvage.step()) {
      const { ledger, options } = this.#parts;
      this.#losses = new Losses(ledger.database, salvage.epochs, salvage.remains, options.uplinks);
    }
    if (salvage.progress.share - this.#told < tellEvery) return;
    this.#told = salvage.progress.share;
    this.#tell(salvage, false);
  }

  #commit(salvage: Salvage, losses: Losses): void {
    const { ledger, options, site, committed } = this.#parts;
    const at = Math.max(ledger.newestAt, salvage.marker.setAsideAt);
    const records = accountOf(salvage, losses, new LocalTime(options.timezone), at as WallTime);
    const texts = records.map(canonicalJson);
    const asked = {
      at,
      site: site(),
      labels: [],
      parts: [{ stream: 'records', texts }],
    } as const;
    const done = ledger.commit(asked, () => {
      takeOver(ledger.database, salvage);
      salvage.noteDone();
    });
    ledger.adopt(salvage.epochs, options.uplinks);
    for (const part of done.parts) committed({ part, texts, at: done.at, site: asked.site });
    if (losses.entries > 0) this.#lost(losses);
    this.#tell(salvage, true);
  }

  #lost(losses: Losses): void {
    for (const stream of ['records', 'samples'] as const) {
      const entries = losses.found
        .filter((loss) => loss.stream === stream)
        .reduce((sum, { first, last }) => sum + last - first + 1, 0);
      if (entries > 0) this.#parts.tell({ kind: 'store-retention', stream, entries, reason: 'lost' });
    }
  }

  #end(salvage: Salvage): void {
    markRead(salvage.file);
    salvage.forget();
    salvage.close();
    this.#salvage = undefined;
    this.#losses = undefined;
  }

  #tell(salvage: Salvage, finished: boolean): void {
    this.#parts.tell({ kind: 'store-salvage', ...salvage.progress, finished });
  }

  #waitForRoom(): number {
    if (!this.#isShort) {
      const message =
        'no room to take over what a damaged store still holds; make room on the medium, it goes on by itself';
      this.#parts.tell({ kind: 'store-fault', message });
    }
    this.#isShort = true;
    return pauseWithoutRoom;
  }
}
