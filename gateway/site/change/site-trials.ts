import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import * as z from 'zod';
import { type FileSteps, systemFileSteps, writeDurably } from '../durable-file.ts';
import { SiteFile } from '../lowdb-site-file.ts';
import { readIfThere, type SiteDirectory } from '../site-directory.ts';
import type { SiteDocument } from '../site-schema.ts';

/** Starts that a document on trial is given: one that brings the gateway down again and again is not waited for. */
const mostStarts = 5;

const trialSchema = z.object({
  /** `trial`: the new document runs or is about to; the other two are decided, and are finished whatever happens. */
  phase: z.enum(['trial', 'rolling-back', 'confirmed']),
  /** The command that asked for it, the key that signed it, the uplink that it came by, and these as records name them. */
  id: z.string(),
  key: z.string(),
  uplink: z.string(),
  who: z.string(),
  /** Site versions. */
  from: z.string(),
  to: z.string(),
  /** The text of site.json before. */
  former: z.string(),
  /** SHA-256 of its text during the trial. */
  next: z.string(),
  /** Wall time, and milliseconds from then. */
  begunAt: z.number(),
  within: z.number(),
  starts: z.int(),
  /** Of a roll-back: why, English. */
  why: z.string().nullable(),
});

/** A site document on trial, as it is kept beside site.json. */
export type SiteTrial = Readonly<z.output<typeof trialSchema>>;

/** What stands of a trial when the gateway starts. */
export type ResumedTrial =
  | { readonly kind: 'none' }
  /** The new document is to run; `left`: milliseconds until it has to be confirmed. */
  | { readonly kind: 'on-trial'; readonly trial: SiteTrial; readonly left: number }
  /** It is over and the site file is whole: what is left is to tell, and then {@link SiteTrials.end}. */
  | {
      readonly kind: 'ended';
      readonly trial: SiteTrial;
      readonly how: 'confirmed' | 'rolled-back' | 'never-begun' | 'edited';
    };

/**
 * A change of site.json that is taken back unless it is confirmed. A marker with the former text is on the medium before
 * site.json is touched, and goes last, so a power cut at any moment leaves the old document or the new one, and the
 * marker says which of them is to run.
 */
export class SiteTrials {
  readonly #directory: SiteDirectory;
  readonly #steps: FileSteps;

  constructor(directory: SiteDirectory, steps: FileSteps = systemFileSteps) {
    this.#directory = directory;
    this.#steps = steps;
  }

  /** Puts the document in the place of site.json, on trial; resolves when that is durable. */
  async begin(
    document: SiteDocument,
    about: Pick<SiteTrial, 'id' | 'key' | 'uplink' | 'who' | 'from' | 'to' | 'former' | 'begunAt' | 'within'>,
  ): Promise<void> {
    const next = sumOf(siteText(document));
    await this.#keep({ ...about, phase: 'trial', next, starts: 0, why: null });
    const { document: path, history } = this.#directory;
    await new SiteFile({ path, history, steps: this.#steps }).write(document);
  }

  /**
   * To be called before site.json is read at a start: finishes what was decided, takes back what has had its time or its
   * starts, and says what stands. `now`: wall time. Throws what the file system throws, and where the marker is damaged.
   */
  async resume(now: number): Promise<ResumedTrial> {
    const trial = await this.#read();
    if (trial === undefined) return { kind: 'none' };
    if (trial.phase === 'confirmed') return { kind: 'ended', trial, how: 'confirmed' };
    const text = (await readIfThere(this.#directory.document)) ?? '';
    if (text === trial.former) {
      return { kind: 'ended', trial, how: trial.phase === 'rolling-back' ? 'rolled-back' : 'never-begun' };
    }
    if (sumOf(text) !== trial.next) return { kind: 'ended', trial, how: 'edited' };
    if (trial.phase === 'rolling-back') return this.#rolledBack(trial, trial.why ?? '');
    // A clock that stands before the beginning says nothing; the number of starts is bounded all the same.
    const left = Math.min(trial.within, trial.begunAt + trial.within - now);
    if (left <= 0) return this.#rolledBack(trial, 'nothing reached the platform in time');
    if (trial.starts >= mostStarts) return this.#rolledBack(trial, `the gateway ended ${trial.starts} times with it`);
    const again = { ...trial, starts: trial.starts + 1 };
    await this.#keep(again);
    return { kind: 'on-trial', trial: again, left };
  }

  /** Puts the former document back; resolves when that is durable. The gateway has to start anew to run with it. */
  async rollBack(trial: SiteTrial, why: string): Promise<void> {
    await this.#rolledBack(trial, why);
  }

  /** The new document stays; resolves when that is durable. */
  async confirm(trial: SiteTrial): Promise<void> {
    await this.#keep({ ...trial, phase: 'confirmed' });
  }

  /** The trial is over and told: takes the marker away. */
  async end(): Promise<void> {
    await this.#steps.remove(this.#directory.siteTrial);
    await this.#steps.flushDirectory(dirname(this.#directory.siteTrial));
  }

  async #rolledBack(trial: SiteTrial, why: string): Promise<ResumedTrial> {
    const decided: SiteTrial = { ...trial, phase: 'rolling-back', why };
    // Decided first: after a power cut between the two it is finished, and told for what it was.
    await this.#keep(decided);
    await writeDurably(this.#directory.document, trial.former, { steps: this.#steps });
    return { kind: 'ended', trial: decided, how: 'rolled-back' };
  }

  async #keep(trial: SiteTrial): Promise<void> {
    await writeDurably(this.#directory.siteTrial, JSON.stringify(trial), { mode: 0o600, steps: this.#steps });
  }

  async #read(): Promise<SiteTrial | undefined> {
    const text = await readIfThere(this.#directory.siteTrial);
    return text === undefined ? undefined : trialSchema.parse(JSON.parse(text));
  }
}

/** The text that {@link SiteFile} writes for a document. */
export function siteText(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');
