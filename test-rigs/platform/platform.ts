import type { KeyObject } from 'node:crypto';
import { type Clock, systemClock } from '../../gateway/clock.ts';
import { type Birth, birthSchema } from '../../gateway/contract/birth.ts';
import { type DecodedBatch, decodeBatch } from '../../gateway/contract/decode.ts';
import { entryFault } from '../../gateway/contract/entry.ts';
import { isFault, readMessage } from '../../gateway/contract/fields.ts';
import type { Receipt } from '../../gateway/contract/receipt.ts';
import { statusSchema } from '../../gateway/contract/status.ts';
import { type Address, type Leaf, readTopic, topicOf } from '../../gateway/contract/topics.ts';
import { type Link, verifyBatch } from '../../gateway/contract/verify.ts';
import { chainStart } from '../../gateway/record/chain.ts';
import { fingerprintOf, longestKeyChain, trustedKeys } from '../../gateway/record/key-chain.ts';
import type { Entry, Stream } from '../../gateway/record/record.ts';
import { type SeqRanges, SeqSet } from '../../gateway/record/seq-set.ts';
import { readPublicKey, spanSignatureHolds } from '../../gateway/record/signature.ts';
import type { Audit, Stretch } from './audit.ts';
import type { Dispute } from './disputes.ts';
import { mqttLine, type PlatformLine } from './line.ts';
import { type Place, ReceivedTable } from './received-table.ts';

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

/** What the key before signed is taken for so long after a rotation was heard of, milliseconds: it was on its way. */
const formerKeyHolds = 600_000;
/** Lists in memory hold so many. */
const bound = 1000;
/** Untrusted keys of one gateway that are told apart. */
const foreignKeyBound = 8;
const missingDetail = 'accounted for by nothing that came';
/** Ranges in one receipt. */
const receiptRanges = 5000;

/** Reference platform: takes what gateways send, checks all of it, says what it has, and can be asked for an audit. */
export class Platform {
  receiptAfter: number | null;
  readonly table: ReceivedTable;
  readonly #options: PlatformOptions;
  readonly #line: PlatformLine;
  readonly #clock: Clock;
  readonly #keys = new Map<string, { readonly text: string; readonly key: KeyObject }>();
  /** Keys in births that nobody trusts, per gateway. */
  readonly #foreignKeys = new Map<string, Set<string>>();
  /** Keys that were trusted before the one that is, per gateway, and when the new one was heard of. */
  readonly #formerKeys = new Map<string, readonly { readonly key: KeyObject; readonly since: number }[]>();
  readonly #areas = new Map<string, Address>();
  readonly #heads = new Map<string, { readonly place: Place; readonly head: number }>();
  /** Hashes that batches claim for the seq before them, while that seq is not here with that hash. */
  readonly #claims = new Map<string, Set<string>>();
  readonly #watchers = new Set<() => void>();
  readonly #faults: string[] = [];
  /** Stretches of epochs that go on after another epoch said that they ended. */
  readonly #goingOn = new Map<string, { readonly first: number; readonly last: number }>();
  #counts = { altered: 0, badSignatures: 0, formerKeys: 0, foreignKeys: 0, unknownGateways: 0, malformed: 0 };
  #isConnected = false;

  constructor(options: PlatformOptions) {
    const { url = '', protocol = '5', file = ':memory:', keepEntries = true, clock = systemClock } = options;
    this.#options = options;
    this.#clock = clock;
    this.receiptAfter = options.receiptAfter === undefined ? 0 : options.receiptAfter;
    this.table = new ReceivedTable(file, keepEntries);
    this.#line = options.line ?? mqttLine({ url, protocol });
    for (const [gateway, text] of Object.entries(options.enrolled ?? {})) this.#trust(gateway, text);
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

  /** Null, or why the message was dropped. */
  #understand(address: Address, leaf: Leaf, payload: Uint8Array): string | null {
    if (leaf === 'birth') return this.#birth(address, payload);
    if (leaf === 'status') return this.#status(address, payload);
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
    const known = this.#keys.get(gateway);
    if (known === undefined && this.#options.enrolled === undefined) this.#trust(gateway, birth.publicKey);
    else if (known === undefined || !this.#follow(gateway, known.text, birth)) this.#foreign(gateway, birth.publicKey);
    this.#areas.set(gateway, { area, gateway });
    this.#sendFullPicture(address);
    return null;
  }

  /** Follows the chain of keys from the trusted one; false where the birth's key is not the newest that it leads to. */
  #follow(gateway: string, trusted: string, { publicKey, keys = [] }: Birth): boolean {
    const reached = trustedKeys(gateway, trusted, keys);
    if (reached.at(-1) !== publicKey) return false;
    if (reached.length === 1) return true;
    const since = this.#clock.monotonic();
    const former = reached.slice(0, -1).map((text) => ({ key: readPublicKey(text), since }));
    this.#formerKeys.set(gateway, [...(this.#formerKeys.get(gateway) ?? []), ...former].slice(-longestKeyChain));
    this.#trust(gateway, publicKey);
    return true;
  }

  #foreign(gateway: string, text: string): void {
    this.#counts.foreignKeys++;
    const keys = this.#foreignKeys.get(gateway) ?? new Set();
    this.#foreignKeys.set(gateway, keys);
    if (keys.size < foreignKeyBound) keys.add(text);
    const detail = `birth with the key ${fingerprintOf(text)}, which nobody trusts`;
    this.table.disputes.add('unknown-key', { gateway }, detail);
  }

  #trust(gateway: string, text: string): void {
    this.#keys.set(gateway, { text, key: readPublicKey(text) });
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
    const stretch = { gateway, stream, epoch, first: from, last: to };
    const trusted = this.#keys.get(gateway);
    if (trusted === undefined) {
      this.#counts.unknownGateways++;
      this.table.disputes.add(
        'unknown-key',
        stretch,
        'no key of this gateway is known: no birth came, or nobody enrolled it',
      );
      return null;
    }
    const { links, wrong } = verifyBatch(batch, gateway, trusted.key);
    const former = wrong === 'signature' ? this.#formerKeyOf(gateway, batch) : null;
    if (wrong === 'altered') {
      this.#counts.altered++;
      this.table.disputes.add('altered', stretch, 'the entries do not lead to the hash that was signed');
    } else if (former === 'ended') {
      this.#counts.formerKeys++;
      this.table.disputes.add('former-key', stretch, 'a key signed it that was rotated long before');
    } else if (wrong === 'signature' && former === null) this.#wronglySigned(batch, stretch);
    else this.#keep({ gateway, stream, epoch }, batch, links, address);
    return null;
  }

  #wronglySigned(batch: DecodedBatch, stretch: Stretch): void {
    this.#counts.badSignatures++;
    const { gateway } = stretch;
    const signs = (text: string): boolean =>
      spanSignatureHolds({ ...batch, gateway }, batch.signature, readPublicKey(text));
    const foreign = [...(this.#foreignKeys.get(gateway) ?? [])].find(signs);
    if (foreign === undefined) this.table.disputes.add('bad-signature', stretch, 'no key that was heard of signed it');
    else
      this.table.disputes.add(
        'unknown-key',
        stretch,
        `the key ${fingerprintOf(foreign)} signed it, which nobody trusts`,
      );
  }

  /** Whether a key signed it that was trusted before: what was on its way at the rotation is taken for a while. */
  #formerKeyOf(gateway: string, batch: DecodedBatch): 'ending' | 'ended' | null {
    const former = this.#formerKeys.get(gateway) ?? [];
    const found = former.findLast(({ key }) => spanSignatureHolds({ ...batch, gateway }, batch.signature, key));
    if (found === undefined) return null;
    return this.#clock.monotonic() - found.since <= formerKeyHolds ? 'ending' : 'ended';
  }

  /** Makes a verified batch durable, then says so. */
  #keep(place: Place, batch: DecodedBatch, links: readonly Link[], address: Address): void {
    const refused: [number, string][] = [];
    const have = new SeqSet([[batch.from, batch.to]]);
    const now = this.#clock.wall();
    this.table.transaction(() => {
      const follows = this.#checkBefore(place, batch);
      const end = this.table.endOf(place);
      for (const link of links) {
        const { seq, entry, canonical, hash } = link;
        const fault = entryFault(entry);
        const reason = fault === null ? (this.#options.refuse?.(place, seq, entry) ?? null) : `schema: ${fault}`;
        const taken =
          reason === null
            ? this.table.take(place, { seq, entry, canonical, hash }, batch.late, now)
            : this.table.refuse(place, seq, reason, hash);
        if (reason !== null) {
          refused.push([seq, reason]);
          have.delete(seq, seq);
        }
        if (taken === 'dispute') this.table.dispute(place, link, follows ? 'fork' : 'conflict');
        if (taken === 'new' && end !== undefined && seq > end.last) this.#goesOn(place, seq, end);
        if (seq === 1) this.#begins(place, entry);
        this.#checkClaim(place, seq, hash);
      }
      for (const stretch of batch.absent) {
        this.table.isAbsent(place, stretch);
        this.#checkClaim(place, stretch[1], stretch[3]);
      }
    });
    this.table.have(place).add(batch.from, batch.to);
    this.#acknowledge(address, place, have.ranges, refused);
  }

  /** The first entry of an epoch says which one it follows, and up to where that one went. */
  #begins(place: Place, entry: Entry): void {
    if (entry.kind !== 'audit' || entry.action !== 'epoch-begun') return;
    const { previousEpoch, previousLastSeq } = entry.details as { previousEpoch?: unknown; previousLastSeq?: unknown };
    if (typeof previousEpoch !== 'string' || typeof previousLastSeq !== 'number') return;
    const former = { ...place, epoch: previousEpoch };
    const other = this.table.endOf(former);
    this.table.ended(former, place.epoch, previousLastSeq);
    if (other === undefined || other.by === place.epoch) return;
    const detail = `${place.epoch} and ${other.by} both follow ${previousEpoch}: two gateways with one key, or a card that was copied`;
    this.table.disputes.add('fork', { ...place, first: 1, last: 1 }, detail);
  }

  /** An epoch that another one has followed goes on: whoever began the other one is not alone. */
  #goesOn(place: Place, seq: number, { by, last }: { readonly by: string; readonly last: number }): void {
    const detail = `${by} says that it follows this epoch, which ended after ${last}, and this epoch goes on: two gateways with one key, or a card that was copied`;
    const known = this.#goingOn.get(keyOf(place));
    if (known !== undefined) this.table.disputes.settle('fork', { ...place, ...known });
    const stretch = { first: Math.min(seq, known?.first ?? seq), last: Math.max(seq, known?.last ?? seq) };
    this.#goingOn.set(keyOf(place), stretch);
    this.table.disputes.add('fork', { ...place, ...stretch }, detail);
  }

  /**
   * Whether a batch goes on from something that is here. Where it contradicts everything that is known there it is a
   * break; where nothing is known yet its claim is kept.
   */
  #checkBefore(place: Place, { from, before }: DecodedBatch): boolean {
    const { gateway, stream, epoch } = place;
    const known = from === 1 ? [chainStart(gateway, stream as Stream, epoch)] : this.table.hashesAfter(place, from - 1);
    if (known.includes(before)) return true;
    if (known.length > 0) this.#break(place, from - 1, before);
    this.#claim(place, from - 1, before);
    return false;
  }

  #claim(place: Place, seq: number, hash: string): void {
    const key = `${keyOf(place)}|${seq}`;
    const claimed = this.#claims.get(key);
    if (claimed === undefined && this.#claims.size < 100 * bound) this.#claims.set(key, new Set([hash]));
    else if (claimed !== undefined && claimed.size < 10) claimed.add(hash);
  }

  /** Earlier batches may have said what the hash after this seq must be: it settles that, or breaks with it. */
  #checkClaim(place: Place, seq: number, hash: string): void {
    if (this.#claims.size === 0) return;
    const key = `${keyOf(place)}|${seq}`;
    const claimed = this.#claims.get(key);
    if (claimed === undefined) return;
    claimed.delete(hash);
    if (claimed.size === 0) {
      this.#claims.delete(key);
      this.table.disputes.settle('chain-break', { ...place, first: seq, last: seq });
    }
    for (const one of claimed) this.#break(place, seq, one);
  }

  #break(place: Place, seq: number, claimed: string): void {
    const known = this.table.hashesAfter(place, seq);
    const detail = `what follows goes on from ${claimed}; the hash after ${seq} is ${known.join(' or ') || 'that of the epoch’s beginning'}`;
    this.table.disputes.add('chain-break', { ...place, first: seq, last: seq }, detail);
  }

  #acknowledge(address: Address, place: Place, have: SeqRanges, refused: [number, string][]): void {
    if (this.receiptAfter === null) return;
    if (this.receiptAfter === 0) this.#sendReceipt(address, place, have, refused);
    else this.#clock.after(this.receiptAfter, () => this.#sendReceipt(address, place, have, refused));
  }

  /** Everything it has of every epoch it knows of that gateway. */
  #sendFullPicture(address: Address): void {
    if (this.receiptAfter === null) return;
    const places = new Map([...this.#heads.values()].map(({ place }) => [keyOf(place), place]));
    for (const place of this.table.places()) places.set(keyOf(place), place);
    for (const place of places.values()) {
      if (place.gateway !== address.gateway) continue;
      const refused = this.table.refusedOf(place, receiptRanges);
      const had = new SeqSet(this.table.have(place).ranges);
      for (const [seq] of refused) had.delete(seq, seq);
      const { ranges } = had;
      for (let start = 0; start === 0 || start < ranges.length; start += receiptRanges) {
        this.#sendReceipt(address, place, ranges.slice(start, start + receiptRanges), start === 0 ? refused : []);
      }
    }
  }

  #sendReceipt(address: Address, { stream, epoch }: Place, have: SeqRanges, refused: [number, string][]): void {
    const ranges = have.map(([first, last]): [number, number] => [first, last]);
    const receipt: Receipt = { v: 1, stream: stream as Stream, epoch, have: ranges, refused };
    this.#line.publish(topicOf(address, 'receipt'), Buffer.from(JSON.stringify(receipt)));
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

function seqOfBreak({ kind, gateway, stream, epoch, first }: Dispute): Audit['chainBreaks'] {
  return kind === 'chain-break' ? [{ gateway, stream: stream ?? '', epoch: epoch ?? '', seq: first ?? 0 }] : [];
}

function keyOf({ gateway, stream, epoch }: Place): string {
  return `${gateway}|${stream}|${epoch}`;
}
