import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Stream, streams } from '../record/record.ts';
import { type KeptCommit, type KeptEpoch, type NotReadable, StoreReader } from '../store/reader.ts';
import { beginningOf, ChainWalk } from './chain-walk.ts';
import { type ChainReport, type Finding, Findings, type ProofReport, type Remark } from './finding.ts';
import { KeyWalk } from './key-walk.ts';

/** How far a verification has come, in entries. */
export type Progress = (done: number, all: number) => void;

/**
 * Recomputes every hash of every epoch of both streams of a site's store, beside a running gateway if there is one, and
 * holds against it what else knows of the chain: the list of epochs, what uplinks were told was received, what is
 * covered, the chain of keys. Changes nothing. `publicKey`: of the key that the site signs with now.
 */
export async function verifyStore(
  directory: string,
  publicKey: string | undefined,
  progress: Progress = () => {},
): Promise<ProofReport | NotReadable> {
  const reader = StoreReader.open(directory);
  if ('fault' in reader) return reader;
  try {
    return await new StoreCheck(reader, directory, progress).run(publicKey);
  } finally {
    reader.close();
  }
}

class StoreCheck {
  readonly #reader: StoreReader;
  readonly #directory: string;
  readonly #progress: Progress;
  readonly #findings = new Findings();
  readonly #keys = new KeyWalk(this.#findings);
  readonly #all: number;
  #done = 0;
  /** First record of each epoch, by its name in the store. */
  readonly #beginnings = new Map<string, ReturnType<typeof beginningOf>>();
  /** What the gateway itself recorded as lost when it recovered a damaged store. */
  readonly #toldLost: ToldStretch[] = [];
  /** End of the last minute or gap that the store holds, as its text says. */
  #lastPeriod = 0;

  constructor(reader: StoreReader, directory: string, progress: Progress) {
    this.#reader = reader;
    this.#directory = directory;
    this.#progress = progress;
    this.#all = reader.epochs.reduce(
      (sum, epoch) => sum + streams.reduce((part, stream) => part + reader.last(stream, epoch), 0),
      0,
    );
  }

  async run(publicKey: string | undefined): Promise<ProofReport> {
    const chains: ChainReport[] = [];
    for (const epoch of this.#reader.epochs) {
      for (const stream of streams) chains.push(await this.#chain(stream, epoch));
    }
    this.#beginningsAgree();
    this.#nothingIsCutOff();
    this.#listAgrees();
    const accounted = this.#accountedFor(chains);
    const keys = this.#keys.finish(publicKey);
    const { list, more } = this.#findings;
    return { chains: accounted, findings: list, more, keys, remarks: this.#remarks(accounted) };
  }

  async #chain(stream: Stream, epoch: KeptEpoch): Promise<ChainReport> {
    const walk = new ChainWalk({ stream, epoch: epoch.id, gateway: epoch.gateway }, this.#findings, ['unaccounted']);
    let looked = 0;
    try {
      for (const commit of this.#reader.commits(stream, epoch)) {
        walk.take(commit);
        if (stream === 'records') this.#look(commit, epoch);
        this.#done += commit.to - commit.from + 1;
        if (this.#done - looked < 20_000) continue;
        looked = this.#done;
        this.#progress(this.#done, this.#all);
        // Lets a Ctrl-C through.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const first = walk.next ?? 1;
      walk.fault('unreadable', { first, last: this.#reader.last(stream, epoch) }, error.message);
    }
    return walk.finish();
  }

  /** What records say that bears on other records. */
  #look({ from, entries }: KeptCommit, { id, gateway }: KeptEpoch): void {
    if (from === 1 && entries.length > 0) this.#beginnings.set(id, beginningOf(entries[0]?.text));
    for (const { seq, text } of entries) {
      if (text.includes('"kind":"key"')) this.#keys.take(text, { epoch: id, gateway, seq });
      if (text.includes('"event":"store-salvaged"')) this.#toldLost.push(...toldLostIn(text));
      this.#lastPeriod = Math.max(this.#lastPeriod, endOfPeriod(text));
    }
  }

  /** What a recovery recorded as lost is accounted for like what went with age; only what nobody told of is a finding. */
  #accountedFor(chains: readonly ChainReport[]): ChainReport[] {
    const settled = this.#findings.settle((finding) => {
      const { kind, stream, epoch, first, last } = finding;
      if ((kind !== 'lost' && kind !== 'cut-short') || first === null || last === null) return false;
      const isOf = (told: ToldStretch): boolean => told.stream === stream && told.epoch === epoch;
      return this.#toldLost.some((told) => isOf(told) && told.first <= first && last <= told.last);
    });
    return chains.map((chain) => {
      const isOf = ({ stream, epoch }: Finding): boolean => stream === chain.stream && epoch === chain.epoch;
      const lost = settled.filter(isOf).map(({ first, last }) => [first ?? 0, last ?? 0, 'lost'] as const);
      if (lost.length === 0) return chain;
      const absent = [...chain.absent, ...lost].sort(([a], [b]) => a - b);
      return { ...chain, absent, holds: !this.#findings.list.some(isOf) };
    });
  }

  /** Every epoch says where it comes from; no two come from the same one. */
  #beginningsAgree(): void {
    const followers = new Map<string, string>();
    for (const [index, { id }] of this.#reader.epochs.entries()) {
      const place = { stream: 'records', epoch: id, first: 1, last: 1 } as const;
      const beginning = this.#beginnings.get(id);
      if (beginning === undefined) {
        const isHeld = this.#beginnings.has(id);
        if (isHeld) this.#findings.add('epoch-beginning', place, 'its first record does not say that it begins');
        continue;
      }
      const { previousEpoch } = beginning;
      const before = this.#reader.epochs[index - 1]?.id;
      if (before !== undefined && previousEpoch !== before) {
        this.#findings.add(
          'epoch-beginning',
          place,
          `it says that it follows ${previousEpoch}; before it is ${before}`,
        );
      }
      if (previousEpoch === null) continue;
      const other = followers.get(previousEpoch);
      if (other !== undefined) this.#findings.add('epoch-fork', place, `${other} follows ${previousEpoch} as well`);
      followers.set(previousEpoch, id);
    }
  }

  /** Who else knows how far the chains reached. */
  #nothingIsCutOff(): void {
    const { epochs } = this.#reader;
    for (const { uplink, stream, epoch, set } of this.#reader.letGo) {
      const last = this.#reader.last(stream, epoch);
      const known = set.ranges.at(-1)?.[1] ?? 0;
      if (known <= last) continue;
      const detail = `uplink ${uplink} was told that seq ${known} had been received; the store ends at ${last}`;
      this.#findings.add('cut-short', { stream, epoch: epoch.id, first: last + 1, last: known }, detail);
    }
    for (const [index, epoch] of epochs.entries()) {
      const beginning = this.#beginnings.get(epochs[index + 1]?.id ?? '');
      const last = this.#reader.last('records', epoch);
      const known = beginning?.previousEpoch === epoch.id ? (beginning.previousLastSeq ?? 0) : 0;
      if (known <= last) continue;
      const detail = `the epoch after it names ${known} as its last seq; the store ends at ${last}`;
      this.#findings.add('cut-short', { stream: 'records', epoch: epoch.id, first: last + 1, last: known }, detail);
    }
    const covered = this.#reader.covered;
    // A gap that an opening wrote for a lost store covers time that no record of its own reaches.
    if (covered === null || covered <= this.#lastPeriod || this.#lastPeriod === 0) return;
    const newest = epochs.at(-1);
    const detail = `periods were recorded until ${stampOf(covered)}, those that are here end at ${stampOf(this.#lastPeriod)}`;
    this.#findings.add('cut-short', { stream: 'records', epoch: newest?.id ?? null, at: covered }, detail);
  }

  /** The list beside the database, which an epoch is entered in when it begins. */
  #listAgrees(): void {
    const file = join(this.#directory, 'store', 'epochs');
    if (!existsSync(file)) {
      this.#findings.add('epoch-list', {}, `${file} is gone; it names every epoch that ever began`);
      return;
    }
    const lines = readFileSync(file, 'utf8').split('\n');
    const listed = lines.flatMap((line) => (/^\d+-[0-9a-f]{8} /.test(line) ? [line.split(' ')[0] ?? ''] : []));
    const known = this.#reader.epochs.map(({ id }) => id);
    for (const epoch of known) {
      if (!listed.includes(epoch)) this.#findings.add('epoch-list', { epoch }, `${file} does not name it`);
    }
    if (this.#setAside().length > 0) return;
    const newest = this.#reader.epochs.at(-1)?.no ?? 0;
    for (const epoch of listed) {
      // One that began since the store was opened is not looked at.
      if (!known.includes(epoch) && Number.parseInt(epoch, 10) <= newest)
        this.#findings.add('epoch-list', { epoch }, `${file} names it, and the store has none of it`);
    }
  }

  #setAside(): string[] {
    return readdirSync(join(this.#directory, 'store')).filter((name) => /^store\.sqlite\.damaged-[^-]*$/.test(name));
  }

  #remarks(chains: readonly ChainReport[]): Remark[] {
    const remarks = this.#setAside().map((name) => ({
      en: `${name} was set aside as damaged and is not looked into`,
      zh: `${name} 因损坏已另存，未作核验`,
    }));
    if (chains.length === 0) remarks.push({ en: 'the store has no epoch yet', zh: '存储中尚无编号段' });
    const absent = chains.flatMap((chain) => chain.absent);
    const lost = absent.reduce((sum, [first, last, why]) => (why === 'lost' ? sum + last - first + 1 : sum), 0);
    if (lost > 0) {
      const en = `${lost} entries could not be read and are accounted for as lost: a failing medium and a hand look alike here; compare with the platform`;
      remarks.push({ en, zh: `${lost} 条无法读取，已记为丢失：介质损坏与人为破坏在此无法区分，请与平台比对` });
    }
    return remarks;
  }
}

interface ToldStretch {
  readonly stream: unknown;
  readonly epoch: unknown;
  readonly first: number;
  readonly last: number;
}

/** Stretches that an event of a recovery names as lost. */
function toldLostIn(text: string): ToldStretch[] {
  const { kind, details } = JSON.parse(text) as { kind?: unknown; details?: { stretches?: unknown } };
  if (kind !== 'event' || !Array.isArray(details?.stretches)) return [];
  return details.stretches as ToldStretch[];
}

/** End of a minute or gap as milliseconds, 0 of anything else. Canonical JSON has no space, so this is exact enough. */
function endOfPeriod(text: string): number {
  const isMinute = text.includes('"kind":"minute"');
  if (!isMinute && !text.includes('"kind":"gap"')) return 0;
  const stamp = (isMinute ? /"from":"([^"]{29})"/ : /"to":"([^"]{29})"/).exec(text)?.[1];
  return stamp === undefined ? 0 : Date.parse(stamp) + (isMinute ? 60_000 : 0);
}

function stampOf(time: number): string {
  return new Date(time).toISOString();
}
