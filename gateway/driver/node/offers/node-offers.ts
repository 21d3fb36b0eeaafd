import type { Clock, Monotonic } from '../../../clock.ts';
import { afterHello, Fetching, filesFor, offerText, turnOf, wantOf } from './firmware-update.ts';
import type { NodeChanges } from './node-configuration.ts';
import {
  type ConfigurationOffer,
  type HelloSeen,
  type NodeOfferEvent,
  type OfferedFirmware,
  type OffersDocument,
  offersDocument,
  type UpdateOffer,
} from './offer-state.ts';

/** Where the offers are kept: one document, replaced whole and durably. It holds secrets. */
export interface OffersStorage {
  read(): Promise<string | undefined>;
  write(text: string): Promise<void>;
}

export interface NodeOffersOptions {
  readonly storage: OffersStorage;
  readonly clock: Clock;
  /** False when the node is not there; it is tried again at its next hello. */
  readonly send: (node: string, kind: 'configuration' | 'update' | 'chunk', payload: string | Uint8Array) => boolean;
  readonly observe: (event: NodeOfferEvent) => void;
  /** Who did what; goes into the records. */
  readonly record: (who: string, action: string, details: { readonly [field: string]: string | number }) => void;
  /** What could not be read or written, in English with what to do. */
  readonly fault: (message: string) => void;
}

/** A node that fetches is not offered the same again within so many milliseconds, nor is the next one's turn. */
const quiet = 60_000;
const mostNodes = 200;

type Kept = OffersDocument['nodes'][string];

/**
 * What is offered to nodes over the air: firmware and configurations. Kept durably, so that a restart of the gateway or a
 * node that is away for days loses none. Of several nodes one is updated at a time, and when it comes back with its old
 * firmware, the others are left alone.
 */
export class NodeOffers {
  readonly #options: NodeOffersOptions;
  #firmware: OfferedFirmware | null = null;
  readonly #nodes = new Map<string, Kept>();
  readonly #fetching = new Map<string, { readonly fetching: Fetching; lastAt: Monotonic; isResting: boolean }>();
  readonly #hellos = new Map<string, HelloSeen>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: NodeOffersOptions) {
    this.#options = options;
  }

  /** Reads what there is; a document that is damaged is told, and nothing is on offer then. */
  static async open(options: NodeOffersOptions): Promise<NodeOffers> {
    const offers = new NodeOffers(options);
    try {
      const text = await options.storage.read();
      if (text !== undefined) offers.#take(offersDocument.parse(JSON.parse(text)));
    } catch (error) {
      const why = (error as Error).message.slice(0, 200);
      options.fault(`what was offered to nodes cannot be read, and is forgotten: ${why}; offer it again`);
    }
    return offers;
  }

  /** Offers a firmware to these nodes. `named`: each of them was asked for by its own name. */
  async offerFirmware(nodes: readonly string[], firmware: OfferedFirmware, named: boolean, who: string): Promise<void> {
    this.#firmware = firmware;
    // What is offered no more is not fetched any more.
    for (const [node, kept] of this.#nodes) {
      const { update } = kept;
      if (update && update.version !== firmware.version && isOpen(update)) this.#set(node, { ...kept, update: null });
    }
    for (const node of nodes) {
      this.#fetching.delete(node);
      const hello = this.#hellos.get(node);
      const size = hello ? new Fetching(filesFor(firmware, hello.chip)).size : 0;
      const { version } = firmware;
      const offer = { version, state: 'waiting', why: null, done: 0, of: size, named, boot: null } as const;
      this.#setUpdate(node, { ...offer, at: this.#now });
      this.#options.record(who, 'node-update-offered', { node, version });
    }
    await this.#write();
    for (const node of nodes) {
      const hello = this.#hellos.get(node);
      if (hello) this.#afterUpdate(node, hello);
      this.#offerUpdate(node);
    }
  }

  /** Offers changes of a configuration; what was not delivered yet goes with them. Resolves to its number. */
  async offerConfiguration(node: string, changes: NodeChanges, who: string): Promise<number> {
    const kept = this.#of(node);
    const before = kept.configuration?.changes ?? {};
    const version = Math.max(kept.lastConfiguration, this.#hellos.get(node)?.configuration ?? 0) + 1;
    const all = { ...before, ...changes };
    const fields = Object.keys(all);
    const offer = { version, state: 'waiting', why: null, changes: all, fields, at: this.#now } as const;
    this.#set(node, { ...kept, configuration: offer, lastConfiguration: version });
    this.#options.record(who, 'node-configuration-offered', { node, version, fields: fields.join(', ') });
    await this.#write();
    this.#offerConfigurationAgain(node);
    return version;
  }

  /** A node said hello: what it has by now, and what it is to be offered again. */
  onHello(node: string, hello: HelloSeen): void {
    this.#hellos.set(node, hello);
    const kept = this.#nodes.get(node);
    if (kept === undefined) return;
    this.#afterUpdate(node, hello);
    this.#afterConfiguration(node, hello);
    this.#offerUpdate(node);
    this.#offerConfigurationAgain(node);
    // The turn of another one may have come.
    for (const other of this.#nodes.keys()) if (other !== node) this.#offerUpdate(other);
  }

  /** A node asks for a piece; it is answered only with what it was offered. */
  onWant(node: string, payload: Uint8Array): void {
    const want = wantOf(payload);
    const update = this.#nodes.get(node)?.update;
    const firmware = this.#firmware;
    const hello = this.#hellos.get(node);
    if (!want || !update || !firmware || !hello) return;
    if (want.version !== firmware.version || !['waiting', 'sending', 'delivered'].includes(update.state)) return;
    let known = this.#fetching.get(node);
    if (known === undefined) {
      known = {
        fetching: new Fetching(filesFor(firmware, hello.chip)),
        lastAt: this.#options.clock.monotonic(),
        isResting: false,
      };
      this.#fetching.set(node, known);
    }
    const { fetching } = known;
    known.lastAt = this.#options.clock.monotonic();
    known.isResting = false;
    const chunk = fetching.chunk(want.name, want.offset);
    if (chunk === undefined) return;
    if (fetching.isHopeless) {
      this.#changeUpdate(node, { ...update, state: 'failed', why: 'fetched again and again' });
      return;
    }
    if (!this.#options.send(node, 'chunk', chunk)) return;
    const isWhole = fetching.done === fetching.size;
    const state = isWhole ? 'delivered' : 'sending';
    const next: UpdateOffer = {
      ...{ ...update, state, done: fetching.done, of: fetching.size, at: this.#now },
      boot: isWhole ? hello.boot : null,
    };
    if (state === update.state) {
      // Progress alone is shown, not written: a card wears out by writing.
      this.#setUpdate(node, next);
    } else this.#changeUpdate(node, next);
  }

  onRefused(node: string, payload: Uint8Array): void {
    const refusal = refusalOf(payload);
    const kept = this.#nodes.get(node);
    if (refusal === undefined || kept === undefined) return;
    const { what, why } = refusal;
    if (what === 'update' && kept.update && isOpen(kept.update)) {
      this.#changeUpdate(node, { ...kept.update, state: why === 'rolled-back' ? 'rolled-back' : 'refused', why });
    }
    const { configuration } = kept;
    if (what !== 'configuration' || configuration?.changes == null) return;
    const state = why === 'rolled-back' ? 'rolled-back' : 'refused';
    this.#changeConfiguration(node, { ...configuration, state, why, changes: null });
  }

  /** An offer that came to nothing is forgotten: somebody has said that the node is to run what it runs. */
  dismiss(node: string): void {
    const kept = this.#nodes.get(node);
    if (!kept?.update || kept.update.state === 'runs' || isOpen(kept.update)) return;
    this.#set(node, { ...kept, update: null });
    void this.#write();
  }

  /** The node's account is gone, and with it what it was offered. */
  forget(node: string): void {
    this.#hellos.delete(node);
    this.#fetching.delete(node);
    if (this.#nodes.delete(node)) void this.#write();
  }

  /** Waits until everything is written. */
  async close(): Promise<void> {
    await this.#writing;
  }

  get #now(): number {
    return this.#options.clock.wall();
  }

  #of(node: string): Kept {
    return this.#nodes.get(node) ?? { update: null, configuration: null, lastConfiguration: 0 };
  }

  #take({ firmware, nodes }: OffersDocument): void {
    this.#firmware = firmware;
    for (const [node, kept] of Object.entries(nodes)) this.#set(node, kept);
  }

  /** Offers the update to a node whose turn it is, unless it is at it. */
  #offerUpdate(node: string): void {
    const update = this.#nodes.get(node)?.update;
    const hello = this.#hellos.get(node);
    const firmware = this.#firmware;
    if (!update || !hello || !firmware || (update.state !== 'waiting' && update.state !== 'sending')) return;
    const others = [...this.#nodes].flatMap(([id, { update: one }]) => (id !== node && one ? [one] : []));
    const turn = turnOf(update, others, this.#now);
    if (turn === 'held') this.#changeUpdate(node, { ...update, state: 'held', why: null });
    if (turn !== 'now') return;
    const known = this.#fetching.get(node);
    if (known && !known.isResting && this.#options.clock.monotonic() - known.lastAt < quiet) return;
    const files = filesFor(firmware, hello.chip);
    if (!this.#options.send(node, 'update', offerText(firmware, files))) return;
    const { size } = new Fetching(files);
    this.#changeUpdate(node, { ...update, state: 'sending', of: size });
  }

  #offerConfigurationAgain(node: string): void {
    const kept = this.#of(node);
    const [{ configuration }, hello] = [kept, this.#hellos.get(node)];
    if (!configuration?.changes || !hello) return;
    // By cable it may have come to this number, or beyond, meanwhile.
    const version = Math.max(configuration.version, hello.configuration + 1);
    const text = JSON.stringify({ version, ...configuration.changes });
    if (!this.#options.send(node, 'configuration', text)) return;
    if (configuration.state === 'sent' && configuration.version === version) return;
    this.#set(node, { ...kept, lastConfiguration: Math.max(kept.lastConfiguration, version) });
    this.#changeConfiguration(node, { ...configuration, version, state: 'sent' });
  }

  #afterUpdate(node: string, hello: HelloSeen): void {
    const update = this.#nodes.get(node)?.update;
    if (!update) return;
    const now = afterHello(update, hello);
    if (now === update) return;
    const known = this.#fetching.get(node);
    // It asks for nothing by itself: it is offered at once.
    if (known) known.isResting = true;
    this.#changeUpdate(node, now);
  }

  #afterConfiguration(node: string, hello: HelloSeen): void {
    const configuration = this.#nodes.get(node)?.configuration;
    if (!configuration) return;
    const { version, state } = configuration;
    if (hello.configuration === version && state === 'sent') {
      this.#changeConfiguration(node, { ...configuration, state: 'in-force', why: null, changes: null });
    } else if (hello.configuration < version && state === 'in-force') {
      this.#changeConfiguration(node, { ...configuration, state: 'rolled-back', why: null });
    }
  }

  #changeUpdate(node: string, update: UpdateOffer): void {
    const { version, state, why } = update;
    if (ends.has(state)) this.#fetching.delete(node);
    this.#setUpdate(node, { ...update, at: this.#now });
    if (ends.has(state)) {
      this.#options.record('gateway', `node-update-${state}`, { node, version, ...(why === null ? {} : { why }) });
    }
    void this.#write();
  }

  #changeConfiguration(node: string, configuration: ConfigurationOffer): void {
    const { version, state, why } = configuration;
    this.#set(node, { ...this.#of(node), configuration: { ...configuration, at: this.#now } });
    if (state !== 'waiting' && state !== 'sent') {
      const details = { node, version, ...(why === null ? {} : { why }) };
      this.#options.record('gateway', `node-configuration-${state}`, details);
    }
    void this.#write();
  }

  #setUpdate(node: string, update: UpdateOffer): void {
    this.#set(node, { ...this.#of(node), update });
  }

  #set(node: string, kept: Kept): void {
    if (!this.#nodes.has(node) && this.#nodes.size >= mostNodes) {
      throw new RangeError(`at most ${mostNodes} nodes can have something on offer`);
    }
    this.#nodes.set(node, kept);
    this.#options.observe({ kind: 'node-offer', node, ...shown(kept) });
  }

  #write(): Promise<void> {
    const write = async (): Promise<void> => {
      const nodes = Object.fromEntries(this.#nodes);
      const isWanted = [...this.#nodes.values()].some(({ update }) => update !== null && !isPast(update));
      const firmware = isWanted ? this.#firmware : null;
      const document: OffersDocument = { version: 1, firmware, nodes };
      await this.#options.storage.write(`${JSON.stringify(document)}\n`);
    };
    const written = this.#writing.then(write);
    this.#writing = written.catch((error: Error) => {
      this.#options.fault(
        `what is offered to nodes cannot be written: ${error.message}; it is lost at the next restart`,
      );
    });
    return written;
  }
}

/** States in which nothing more is to be expected of an offer. */
const ends: ReadonlySet<string> = new Set(['runs', 'refused', 'rolled-back', 'failed', 'held']);

function isPast({ state }: UpdateOffer): boolean {
  return ends.has(state);
}

function isOpen(update: UpdateOffer): boolean {
  return !isPast(update);
}

function shown({ update, configuration }: Kept): Omit<NodeOfferEvent, 'kind' | 'node'> {
  const told = update && (({ named: _, boot: __, ...rest }) => rest)(update);
  return { update: told, configuration: configuration && (({ changes: _, ...rest }) => rest)(configuration) };
}

/** `{"what":"update","why":"sum"}`; undefined for anything else. */
function refusalOf(payload: Uint8Array): { what: string; why: string } | undefined {
  try {
    const { what, why } = JSON.parse(Buffer.from(payload).toString('latin1')) as { what?: unknown; why?: unknown };
    return typeof what === 'string' && typeof why === 'string' ? { what, why: why.slice(0, 60) } : undefined;
  } catch {
    return undefined;
  }
}
