import type { Cancel, Clock, LocalTime } from '../../clock.ts';
import type { Asked } from '../../command/command-kind.ts';
import type { CommandDoor } from '../../command/door.ts';
import type { CommandEvent, RetireOutcome } from '../../command/port.ts';
import type { AuditRecord } from '../../record/record.ts';
import type { RetiredFile, RetiredUplink } from '../../site/retired-file.ts';
import type { Site } from '../../site/site-schema.ts';
import type { Store } from '../../store/port.ts';
import type { Uplink } from '../../uplink/port.ts';

/** Milliseconds between two looks at what is still held, and at the file. */
const lookEvery = 1000;
/** Milliseconds that an uplink has to say goodbye. */
const goodbye = 2000;

interface RetiringOptions {
  /** Undefined where nobody could start the gateway anew. */
  readonly supervision:
    | { readonly retiredFile: RetiredFile; readonly retired: readonly RetiredUplink[]; readonly restart: () => void }
    | undefined;
  readonly site: Site;
  readonly store: Pick<Store, 'backlog'>;
  readonly clock: Clock;
  readonly localTime: LocalTime;
  /** Resolves when the record is committed; rejects where it is held. */
  readonly record: (record: AuditRecord) => Promise<unknown>;
  readonly uplink: (id: string) => Uplink | undefined;
  readonly observe: (event: CommandEvent) => void;
}

/** Uplinks that their platforms have retired: kept going until everything is delivered, then still, until the site wants them back. */
export class Retiring {
  readonly #options: RetiringOptions;
  readonly #known: Map<string, RetiredUplink>;
  #cancel: Cancel = () => {};
  #isStopped = false;

  constructor(options: RetiringOptions) {
    const { supervision, site } = options;
    const ids = new Set(site.uplinks.map(({ id }) => id));
    this.#options = options;
    this.#known = new Map(
      (supervision?.retired ?? []).filter(({ uplink }) => ids.has(uplink)).map((one) => [one.uplink, one]),
    );
  }

  /** Whether anything goes out by the uplink. */
  isSending(uplink: string): boolean {
    return this.#known.get(uplink)?.phase !== 'retired';
  }

  /** Whether no platform wants anything of this gateway any more: then nothing is read. */
  get isWhole(): boolean {
    const { uplinks } = this.#options.site;
    return uplinks.length > 0 && uplinks.every(({ id }) => this.#isMeant(id));
  }

  /** Commands whose last word is still to come. */
  get openCommands(): readonly string[] {
    return [...this.#known.values()].filter(({ phase }) => phase === 'retiring').map(({ id }) => id);
  }

  async begin({ id, sender: { key, uplink, who } }: Asked): Promise<RetireOutcome> {
    const { supervision, clock, localTime } = this.#options;
    if (supervision === undefined) {
      return { kind: 'not-available', why: 'this gateway runs without anybody who could start it anew' };
    }
    const known = this.#known.get(uplink);
    if (known !== undefined && this.#isMeant(uplink)) return { kind: 'retiring', id: known.id };
    const at = localTime.stamp(clock.wall());
    await supervision.retiredFile.add({ uplink, id, key: key ?? '', who, at, phase: 'retiring' });
    return { kind: 'begun', restart: supervision.restart };
  }

  start(door: CommandDoor): void {
    this.#tell();
    for (const { uplink } of this.#known.values()) if (!this.isSending(uplink)) this.#tellStopped(uplink);
    for (const one of this.#known.values()) {
      if (one.phase === 'undone') void this.#tried(() => this.#undo(one));
      if (one.phase === 'retiring') void this.#tried(() => this.#deliver(door, one));
    }
    this.#watchFile();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  #isMeant(uplink: string): boolean {
    const phase = this.#known.get(uplink)?.phase;
    return phase === 'retiring' || phase === 'retired';
  }

  /** Waits until everything is delivered, says so, and waits until that is too. Begun anew at every start. */
  async #deliver(door: CommandDoor, one: RetiredUplink): Promise<void> {
    const { supervision, clock, uplink } = this.#options;
    await this.#delivered(one.uplink, clock.wall());
    if (this.#isStopped) return;
    await door.conclude(one.key, one.id, { outcome: 'done', result: { uplink: one.uplink } });
    await this.#record('uplink-retired', one);
    await this.#delivered(one.uplink, clock.wall());
    if (this.#isStopped) return;
    await supervision?.retiredFile.finish(one.uplink);
    this.#known.set(one.uplink, { ...one, phase: 'retired' });
    await uplink(one.uplink)?.stop(goodbye);
    this.#tellStopped(one.uplink);
    this.#tell();
  }

  /** Resolves when nothing that was committed up to that wall time is held for the uplink, or the gateway stops. */
  async #delivered(id: string, until: number): Promise<void> {
    const { store, uplink } = this.#options;
    while (!this.#isStopped) {
      await this.#pause();
      // A store that does not answer holds what it holds.
      const held = await store.backlog(id).catch(() => null);
      const isFree = held !== null && (held.oldestCommittedAt === null || held.oldestCommittedAt > until);
      if (isFree && uplink(id)?.hasReplied !== false) return;
    }
  }

  /** Somebody at the site wants it back: recorded, then forgotten. */
  async #undo(one: RetiredUplink): Promise<void> {
    await this.#record('uplink-resumed', one);
    await this.#options.supervision?.retiredFile.forget(one.uplink);
  }

  /** Resolves when it is committed; one that is held until the time is known is held durably. */
  async #record(action: string, { uplink, id, at }: RetiredUplink): Promise<void> {
    const { clock, localTime, record } = this.#options;
    const details = { uplink, command: id, retiredAt: at };
    const now = localTime.stamp(clock.wall());
    const who = action === 'uplink-resumed' ? 'site' : 'gateway';
    await record({ kind: 'audit', at: now, who, action, details, revision: 1 }).catch(() => undefined);
  }

  /** Looks for a word of the site on what is retired. */
  #watchFile(): void {
    const { supervision, clock } = this.#options;
    if (supervision === undefined || ![...this.#known.keys()].some((id) => this.#isMeant(id))) return;
    const look = async (): Promise<void> => {
      const now = await supervision.retiredFile.read().catch(() => null);
      const isUndone = now?.some(({ uplink, phase }) => phase === 'undone' && this.#isMeant(uplink)) ?? false;
      if (isUndone && !this.#isStopped) supervision.restart();
      else if (!this.#isStopped) this.#cancel = clock.after(lookEvery, () => void look());
    };
    this.#cancel = clock.after(lookEvery, () => void look());
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#options.clock.after(lookEvery, resolve));
  }

  async #tried(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const message = `what is retired could not be written down: ${(error as Error).message}; it is tried at the next start`;
      this.#options.observe({ kind: 'command-fault', message });
    }
  }

  #tellStopped(uplink: string): void {
    this.#options.observe({ kind: 'uplink-retired', uplink });
  }

  #tell(): void {
    const meant = [...this.#known.values()].filter(({ uplink }) => this.#isMeant(uplink));
    const retired = meant.map(({ uplink, at, who, phase }) => ({ uplink, at, who, delivered: phase === 'retired' }));
    this.#options.observe({ kind: 'uplinks-retired', retired, isReading: !this.isWhole });
  }
}
