import type { Catalogue } from '../../../device-profiles/catalogue.ts';
import type { Clock, LocalTime, WallTime } from '../../clock.ts';
import { type DocumentFault, type Done, failed, type Refusal } from '../../command/command-kind.ts';
import type { CommandDoor } from '../../command/door.ts';
import type { CommandEvent, Proposal, ProposalOutcome, Trial } from '../../command/port.ts';
import { siteLimits } from '../../command/site-limits.ts';
import { TrialWatch } from '../../command/trial-watch.ts';
import type { AuditRecord, EntryKey } from '../../record/record.ts';
import { type ResumedTrial, type SiteTrial, type SiteTrials, siteText } from '../../site/change/site-trials.ts';
import { checkSite, type SiteFault } from '../../site/check-site.ts';
import { keepLastGood, type LoadedSite } from '../../site/load-site.ts';
import type { RetiredFile, RetiredUplink } from '../../site/retired-file.ts';
import { readIfThere, type SiteDirectory } from '../../site/site-directory.ts';
import type { SiteDocument } from '../../site/site-schema.ts';
import type { Store } from '../../store/port.ts';
import { siteVersionOf } from '../describe-site.ts';

/** What the process hands in, so that its gateway can be given another site document. */
export interface SiteSupervision {
  readonly trials: SiteTrials;
  /** What stood of a trial at this start. */
  readonly resumed: ResumedTrial;
  /** Uplinks that their platforms have retired, and the file that holds them. */
  readonly retired: readonly RetiredUplink[];
  readonly retiredFile: RetiredFile;
  /** Has the gateway stop, and start anew with what stands in the site file then. */
  readonly restart: () => void;
}

interface SiteChangingOptions {
  readonly supervision: SiteSupervision | undefined;
  readonly directory: SiteDirectory;
  readonly loaded: LoadedSite;
  readonly catalogue: Catalogue;
  readonly store: Store;
  readonly clock: Clock;
  readonly localTime: LocalTime;
  readonly record: (record: AuditRecord) => Promise<unknown>;
  readonly observe: (event: CommandEvent) => void;
}

/** Changes of the site document that platforms ask for: taken in here, watched, and told when they are over. */
export class SiteChanging {
  readonly #options: SiteChangingOptions;
  #watch: TrialWatch | undefined;
  /** The trial that is not over yet. */
  #open: SiteTrial | null;
  #unsubscribe: (() => void)[] = [];

  constructor(options: SiteChangingOptions) {
    this.#options = options;
    const resumed = options.supervision?.resumed ?? { kind: 'none' };
    this.#open = resumed.kind === 'none' ? null : resumed.trial;
    // Before anything is committed: what proves the change is the record of the site itself.
    if (resumed.kind === 'on-trial') this.#listen(resumed.trial);
  }

  /** Commands whose last word is still to come. */
  get openCommands(): readonly string[] {
    return this.#open === null ? [] : [this.#open.id];
  }

  /** Begins to watch a trial, or tells of one that is over. */
  start(door: CommandDoor): void {
    const resumed = this.#options.supervision?.resumed ?? { kind: 'none' };
    if (resumed.kind === 'ended') void this.#settle(door, resumed.trial, resumed.how);
    if (resumed.kind !== 'on-trial') return;
    const { trial, left } = resumed;
    const { clock, observe } = this.#options;
    const confirm = (): Promise<void> => this.#confirm(door, trial);
    const rollBack = (why: string): Promise<void> => this.#rollBack(trial, why);
    this.#watch = new TrialWatch({ trial: this.#pictureOf(trial, left), left, clock, confirm, rollBack, observe });
  }

  stop(): void {
    this.#watch?.stop();
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
  }

  async propose({ document, isCareful, within, asked }: Proposal): Promise<ProposalOutcome> {
    const { supervision, directory, loaded, catalogue, clock } = this.#options;
    if (supervision === undefined) {
      return { kind: 'not-available', why: 'this gateway runs without anybody who could start it anew' };
    }
    if (this.#open !== null) return { kind: 'on-trial', id: this.#open.id };
    const former = await readIfThere(directory.document);
    if (former !== loaded.text || loaded.source !== 'current') return { kind: 'edited' };
    const [from, to] = [siteVersionOf(loaded.document), siteVersionOf(document)];
    if (from === to) return { kind: 'same' };
    const { site, faults, warnings } = checkSite(siteText(document), { catalogue, file: 'site.json' });
    const known = new Set(loaded.warnings.map(({ field, fault }) => `${field} ${fault.en}`));
    const fresh = isCareful ? warnings.filter(({ field, fault }) => !known.has(`${field} ${fault.en}`)) : [];
    const all = [...faults, ...fresh].map(toldFault);
    if (site !== undefined) all.push(...siteLimits(loaded.site, site, asked.sender.uplink));
    if (all.length > 0) return { kind: 'faults', faults: all };
    const { key, uplink, who } = asked.sender;
    const about = { id: asked.id, key: key ?? '', uplink, who, from, to, former };
    await supervision.trials.begin(document as unknown as SiteDocument, {
      ...about,
      begunAt: clock.wall(),
      within: within * 1000,
    });
    return { kind: 'begun', restart: supervision.restart };
  }

  /** Waits until the platform that asked has the record of the new document. */
  #listen(trial: SiteTrial): void {
    const { store } = this.#options;
    let key: Pick<EntryKey, 'epoch' | 'seq'> | undefined;
    const committed = store.onCommitted(({ stream, epoch, entries }) => {
      if (stream !== 'records' || key !== undefined) return;
      const found = entries.find(({ entry }) => entry.kind === 'site' && entry.version === trial.to);
      if (found !== undefined) key = { epoch, seq: found.seq };
    });
    const acknowledged = store.onAcknowledged(({ uplink, stream, epoch, have }) => {
      if (key === undefined || uplink !== trial.uplink || stream !== 'records' || epoch !== key.epoch) return;
      const { seq } = key;
      if (have.some(([first, last]) => first <= seq && seq <= last)) this.#watch?.reached();
    });
    this.#unsubscribe = [committed, acknowledged];
  }

  async #confirm(door: CommandDoor, trial: SiteTrial): Promise<void> {
    const { supervision, directory, loaded } = this.#options;
    await supervision?.trials.confirm(trial);
    await keepLastGood(directory, loaded);
    await this.#settle(door, trial, 'confirmed');
  }

  async #rollBack(trial: SiteTrial, why: string): Promise<void> {
    await this.#options.supervision?.trials.rollBack(trial, why);
    this.#options.supervision?.restart();
  }

  /** Records and answers what became of a trial; only then its marker goes, so that no power cut makes it untold. */
  async #settle(door: CommandDoor, trial: SiteTrial, how: (ResumedTrial & { kind: 'ended' })['how']): Promise<void> {
    const { supervision, record, clock, localTime, observe } = this.#options;
    const { id, from, to, why } = trial;
    try {
      const at = localTime.stamp(clock.wall());
      const details = { command: id, from, to, why };
      // One that can only be held until the time is known is held durably.
      await record({ kind: 'audit', at, who: 'gateway', action: `site-${how}`, details, revision: 1 }).catch(() => {});
      await door.conclude(trial.key, id, lastWord(trial, how));
      await supervision?.trials.end();
      this.#open = null;
    } catch (error) {
      observe({ kind: 'command-fault', message: `a site change is not told yet: ${(error as Error).message}` });
    }
    observe({ kind: 'site-trial', trial: null });
  }

  #pictureOf({ id, who, from, to }: SiteTrial, left: number): Trial {
    const { clock, localTime } = this.#options;
    return { id, who, from, to, rollsBackAt: localTime.stamp((clock.wall() + left) as WallTime) };
  }
}

function lastWord({ from, to, why }: SiteTrial, how: (ResumedTrial & { kind: 'ended' })['how']): Done | Refusal {
  const newId = 'look into it, and send a change with a new id if need be';
  switch (how) {
    case 'confirmed':
      return { outcome: 'done', result: { from, to } };
    case 'rolled-back':
      return failed('rolled-back', `site version ${from} is in force again: ${why ?? ''}`, newId);
    case 'never-begun':
      return failed('interrupted', `the gateway ended before the change was made; ${from} is in force`, newId);
    case 'edited':
      return failed('edited', 'site.json was changed at the site while the change was on trial; that holds', newId);
  }
}

function toldFault({ field, fault, remedy }: SiteFault): DocumentFault {
  return { field, fault: fault.en, remedy: remedy.en };
}
