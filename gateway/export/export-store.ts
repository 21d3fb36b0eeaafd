import type { KeyObject } from 'node:crypto';
import { type Clock, LocalTime } from '../clock.ts';
import {
  type ExportChoice,
  type ExportManifest,
  type ExportPart,
  exportFormat,
  manifestBytes,
  manifestFile,
  mostParts,
  signatureFile,
  signManifest,
} from '../contract/export/manifest.ts';
import type { KeyLink } from '../record/key-chain.ts';
import { publicKeyText } from '../record/signature.ts';
import { type NotReadable, StoreAwoke, StoreReader } from '../store/reader.ts';
import { Choice } from './choice.ts';
import { tablesTo } from './csv/csv-files.ts';
import { tableWords } from './csv/table-words.ts';
import { Tables } from './csv/tables.ts';
import { Medium, MediumFault } from './medium.ts';
import { type BeginPart, linesTo, type PartFiles } from './part-files.ts';
import { type ExportProgress, progressFile, writeProgress } from './progress-file.ts';
import { keepWhole, takeUp } from './taking-up.ts';
import { type ChainToWalk, ChainWalker, type ChosenStretch, type WalkPlace } from './walk.ts';

/** What is to be exported, from where, to where. */
export interface ExportTask {
  /** The site directory. */
  readonly site: string;
  readonly out: string;
  readonly gateway: string;
  readonly area: string;
  readonly timezone: string;
  readonly version: string;
  readonly choice: ExportChoice;
  /** Points that the chosen instruments measure at. */
  readonly pointsOfInstruments: readonly string[];
  readonly content: 'jsonl' | 'csv';
  readonly language: 'zh' | 'en';
  /** Byte order mark before tables. */
  readonly bom: boolean;
  /** A part is closed when it has so many bytes; it holds little more. */
  readonly partBytes: number;
  readonly privateKey: KeyObject;
  readonly keys: readonly KeyLink[];
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** How far it is. */
export interface ExportAdvance {
  readonly doing: 'checking' | 'writing';
  /** Sequence numbers gone over, of all. */
  readonly done: number;
  readonly all: number;
  readonly parts: number;
  readonly bytes: number;
}

/** What an export came to. */
export interface ExportOutcome {
  /** `stopped`: it can go on where it is, see `fault`. `refused`: nothing was written. */
  readonly state: 'whole' | 'stopped' | 'refused';
  /** Why it stopped or was refused; null when it was interrupted by whoever began it. */
  readonly fault: MediumFault | null;
  readonly parts: number;
  /** Of them, found there and whole. */
  readonly kept: number;
  readonly entries: number;
  readonly bytes: number;
  readonly isOwnMedium: boolean;
}

/** Most entries gone over between two looks at whether anybody wants it to stop. */
const breath = 500;

/**
 * Writes what is chosen of a site's store to a directory, beside the running gateway: it only reads, holds a few
 * megabytes, and gives way to everything else. Cut off at any moment, by a stick that is pulled out or a power cut, the same
 * task goes on with the parts that are there. Throws what SQLite throws where the store cannot be read on.
 */
export async function exportStore(
  task: ExportTask,
  observe: (advance: ExportAdvance) => void = () => {},
): Promise<ExportOutcome | NotReadable> {
  for (;;) {
    const reader = StoreReader.open(task.site);
    if ('fault' in reader) return reader;
    try {
      return await new StoreExport(task, reader, observe).run();
    } catch (error) {
      // The gateway was started meanwhile: it goes on with the parts that are there, beside it.
      if (!(error instanceof StoreAwoke)) throw error;
    } finally {
      reader.close();
    }
  }
}

class StoreExport {
  readonly #task: ExportTask;
  readonly #reader: StoreReader;
  readonly #observe: (advance: ExportAdvance) => void;
  readonly #choice: Choice;
  readonly #localTime: LocalTime;
  #progress: ExportProgress;
  #isOwnMedium = false;
  #kept = 0;
  #done = 0;
  #all = 0;
  #files: PartFiles | null = null;

  constructor(task: ExportTask, reader: StoreReader, observe: (advance: ExportAdvance) => void) {
    this.#task = task;
    this.#reader = reader;
    this.#observe = observe;
    this.#choice = new Choice(task.choice, task.pointsOfInstruments);
    this.#localTime = new LocalTime(task.timezone);
    this.#progress = this.#beginning();
  }

  async run(): Promise<ExportOutcome> {
    try {
      const medium = await Medium.open(this.#task.out, this.#task.site);
      this.#isOwnMedium = medium.isOwn;
      this.#progress = await takeUp(medium, this.#progress, this.#reader);
      this.#progress = await keepWhole(medium, this.#progress, (done, all) => this.#tell('checking', done, all));
      this.#kept = this.#parts.length;
      const isDone = await this.#chains(medium);
      if (!isDone) return this.#outcome('stopped', null);
      await this.#seal(medium);
      return this.#outcome('whole', null);
    } catch (error) {
      if (!(error instanceof MediumFault)) throw error;
      const isRefusal = error.why === 'not-empty' || error.why === 'no-directory';
      return this.#outcome(isRefusal ? 'refused' : 'stopped', error);
    } finally {
      await this.#files?.abandon();
    }
  }

  #beginning(): ExportProgress {
    const { gateway, content, choice, language, bom } = this.#task;
    const table = content === 'csv' ? `${language} ${bom ? 'bom' : 'plain'}` : '';
    const taken = [
      ...(this.#choice.takesRecords ? (['records'] as const) : []),
      ...(this.#choice.takesSamples ? (['samples'] as const) : []),
    ];
    const ends = taken.flatMap((stream) =>
      this.#reader.epochs.map((epoch) => ({ stream, epoch: epoch.id, end: this.#reader.last(stream, epoch) })),
    );
    const asked = { gateway, content, choice, table };
    return { format: 'fenceline-export-progress-1', asked, ends, steps: [] };
  }

  get #parts(): ExportPart[] {
    return this.#progress.steps.flatMap(({ parts }) => parts);
  }

  /** False when it was interrupted. */
  async #chains(medium: Medium): Promise<boolean> {
    const begin = this.#beginPart(medium);
    const isLooking = this.#task.content === 'csv' || !this.#choice.isWhole;
    const walker = new ChainWalker(this.#reader, this.#choice, this.#localTime, isLooking);
    const chains = this.#chainsToDo();
    this.#all = chains.reduce((sum, { end }) => sum + end, 0);
    for (const chain of chains) {
      const last = this.#parts.findLast(({ stream, epoch }) => stream === chain.stream && epoch === chain.epoch.id);
      const place: WalkPlace =
        last === undefined ? { next: walker.start(chain), hash: null } : { next: last.last + 1, hash: last.after };
      const before = this.#done;
      if (place.next <= chain.end && !(await this.#chain(chain, walker, place, begin, medium))) return false;
      this.#done = before + chain.end;
    }
    return true;
  }

  /** From the chain on that the last part is of: those before it are done. */
  #chainsToDo(): ChainToWalk[] {
    const last = this.#parts.at(-1);
    const { ends } = this.#progress;
    const at = ends.findIndex(({ stream, epoch }) => stream === last?.stream && epoch === last?.epoch);
    return ends.slice(Math.max(0, at)).flatMap(({ stream, epoch: id, end }) => {
      const epoch = this.#reader.epochs.find((one) => one.id === id);
      return epoch === undefined || end === 0 ? [] : [{ stream, epoch, end }];
    });
  }

  async #chain(
    chain: ChainToWalk,
    walker: ChainWalker,
    place: WalkPlace,
    begin: BeginPart,
    medium: Medium,
  ): Promise<boolean> {
    const before = this.#done;
    let open: { first: ChosenStretch; last: ChosenStretch } | undefined;
    const close = async (): Promise<void> => {
      if (open !== undefined) await this.#closePart(chain, open.first, open.last, medium);
      open = undefined;
    };
    let rested = place.next;
    for (const stretch of walker.stretches(chain, place)) {
      const to = typeof stretch === 'number' ? stretch : stretch.to;
      this.#done = before + to;
      if (to - rested >= breath) {
        rested = to;
        this.#tell('writing', this.#done, this.#all);
        await new Promise((resolve) => setImmediate(resolve));
        if (this.#task.signal?.aborted) return false;
      }
      if (typeof stretch === 'number') continue;
      this.#files ??= await begin(chain.stream, this.#progress.steps.length + 1);
      await this.#files.write(stretch);
      open = { first: open?.first ?? stretch, last: stretch };
      if (this.#files.bytes < this.#task.partBytes) continue;
      await close();
      if (this.#task.signal?.aborted) return false;
    }
    await close();
    return true;
  }

  async #closePart(
    { stream, epoch }: ChainToWalk,
    first: ChosenStretch,
    last: ChosenStretch,
    medium: Medium,
  ): Promise<void> {
    const place = {
      stream,
      epoch: epoch.id,
      gateway: epoch.gateway,
      first: first.from,
      last: last.to,
      before: first.before,
      after: last.after,
    };
    const files = (await this.#files?.finish()) ?? [];
    this.#files = null;
    if (files.length === 0) return;
    const parts = files.map((file) => ({ ...file, ...place }));
    this.#progress = { ...this.#progress, steps: [...this.#progress.steps, { parts }] };
    if (this.#parts.length > mostParts)
      throw new RangeError(`an export has at most ${mostParts} parts; make them larger`);
    await writeProgress(medium, this.#progress);
    this.#tell('writing', this.#done, this.#all);
  }

  #beginPart(medium: Medium): BeginPart {
    const { content, language, bom } = this.#task;
    if (content === 'jsonl') return linesTo(medium);
    const tables = new Tables(tableWords[language], language, this.#localTime, this.#choice);
    return tablesTo(medium, tables, bom, (stream, id, seq) => {
      const epoch = this.#reader.epochs.find((one) => one.id === id);
      return epoch && this.#reader.committedAt(stream, epoch, seq);
    });
  }

  /** The manifest takes the place of the progress. */
  async #seal(medium: Medium): Promise<void> {
    const { gateway, area, timezone, version, choice, content, privateKey, keys, clock } = this.#task;
    const parts = this.#parts;
    const manifest: ExportManifest = {
      format: exportFormat,
      content,
      gateway,
      area,
      timezone,
      made: this.#localTime.stamp(clock.wall()),
      software: { name: 'fenceline', version },
      choice,
      entries: entriesOf(parts),
      bytes: bytesOf(parts),
      parts,
      alg: 'Ed25519',
      publicKey: publicKeyText(privateKey),
      keys: keys.map(({ publicKey, previous, signature }) => ({ publicKey, previous, signature })),
    };
    const bytes = manifestBytes(manifest);
    await medium.write(signatureFile, signManifest(bytes, privateKey));
    await medium.write(manifestFile, bytes);
    await medium.remove(progressFile);
    await medium.flush();
  }

  #tell(doing: ExportAdvance['doing'], done: number, all: number): void {
    const bytes = bytesOf(this.#parts) + (this.#files?.bytes ?? 0);
    this.#observe({ doing, done, all, parts: this.#parts.length, bytes });
  }

  #outcome(state: ExportOutcome['state'], fault: MediumFault | null): ExportOutcome {
    const parts = this.#parts;
    return {
      state,
      fault,
      parts: parts.length,
      kept: this.#kept,
      entries: entriesOf(parts),
      bytes: bytesOf(parts),
      isOwnMedium: this.#isOwnMedium,
    };
  }
}

function entriesOf(parts: readonly ExportPart[]): number {
  return parts.reduce((sum, { entries }) => sum + entries, 0);
}

function bytesOf(parts: readonly ExportPart[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}
