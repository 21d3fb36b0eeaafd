import type { Clock } from '../../gateway/clock.ts';
import { LocalTime } from '../../gateway/clock.ts';
import type { Reading } from '../../gateway/reading/reading.ts';
import { canonicalJson } from '../../gateway/record/canonical.ts';
import { chainNext, chainStart } from '../../gateway/record/chain.ts';
import type { Committed, Entry, EntryKey, SampleBlock, Stream, StreamRecord } from '../../gateway/record/record.ts';
import { type SeqRanges, SeqSet } from '../../gateway/record/seq-set.ts';
import type { Acknowledged, Backlog, Proof, Span, Store, StreamHead, Vouched } from '../../gateway/store/port.ts';

interface Row {
  readonly seq: number;
  readonly entry: Entry;
  readonly hash: string;
  readonly committedAt: number;
}

interface OpenEntry {
  readonly entry: Entry;
  readonly resolve: (committed: Committed) => void;
}

interface Claims {
  readonly letGo: SeqSet;
  refused: number;
}

/** One stream of one epoch, whole and chained. */
class MemoryStream {
  readonly rows: Row[] = [];
  readonly #stream: Stream;
  readonly #epoch: string;
  readonly #start: string;
  #absent: (readonly [number, number, string])[] = [];

  constructor(gateway: string, stream: Stream, epoch: string) {
    this.#stream = stream;
    this.#epoch = epoch;
    this.#start = chainStart(gateway, stream, epoch);
  }

  hashAt(seq: number): string {
    return this.rows[seq - 1]?.hash ?? this.#start;
  }

  add(entry: Entry, committedAt: number): Row {
    const seq = this.rows.length + 1;
    const row = { seq, entry, hash: chainNext(this.hashAt(seq - 1), seq, canonicalJson(entry)), committedAt };
    this.rows.push(row);
    return row;
  }

  /** From now on these are accounted for by a word only. */
  expire(first: number, last: number, reason: string): void {
    this.#absent.push([first, last, reason]);
    this.#absent.sort((a, b) => a[0] - b[0]);
  }

  /** The last of `from..to` before the commits cross a moment in wall time. */
  upToBorder(from: number, to: number, border: number): number {
    const isBefore = (seq: number): boolean => (this.rows[seq - 1]?.committedAt ?? 0) < border;
    let last = from;
    while (last < to && isBefore(last + 1) === isBefore(from)) last++;
    return last;
  }

  span(from: number, to: number, site: string): Span {
    const absent: [number, number, string, string][] = [];
    for (const [first, last, reason] of this.#absent) {
      const [low, high] = [Math.max(first, from), Math.min(last, to)];
      if (low <= high) absent.push([low, high, reason, this.hashAt(high)]);
    }
    const rows = this.rows.slice(from - 1, to);
    return {
      stream: this.#stream,
      epoch: this.#epoch,
      from,
      to,
      before: this.hashAt(from - 1),
      after: this.hashAt(to),
      site,
      committedAt: this.rows[to - 1]?.committedAt ?? 0,
      entries: rows.filter(({ seq }) => !absent.some(([a, b]) => a <= seq && seq <= b)),
      absent,
    };
  }
}

/**
 * The store's port in memory, for stories on the simulated clock: everything but durability. Real sequence numbers, real
 * chain, commits after a window (0: in the same turn of the event loop).
 */
export class MemoryStore implements Store {
  readonly epoch: string;
  readonly #clock: Clock;
  readonly #window: number;
  readonly #streams: Record<Stream, MemoryStream>;
  readonly #open: Record<Stream, OpenEntry[]> = { records: [], samples: [] };
  readonly #claims = new Map<string, Record<Stream, Claims>>();
  readonly #listeners = new Set<(span: Span) => void>();
  readonly #acknowledged = new Set<(acknowledged: Acknowledged) => void>();
  /** Its disk is: it takes no note of what is acknowledged. */
  isFull = false;
  #site = 'site-1';
  readonly #localTime = new LocalTime('Asia/Shanghai');

  constructor(options: { gateway: string; clock: Clock; epoch?: string; window?: number }) {
    const { gateway, clock, epoch = 'epoch-1', window = 0 } = options;
    this.epoch = epoch;
    this.#clock = clock;
    this.#window = window;
    this.#streams = {
      records: new MemoryStream(gateway, 'records', epoch),
      samples: new MemoryStream(gateway, 'samples', epoch),
    };
  }

  append(record: StreamRecord): Promise<Committed> {
    return this.#take('records', record);
  }

  sample(readings: readonly Reading[]): Promise<Committed> {
    return this.#take('samples', this.#block(readings));
  }

  #take(stream: Stream, entry: Entry): Promise<Committed> {
    return new Promise((resolve) => {
      const open = this.#open[stream];
      open.push({ entry, resolve });
      if (open.length > 1) return;
      if (this.#window === 0) queueMicrotask(() => this.#commit(stream));
      else this.#clock.after(this.#window, () => this.#commit(stream));
    });
  }

  #commit(stream: Stream): void {
    const open = this.#open[stream].splice(0);
    const from = this.#streams[stream].rows.length + 1;
    for (const { entry, resolve } of open) {
      const { seq, hash } = this.#streams[stream].add(entry, this.#clock.wall());
      resolve({ stream, epoch: this.epoch, seq, hash });
    }
    if (open.length === 0) return;
    const span = this.#streams[stream].span(from, from + open.length - 1, this.#site);
    for (const listener of this.#listeners) listener(span);
  }

  #block(readings: readonly Reading[]): SampleBlock {
    const [first] = readings;
    if (first === undefined) throw new TypeError('no readings');
    return {
      kind: 'samples',
      instrument: first.instrument,
      from: this.#localTime.stamp(first.at),
      times: [0],
      series: readings.map(({ point, factor, origin }) => ({ point, factor, origin })),
      values: readings.map(({ value }) => [value]),
      flags: readings.map(({ mark }) => mark.flag),
      reasons: readings.flatMap(({ mark }, i) => (mark.flag === 'N' ? [] : [[i, 0, mark.reason, mark.basis] as const])),
    };
  }

  /** Retention, or a full disk: these are gone, and the chain says so. */
  expire(stream: Stream, first: number, last: number, reason: string): void {
    this.#streams[stream].expire(first, last, reason);
  }

  /** Wall time of the commit that made an entry durable. */
  committedAt(stream: Stream, seq: number): number | undefined {
    return this.#streams[stream].rows[seq - 1]?.committedAt;
  }

  setSite(version: string): void {
    this.#site = version;
  }

  async heads(): Promise<readonly StreamHead[]> {
    const one = (stream: Stream): StreamHead => {
      const seq = this.#streams[stream].rows.length;
      return { stream, epoch: this.epoch, seq, oldest: 1 };
    };
    return [one('records'), one('samples')];
  }

  onCommitted(listener: (span: Span) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async pending(
    uplink: string,
    limit: number,
    exceptFor: readonly { stream: Stream; epoch: string; ranges: SeqRanges }[],
    border = 0,
  ): Promise<Span | null> {
    const spans = (['records', 'samples'] as const).flatMap((stream) => {
      const taken = new SeqSet(this.#claimsOf(uplink)[stream].letGo.ranges);
      for (const except of exceptFor) {
        if (except.stream !== stream || except.epoch !== this.epoch) continue;
        for (const [first, last] of except.ranges) taken.add(first, last);
      }
      const [oldest] = taken.missingWithin(1, this.#streams[stream].rows.length);
      if (oldest === undefined) return [];
      const [from, last] = oldest;
      const to = this.#streams[stream].upToBorder(from, Math.min(last, from + limit - 1), border);
      return [this.#streams[stream].span(from, to, this.#site)];
    });
    return spans.sort((a, b) => a.committedAt - b.committedAt)[0] ?? null;
  }

  async acknowledge(uplink: string, stream: Stream, epoch: string, have: SeqRanges): Promise<boolean> {
    if (this.isFull) return false;
    if (epoch !== this.epoch) return true;
    const head = this.#streams[stream].rows.length;
    for (const [first, last] of have) {
      if (first <= head) this.#claimsOf(uplink)[stream].letGo.add(first, Math.min(last, head));
    }
    for (const listener of [...this.#acknowledged]) listener({ uplink, stream, epoch, have });
    return true;
  }

  onAcknowledged(listener: (acknowledged: Acknowledged) => void): () => void {
    this.#acknowledged.add(listener);
    return () => this.#acknowledged.delete(listener);
  }

  async vouch(stream: Stream, _epoch: string, proofs: readonly Proof[]): Promise<readonly Vouched[]> {
    const rows = this.#streams[stream];
    return proofs.map(([seq, hash]) =>
      seq <= rows.rows.length && rows.hashAt(seq).startsWith(hash) ? 'ours' : 'foreign',
    );
  }

  async claimAgain(uplink: string, stream: Stream, epoch: string, ranges: SeqRanges): Promise<number> {
    const { letGo } = this.#claimsOf(uplink)[stream];
    if (epoch !== this.epoch) return 0;
    const before = letGo.count;
    for (const [first, last] of ranges) letGo.delete(first, last);
    return before - letGo.count;
  }

  async refuse(uplink: string, { stream, epoch, seq }: EntryKey): Promise<void> {
    const claims = this.#claimsOf(uplink)[stream];
    if (epoch !== this.epoch || claims.letGo.has(seq)) return;
    claims.letGo.add(seq, seq);
    claims.refused++;
  }

  async backlog(uplink: string): Promise<Backlog> {
    const claims = this.#claimsOf(uplink);
    const held = (stream: Stream): number => this.#streams[stream].rows.length - claims[stream].letGo.count;
    const times = (['records', 'samples'] as const).flatMap((stream) => {
      const rows = this.#streams[stream].rows;
      const [oldest] = claims[stream].letGo.missingWithin(1, rows.length);
      return oldest === undefined ? [] : [rows[oldest[0] - 1]?.committedAt ?? 0];
    });
    return {
      uplink,
      records: held('records'),
      samples: held('samples'),
      oldestCommittedAt: times.length === 0 ? null : Math.min(...times),
      refused: claims.records.refused + claims.samples.refused,
    };
  }

  async coveredUntil(): Promise<string | null> {
    return null;
  }

  async recent(limit: number, point?: string): Promise<readonly { key: Committed; entry: Entry }[]> {
    const rows = this.#streams.records.rows.filter(({ entry }) => 'average' in entry);
    const wanted = point === undefined ? rows : rows.filter(({ entry }) => 'point' in entry && entry.point === point);
    return wanted
      .slice(-limit)
      .reverse()
      .map(({ seq, hash, entry }) => ({ key: { stream: 'records', epoch: this.epoch, seq, hash }, entry }));
  }

  async close(): Promise<void> {
    this.#commit('records');
    this.#commit('samples');
  }

  #claimsOf(uplink: string): Record<Stream, Claims> {
    const claims = this.#claims.get(uplink) ?? {
      records: { letGo: new SeqSet(), refused: 0 },
      samples: { letGo: new SeqSet(), refused: 0 },
    };
    this.#claims.set(uplink, claims);
    return claims;
  }
}
