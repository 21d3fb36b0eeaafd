import type { Clock } from '../../gateway/clock.ts';
import type {
  NewNodeMessage,
  NewNodeMessageKind,
  NodeLink,
  NodeLinkEvent,
  NodeMessage,
  NodeMessageKind,
  ToNodeKind,
} from '../../gateway/link/nodes/node-link.ts';

/*
 * In three lines:
 *   const link = new MemoryNodeLink({ id: 'nodes', clock });
 *   link.connect('esp-7f3a12', (kind, payload) => { … });
 *   link.say('esp-7f3a12', 'hello', '{"l":1,…}');
 */

/** What a node hears: the kind of the message, or `adopt` for one without an account. */
type NodeEar = (kind: ToNodeKind | 'adopt', payload: Uint8Array) => void;

interface MemoryNodeLinkOptions {
  readonly id: string;
  readonly clock: Clock;
  readonly observe?: (event: NodeLinkEvent) => void;
}

const bytesOf = (payload: string | Uint8Array): Uint8Array =>
  typeof payload === 'string' ? new TextEncoder().encode(payload) : Uint8Array.from(payload);

/**
 * A broker of nodes in memory. What is said is heard at once, within the call. `connect`, `say` and `disconnect` are the
 * nodes' side; `deaf` makes a node take nothing of what it is sent.
 */
export class MemoryNodeLink implements NodeLink {
  readonly id: string;
  readonly #clock: Clock;
  readonly #observe: (event: NodeLinkEvent) => void;
  readonly #nodes = new Map<string, NodeEar>();
  readonly #chips = new Map<string, NodeEar>();
  readonly #deaf = new Set<string>();
  #onMessage: ((message: NodeMessage) => void) | undefined;
  #onNew: (message: NewNodeMessage) => void = () => undefined;
  #generation = 0;

  constructor({ id, clock, observe = () => undefined }: MemoryNodeLinkOptions) {
    this.id = id;
    this.#clock = clock;
    this.#observe = observe;
  }

  hearNew(onMessage: (message: NewNodeMessage) => void): void {
    this.#onNew = onMessage;
  }

  start(onMessage: (message: NodeMessage) => void): void {
    this.#onMessage = onMessage;
    this.#generation += 1;
    this.#observe({ kind: 'link-opened', link: this.id, generation: this.#generation });
  }

  send(node: string, kind: ToNodeKind, payload: string | Uint8Array): boolean {
    return this.#hand(this.#deaf.has(node) ? undefined : this.#nodes.get(node), kind, payload);
  }

  adopt(chip: string, offer: string | Uint8Array): boolean {
    return this.#hand(this.#chips.get(chip), 'adopt', offer);
  }

  turnOut(node: string): void {
    if (!this.#nodes.has(node)) return;
    const more = { chip: null, address: null, count: 1 };
    this.#observe({ kind: 'node-turned-away', link: this.id, why: 'forgotten', node, ...more });
    this.disconnect(node);
  }

  async stop(): Promise<void> {
    if (this.#onMessage === undefined) return;
    for (const node of this.#nodes.keys()) this.disconnect(node);
    this.#chips.clear();
    this.#onMessage = undefined;
    this.#observe({ kind: 'link-closed', link: this.id, fault: null });
  }

  /** A node with an account connects; once more, it takes the place of the connection before. */
  connect(node: string, ear: NodeEar = () => undefined, chip: string | null = null): void {
    if (this.#onMessage === undefined) throw new RangeError(`${this.id} is not started`);
    this.disconnect(node);
    this.#nodes.set(node, ear);
    this.#observe({ kind: 'node-connected', link: this.id, node, chip, address: null });
  }

  /** A node without an account connects. */
  connectNew(chip: string, ear: NodeEar = () => undefined): void {
    this.#chips.set(chip, ear);
  }

  say(node: string, kind: NodeMessageKind, payload: string | Uint8Array): void {
    if (!this.#nodes.has(node)) return;
    this.#onMessage?.({ node, kind, payload: bytesOf(payload), at: this.#clock.monotonic() });
  }

  sayNew(chip: string, kind: NewNodeMessageKind, payload: string | Uint8Array): void {
    if (this.#onMessage === undefined || !this.#chips.has(chip)) return;
    this.#onNew({ chip, kind, payload: bytesOf(payload), at: this.#clock.monotonic(), address: null });
  }

  disconnect(node: string): void {
    if (!this.#nodes.delete(node)) return;
    this.#observe({ kind: 'node-disconnected', link: this.id, node, why: 'the connection was closed' });
  }

  /** While it is deaf nothing can be sent to it. */
  deaf(node: string, isDeaf = true): void {
    if (isDeaf) this.#deaf.add(node);
    else this.#deaf.delete(node);
  }

  #hand(ear: NodeEar | undefined, kind: ToNodeKind | 'adopt', payload: string | Uint8Array): boolean {
    const bytes = bytesOf(payload);
    if (this.#onMessage === undefined || ear === undefined || bytes.length > 2048) return false;
    ear(kind, bytes);
    return true;
  }
}
