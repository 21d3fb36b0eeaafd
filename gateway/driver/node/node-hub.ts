import type { Clock, Monotonic } from '../../clock.ts';
import type { NodeLink, NodeLinkEvent, NodeMessage } from '../../link/nodes/node-link.ts';
import type { Reading } from '../../reading/reading.ts';
import type { Acquisition } from '../acquisition.ts';
import type { InstrumentCondition } from '../events.ts';
import type { NodeEvent } from './events.ts';
import { type NodeHello, readHello } from './hello.ts';
import { NodeWatch } from './node-watch.ts';
import type { Keeping, NodeMark } from './rows/keeping.ts';
import { NodeRowsReader } from './rows/node-rows.ts';
import { NodeTroubles } from './rows/node-troubles.ts';
import type { NodeInstrument } from './rows/row-readings.ts';

/** A node is told the time so often, milliseconds; looked at more often, for the moment at which we know it. */
const timeEvery = 600_000;
const lookEvery = 10_000;
const retryAfter = 5000;
/** Nodes whose account there is, though the site names nothing on them, that are remembered. */
const mostStrangers = 64;

/** What is offered to nodes over the air; see offers/node-offers.ts. */
export interface Offers {
  onHello(node: string, hello: Pick<NodeHello, 'boot' | 'version' | 'chip' | 'configuration'>): void;
  onWant(node: string, payload: Uint8Array): void;
  onRefused(node: string, payload: Uint8Array): void;
}

export interface NodeHubOptions {
  readonly link: NodeLink;
  readonly instruments: readonly NodeInstrument[];
  readonly clock: Clock;
  readonly observe: (event: NodeEvent | InstrumentCondition) => void;
  /** Takes readings that are made here: of periods of which nothing came. */
  readonly onReadings: (readings: readonly Reading[]) => void;
  readonly keeping: Keeping;
  readonly offers?: Offers;
}

interface KnownNode {
  readonly rows: NodeRowsReader;
  readonly troubles: NodeTroubles;
  readonly watches: readonly NodeWatch[];
  isThere: boolean;
  /** When it was told the time on this connection, and how far our wall time was from monotonic time then. */
  told: { readonly at: Monotonic; readonly offset: number } | null;
}

/**
 * The nodes of one broker: what they measured becomes readings with their own times, each once, and they hear how far
 * that is durable. A node that misbehaves has a state of its own, and harms no other.
 */
export class NodeHub implements Acquisition {
  readonly #options: NodeHubOptions;
  readonly #nodes = new Map<string, KnownNode>();
  #marks: readonly NodeMark[] = [];
  #cancel = (): void => undefined;
  #isStopped = false;

  constructor(options: NodeHubOptions) {
    this.#options = options;
  }

  /** Nothing is heard before it is known what is had: else it would be taken twice. */
  start(): void {
    void this.#begin();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    for (const { watches } of this.#nodes.values()) for (const watch of watches) watch.stop();
    await this.#options.link.stop();
  }

  /** What its link tells of itself. */
  observeLink(event: NodeLinkEvent): void {
    if (event.kind !== 'node-connected' && event.kind !== 'node-disconnected') return;
    const known = this.#nodes.get(event.node);
    if (known === undefined) return;
    known.isThere = event.kind === 'node-connected';
    known.told = null;
    if (known.isThere) known.rows.connected();
  }

  /** The newest row; a node cannot be asked. */
  async read(instrument: string): Promise<readonly Reading[]> {
    const { instruments, clock } = this.#options;
    const one = instruments.find(({ settings }) => settings.id === instrument);
    const known = this.#nodes.get(one?.settings.node ?? '');
    if (one === undefined || known === undefined) throw new RangeError(`no instrument ${instrument} hangs on a node`);
    const newest = known.rows.newestOf(instrument);
    if (newest !== undefined && clock.monotonic() - newest.seenAt < 2 * one.settings.every) return newest.readings;
    const watch = known.watches[this.#instrumentsOf(one.settings.node ?? '').indexOf(one)];
    return watch?.missingNow(clock.wall()) ?? [];
  }

  async #begin(): Promise<void> {
    const { keeping, clock, link, instruments } = this.#options;
    const marks = await keeping.marks();
    if (this.#isStopped) return;
    if (marks === null) {
      this.#cancel = clock.after(retryAfter, () => void this.#begin());
      return;
    }
    this.#marks = marks;
    for (const node of new Set(instruments.flatMap(({ settings }) => settings.node ?? []))) {
      this.#nodes.set(node, this.#known(node));
    }
    keeping.listen({
      had: (mark) => this.#had(mark),
      forgotten: (source, upTo) => this.#nodes.get(source)?.rows.forgotten(upTo),
    });
    for (const { watches } of this.#nodes.values()) for (const watch of watches) watch.start();
    this.#tick();
    link.start((message) => this.#hear(message));
  }

  #known(node: string): KnownNode {
    const had = this.#marks.find(({ source }) => source === node) ?? null;
    const { clock, keeping, link, observe, onReadings } = this.#options;
    const troubles = new NodeTroubles(link.id, node, clock, observe);
    const instruments = this.#instrumentsOf(node);
    const isThere = (): boolean => this.#nodes.get(node)?.isThere ?? false;
    const watches = instruments.map(
      (instrument) => new NodeWatch({ instrument, clock, observe, onMissing: onReadings, isThere }),
    );
    const show = (readings: readonly Reading[]): void => {
      keeping.show(readings);
      watches[instruments.findIndex(({ settings }) => settings.id === readings[0]?.instrument)]?.heard(readings);
    };
    const isTold = (): boolean => this.#isTold(this.#nodes.get(node));
    const rows = new NodeRowsReader({ node, instruments, clock, isTold, troubles, keeping: { ...keeping, show } }, had);
    return { rows, troubles, watches, isThere: false, told: null };
  }

  #instrumentsOf(node: string): NodeInstrument[] {
    return this.#options.instruments.filter(({ settings }) => settings.node === node);
  }

  #hear({ node, kind, payload, at }: NodeMessage): void {
    if (this.#isStopped) return;
    const known = this.#nodes.get(node) ?? this.#stranger(node);
    if (known === undefined) return;
    known.isThere = kind !== 'gone';
    switch (kind) {
      case 'hello':
        this.#hello(node, known, payload, at);
        break;
      case 'rows': {
        const outcome = known.rows.take(payload, at);
        // It may not have heard it; a node whose boot counter was lost learns it from this.
        if (outcome === 'again' || outcome === 'refused') this.#tellHad(node, known);
        break;
      }
      case 'gone':
        break;
      case 'refused':
        this.#options.offers?.onRefused(node, payload);
        break;
      case 'want':
        this.#options.offers?.onWant(node, payload);
        break;
    }
  }

  /** A node that has an account, and nothing on it in the site: it keeps its rows until there is. */
  #stranger(node: string): KnownNode | undefined {
    if (this.#nodes.size > mostStrangers + this.#options.instruments.length) return undefined;
    const known = this.#known(node);
    this.#nodes.set(node, known);
    return known;
  }

  #hello(node: string, known: KnownNode, payload: Uint8Array, at: Monotonic): void {
    const { link, observe, offers } = this.#options;
    const hello = readHello(payload);
    // Whatever else it says: only who hears how far it is had can send on.
    this.#tellHad(node, known);
    this.#tellTime(node, known);
    if ('fault' in hello) {
      known.troubles.tell('malformed', hello.fault);
      return;
    }
    if (known.watches.length === 0) {
      known.troubles.tell(
        'no-instrument',
        'the site names no instrument on it, so its rows stay there; add one with its "node"',
      );
    }
    known.rows.heard(hello.boot, hello.uptime, at);
    observe({ kind: 'node-health', link: link.id, node, at, hello });
    offers?.onHello(node, hello);
  }

  #had(mark: NodeMark): void {
    const known = this.#nodes.get(mark.source);
    if (known === undefined) return;
    known.rows.nowHad(mark);
    this.#tellHad(mark.source, known);
  }

  #tellHad(node: string, { rows }: KnownNode): void {
    const { boot = 0, seq = 0 } = rows.had ?? {};
    this.#options.link.send(node, 'have', JSON.stringify([boot, seq]));
  }

  #tellTime(node: string, known: KnownNode): void {
    const { clock, link } = this.#options;
    if (clock.isKnown?.() === false) return;
    const isSent = link.send(node, 'time', JSON.stringify([Math.round(clock.wall() / 1000)]));
    if (isSent) known.told = { at: clock.monotonic(), offset: clock.wall() - clock.monotonic() };
  }

  /** Whether it was told the time that holds now: our own clock may have been set since. */
  #isTold(known: KnownNode | undefined): boolean {
    const { clock } = this.#options;
    if (!known?.told) return false;
    return Math.abs(clock.wall() - clock.monotonic() - known.told.offset) < 1000;
  }

  #tick(): void {
    const { clock } = this.#options;
    this.#cancel = clock.after(lookEvery, () => {
      for (const [node, known] of this.#nodes) {
        const isDue = !this.#isTold(known) || clock.monotonic() - (known.told?.at ?? 0) >= timeEvery;
        if (known.isThere && isDue) this.#tellTime(node, known);
      }
      this.#tick();
    });
  }
}
