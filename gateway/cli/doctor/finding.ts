import type { Machine } from '../../clock/machine.ts';
import type { Clock } from '../../clock.ts';
import type { Picture } from '../../http/picture.ts';
import type { Sentence, SiteCheck } from '../../site/check-site.ts';
import type { SiteDirectory } from '../../site/site-directory.ts';
import type { NotReadable, StoreReader } from '../../store/reader.ts';

/** `note`: worth knowing; `warning`: should be mended; `bad`: must be. */
export type Verdict = 'good' | 'note' | 'warning' | 'bad';

/** One thing that was looked at, and what it was found to be. */
export interface Finding {
  readonly verdict: Verdict;
  readonly what: Sentence;
  /** What to do; always there where the verdict is `warning` or `bad`. */
  readonly next?: Sentence;
}

/** What there is to look at. */
export interface Examined {
  readonly directory: SiteDirectory;
  readonly check: Pick<SiteCheck, 'usable' | 'faults' | 'warnings'>;
  /** The machine's own clock. */
  readonly clock: Clock;
  readonly machine: Machine;
  readonly store: StoreReader | NotReadable;
  /** Of the gateway that runs on this site; null where none answers. */
  readonly running: Picture | null;
}

/** One subject, in a file of its own; `checks.ts` lists them. */
export interface HealthCheck {
  /** For programs: `time`. */
  readonly name: string;
  readonly title: Sentence;
  examine(examined: Examined): Promise<readonly Finding[]> | readonly Finding[];
}

/** What the doctor says of one subject. */
export interface CheckReport {
  readonly name: string;
  readonly title: Sentence;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
}

const gravity: readonly Verdict[] = ['good', 'note', 'warning', 'bad'];

/** The gravest of them; good where there is none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return gravity[Math.max(0, ...verdicts.map((verdict) => gravity.indexOf(verdict)))] ?? 'good';
}

/** Whether somebody has to do something. */
export function needsHelp(reports: readonly CheckReport[]): boolean {
  return ['warning', 'bad'].includes(worst(reports.map(({ verdict }) => verdict)));
}
