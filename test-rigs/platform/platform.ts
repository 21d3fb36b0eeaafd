import { type Clock, systemClock } from '../../gateway/clock.ts';
import { type Birth, birthSchema } from '../../gateway/contract/birth.ts';
import { type DecodedBatch, decodeBatch } from '../../gateway/contract/decode.ts';
import { entryFault } from '../../gateway/contract/entry.ts';
import { isFault, readMessage } from '../../gateway/contract/fields.ts';
import { statusSchema } from '../../gateway/contract/status.ts';
import { type Address, type Leaf, readTopic } from '../../gateway/contract/topics.ts';
import type { Link } from '../../gateway/contract/verify.ts';
import { fingerprintOf } from '../../gateway/record/key-chain.ts';
import type { Entry } from '../../gateway/record/record.ts';
import { SeqSet } from '../../gateway/record/seq-set.ts';
import type { Audit } from './audit.ts';
import { Commander } from './commander.ts';
import type { Dispute } from './disputes/dispute-table.ts';
import { Histories } from './disputes/histories.ts';
import { Trust } from './disputes/trust.ts';
import { mqttLine, type PlatformLine } from './line.ts';
import { Receipts } from './receipts.ts';
import { keyOf, type Place, ReceivedTable } from './received-table.ts';

export interface PlatformOptions {
  /** Where the broker is; or a line of one's own. */
  readonly url?: string;
  readonly line?: PlatformLine;
  readonly protocol?: '3.1.1' | '5';
  /** Database file; in memory when there is none. */
  readonly file?: string;
  readonly clock?: Clock;
  /** Enrolled gateways and their public keys (base64). Without it the first birth of a gateway is trusted. */
  readonly enrolled?: { readonly [gateway: string]: string };
  /** Whether rows hold their entries. */
  readonly keepEntries?: boolean;
  /** When receipts are sent: milliseconds after a batch, 0 at once; null never. May be changed while it runs. */
  readonly receiptAfter?: number | null;
  /** A reason to refuse an entry for good; null takes it. */
  readonly refuse?: (place: Place, seq: number, entry: Entry) => string | null;
}

/** What of a batch is kept beside its entries. */
export type KeptStretch = Pick<DecodedBatch, 'from' | 'to' | 'before' | 'late' | 'absent'>;

/** Lists in memory hold so many. */
const bound = 1000;
const missingDetail = 'accounted for by nothing that came';
/** Reference platform: takes what gateways send, checks all of it, says what it has, and can be asked for an audit. */
export class Platform {
  readonly table: ReceivedTable;
  readonly commander = new Commander((topic, payload) => this.#line.publish(topic, payload));
  readonly #options: PlatformOptions;
  readonly #line: PlatformLine;
  readonly #clock: Clock;
  readonly #trust: Trust;
  readonly #histories: Histories;
  readonly #receipts: Receipts;
  readonly #areas = new Map<string, Address>();
  readonly #heads = new Map<string, { readonly place: Place; readonly head: number }>();
  readonly #watchers = new Set<() => void>();
  readonly #faults: string[] = [];
  #counts = { altered: 0, badSignatures: 0, formerKeys: 0, foreignKeys: 0, unknownGateways: 0, malformed: 0 };
  #isConnected = false;

  constructor(options: PlatformOptions) {
    const { url = '', protocol = '5', file = ':memory:', keepEntries = true, clock = systemClock } = options;
    this.#options = options;
    this.#clock = clock;
    this.table = new ReceivedTable(file, keepEntries);
    this.#line = options.line ?? mqttLine({ url, protocol });
    this.#trust = new Trust(clock, options.enrolled);
    this.#histories = new Histories(this.table);
    const receiptAfter = options.receiptAfter === undefined ? 0 : options.receiptAfter;
    this.#receipts = new Receipts(receiptAfter, this.#line, clock, this.table, this.#histories);
  }

  /** When receipts are sent: milliseconds after a batch, 0 at once; null never. */
  get receiptAfter(): number | null {
    return this.#receipts.after;
  }

  set receiptAfter(milliseconds: number | null) {
    this.#receipts.after = milliseconds;
  }

  /** Resolves when it listens; it goes on by itself whatever the broker does. */
  start(): Promise<void> {
    const onConnected = (): void => {
      this.#isConnected = true;
      for (const address of this.#areas.values()) this.#sendFullPicture(address);
      this.#changed();
    };
    this.#line.start((topic, payload) => this.receive(topic, payload), onConnected);
    return this.until(() => this.#isConnected);
  }

  async stop(): Promise<void> {
    await this.#line.stop();
    this.table.close();
  }

  /** Resolves as soon as the condition holds; it is asked after every message. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
      check();
    });
  }

  /** Resolves when that many distinct keys are in the table. */
  holds(keys: number): Promise<void> {
    return this.until(() => this.table.keys >= keys);
  }

  /** One message as it came from the broker. Whatever it is, the platform goes on. */
  receive(topic: string, payload: Uint8Array): void {
    const place = readTopic(topic);
    const fault = place === undefined ? 'no topic of this contract' : this.#understand(place, place.leaf, payload);
    if (fault !== null) this.#malformed(topic, fault);
    this.#changed();
  }

  /**
   * Whether the key that signed an export is the one that is trusted of that gateway, or one that its chain of keys leads
   * to; as with a birth, the first key that is heard of is trusted where nobody is enrolled.
   */
  trusts(gateway: string, keys: Pick<Birth, 'publicKey' | 'keys'>): boolean {
    return this.#trust.birth(gateway, keys) !== 'foreign';
  }

  /** Takes a stretch that was proven elsewhere, as those of an export are, as if it had been received. */
  takeProven(address: Address, place: Omit<Place, 'gateway'>, stretch: KeptStretch, links: readonly Link[]): void {
    this.#keep({ gateway: address.gateway, ...place }, stretch, links, address);
    this.#changed();
  }

  /** Null, or why the message was dropped. */
  #understand(address: Address, leaf: Leaf, payload: Uint8Array): string | null {
    if (leaf === 'birth') return this.#birth(address, payload);
    if (leaf === 'status') return this.#status(address, payload);
    if (leaf === 'reply') return this.commander.receive(payload);
    return leaf === 'data' ? this.#data(address, payload) : null;
  }

  audit(): Audit {
    const totals = this.table.totals();
    const missing = this.#missing();
    const disputes = [
      ...this.table.disputedKeys(bound),
      ...this.table.disputes.all(),
      ...missing.map((stretch): Dispute => ({ kind: 'missing', ...stretch, times: 1, detail: missingDetail })),
    ];
    const keysOf = (stream: string): number => totals.find((one) => one.stream === stream)?.keys ?? 0;
    return {
      received: this.table.keys,
      records: keysOf('records'),
      samples: keysOf('samples'),
      late: totals.reduce((sum, { late }) => sum + late, 0),
      redelivered: totals.reduce((sum, { copies, keys }) => sum + copies - keys, 0),
      conflicts: this.table.conflicts(bound),
      missing,
      absent: this.table.absent(bound),
      chainBreaks: disputes.flatMap(seqOfBreak),
      disputes,
      disputesBeyond: this.table.disputes.more,
      ...this.#counts,
      refused: this.table.count('refused'),
      faults: [...this.#faults],
    };
  }

  #missing(): Audit['missing'] {
    const heads = new Map(this.#heads);
    for (const place of this.table.places()) {
      const last = this.table.have(place).ranges.at(-1)?.[1] ?? 0;
      const key = keyOf(place);
      heads.set(key, { place, head: Math.max(last, heads.get(key)?.head ?? 0) });
    }
    const missing = [...heads.values()].flatMap(({ place, head }) =>
      this.table
        .have(place)
        .missingWithin(1, head)
        .map(([first, last]) => ({ ...place, first, last })),
    );
    return missing.slice(0, bound);
  }

  #birth(address: Address, payload: Uint8Array): string | null {
    const birth = readMessage(birthSchema, payload);
    if (isFault(birth)) return birth.fault;
    const { area, gateway } = address;
    if (birth.gateway !== gateway || birth.area !== area) return 'birth of another gateway';
    if (!this.#areas.has(gateway) && this.#areas.size >= bound) return `more than ${bound} gateways`;
    const trust = this.#trust.birth(gateway, birth);
    // What came before the key was known was not stored; what of it never comes again will be missing.
    if (trust === 'enrolled') this.table.disputes.settleAll('unknown-key', gateway);
    if (trust === 'foreign') {
      this.#counts.foreignKeys++;
      const detail = `birth with the key ${fingerprintOf(birth.publicKey)}, which nobody trusts`;
      this.table.disputes.add('unknown-key', { gateway }, detail);
    }
    this.#areas.set(gateway, { area, gateway });
    this.#sendFullPicture(address);
    return null;
  }

  #status(address: Address, payload: Uint8Array): string | null {
    const status = readMessage(statusSchema, payload);
    if (isFault(status)) return status.fault;
    if (!status.online) return null;
    for (const { stream, epoch, head } of status.streams) {
      const place = { gateway: address.gateway, stream, epoch };
      const isKnown = this.#heads.has(keyOf(place));
      if (isKnown || this.#heads.size < 10 * bound) this.#heads.set(keyOf(place), { place, head });
    }
    this.#sendFullPicture(address);
    return null;
  }

  #data(address: Address, payload: Uint8Array): string | null {
    const batch = decodeBatch(payload);
    if (isFault(batch)) return batch.fault;
    const { gateway } = address;
    const { stream, epoch, from, to } = batch;
    const judged = this.#trust.judge(gateway, batch);
    if (!('kind' in judged)) this.#keep({ gateway, stream, epoch }, batch, judged, address);
    else {
      this.#counts[this.#trust.isKnown(gateway) ? countOf[judged.kind] : 'unknownGateways']++;
      this.table.disputes.add(judged.kind, { gateway, stream, epoch, first: from, last: to }, judged.detail);
    }
    return null;
  }

  /** Makes a verified batch durable, then says so. */
  #keep(place: Place, batch: KeptStretch, links: readonly Link[], address: Address): void {
    const refused: [number, string][] = [];
    const have = new SeqSet([[batch.from, batch.to]]);
    const now = this.#clock.wall();
    this.table.transaction(() => {
      const follows = this.#histories.follows(place, batch);
      for (const link of links) {
        const { seq, entry, hash } = link;
        const fault = entryFault(entry);
        const reason = fault === null ? (this.#options.refuse?.(place, seq, entry) ?? null) : `schema: ${fault}`;
        const taking =
          reason === null ? this.table.take(place, link, batch.late, now) : this.table.refuse(place, seq, reason, hash);
        this.#histories.took(place, link, taking, follows);
        if (reason === null) continue;
        refused.push([seq, reason]);
        have.delete(seq, seq);
      }
      for (const stretch of batch.absent) {
        this.table.isAbsent(place, stretch);
        this.#histories.reached(place, stretch[1], stretch[3]);
      }
    });
    this.table.have(place).add(batch.from, batch.to);
    const hashes = have.ranges.map(([, last]) => hashIn(batch, links, last));
    this.#receipts.acknowledge(address, place, { have: have.ranges, hashes, refused });
  }

  /** Everything it has of every epoch it knows of that gateway. */
  #sendFullPicture(address: Address): void {
    const places = new Map([...this.#heads.values()].map(({ place }) => [keyOf(place), place]));
    for (const place of this.table.places()) places.set(keyOf(place), place);
    this.#receipts.sendFullPicture(address, places.values());
  }

  #malformed(topic: string, fault: string): void {
    this.#counts.malformed++;
    this.#faults.push(`${topic.slice(0, 100)}: ${fault}`);
    if (this.#faults.length > 100) this.#faults.shift();
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** Chain hash after the last seq of a range of what was kept. */
function hashIn({ absent }: KeptStretch, links: readonly Link[], last: number): string | null {
  const stretch = absent.find(([, end]) => end === last);
  return stretch?.[3] ?? links.findLast(({ seq }) => seq === last)?.hash ?? null;
}

/** Counts of batches that were not stored, by why. */
const countOf = {
  altered: 'altered',
  'bad-signature': 'badSignatures',
  'unknown-key': 'badSignatures',
  'former-key': 'formerKeys',
} as const;

function seqOfBreak({ kind, gateway, stream, epoch, first }: Dispute): Audit['chainBreaks'] {
  return kind === 'chain-break' ? [{ gateway, stream: stream ?? '', epoch: epoch ?? '', seq: first ?? 0 }] : [];
}
