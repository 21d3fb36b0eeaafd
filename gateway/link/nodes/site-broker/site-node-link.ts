import { type Cancel, type Clock, pause } from '../../../clock.ts';
import type { LinkFault } from '../../link.ts';
import { Allowance } from '../allowance.ts';
import { HoldOff } from '../hold-off.ts';
import {
  longestPayload,
  type NewNodeMessage,
  type NodeLink,
  type NodeLinkEvent,
  type NodeMessage,
  newNodeMessageKinds,
  nodeMessageKinds,
  type ToNodeKind,
  type TurnedAway,
} from '../node-link.ts';
import { nodeTopics, type SaidBy, saidOn, topicOfNew, topicTo } from '../topics.ts';
import { TurnedAwayTally } from '../turned-away.ts';

/** One live connection to the site's broker. It is used until it closes. */
export interface SiteConnection {
  /** Publishes at QoS 1; never throws. */
  publish(message: {
    readonly topic: string;
    readonly payload: Uint8Array;
    readonly retain: false;
    readonly contentType: null;
  }): Promise<unknown>;
  /** Resolves to null, or to why not. */
  subscribe(topic: string, qos: 0 | 1): Promise<string | null>;
  close(): Promise<void>;
}

/** The site's broker, as this gateway's own user; each `connect` is a fresh start with a clean session. Never throws. */
export interface SiteBroker {
  connect(how: {
    readonly onMessage: (topic: string, payload: Uint8Array) => void;
    /** Called once, when the connection is gone for whatever reason but `close`. */
    readonly onClosed: (reason: string) => void;
    readonly signal: AbortSignal;
  }): Promise<SiteConnection | { readonly kind: 'unreachable' | 'denied'; readonly message: string }>;
}

export interface SiteNodeLinkOptions {
  readonly id: string;
  readonly broker: SiteBroker;
  /** Whether a node has an account here: what the broker still lets in after it was forgotten is not heard. */
  readonly knows: (node: string) => boolean;
  readonly clock: Clock;
  readonly observe: (event: NodeLinkEvent) => void;
}

interface Known {
  readonly messages: Allowance;
  lost: Cancel;
}

/** Milliseconds between two tries to connect: the first pause, and the longest. */
const firstPause = 1000;
const longestPause = 60_000;
/** Without a message for so long a node is gone: it says hello every 5 min, and its will may be lost. */
const heardWithin = 660_000;
const newHeardWithin = 120_000;
const mostNew = 32;
/** Publishes that may be without their PUBACK, in all. */
const mostOpen = 64;
/** As the own broker lets a connection send. */
const messageRate = { burst: 120, perSecond: 25 };
const newRate = { burst: 40, perSecond: 2 };

const subscriptions = [
  ...nodeMessageKinds.map((kind) => `${nodeTopics}/+/${kind}`),
  ...newNodeMessageKinds.map((kind) => `${nodeTopics}/new/+/${kind}`),
];

/**
 * Nodes at the site's own broker, which this gateway joins as one more client. Who a node is the broker proves, by the
 * access list of docs/broker/nodes; who is connected shows by what is heard.
 */
export class SiteNodeLink implements NodeLink {
  readonly id: string;
  readonly #options: SiteNodeLinkOptions;
  readonly #tally: TurnedAwayTally;
  readonly #holdOff: HoldOff;
  readonly #over = new AbortController();
  readonly #nodes = new Map<string, Known>();
  /** Chips without an account: when each was heard last. */
  readonly #fresh = new Map<string, number>();
  readonly #newMessages: Allowance;
  #connection: SiteConnection | undefined;
  #onMessage: ((message: NodeMessage) => void) | undefined;
  #onNew: (message: NewNodeMessage) => void = () => undefined;
  #open = 0;
  #generation = 0;
  #ended: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  constructor(options: SiteNodeLinkOptions) {
    this.id = options.id;
    this.#options = options;
    this.#tally = new TurnedAwayTally(options.id, options.clock, options.observe);
    this.#holdOff = new HoldOff(options.clock);
    this.#newMessages = new Allowance(newRate, options.clock);
  }

  hearNew(onMessage: (message: NewNodeMessage) => void): void {
    this.#onNew = onMessage;
  }

  start(onMessage: (message: NodeMessage) => void): void {
    this.#onMessage = onMessage;
    this.#ended = this.#run();
  }

  send(node: string, kind: ToNodeKind, payload: string | Uint8Array): boolean {
    return this.#nodes.has(node) && this.#publish(topicTo(node, kind), payload);
  }

  adopt(chip: string, offer: string | Uint8Array): boolean {
    const heard = this.#fresh.get(chip);
    const isHere = heard !== undefined && this.#options.clock.monotonic() - heard < newHeardWithin;
    return isHere && this.#publish(topicOfNew(chip, 'adopt'), offer);
  }

  turnOut(node: string): void {
    this.#holdOff.forgive(node);
    if (!this.#nodes.has(node)) return;
    this.#tally.tell('forgotten', { node, chip: null, address: null });
    this.#lose(node, 'turned away: forgotten');
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#onMessage = undefined;
    this.#onNew = () => undefined;
    this.#over.abort();
    await this.#ended;
    this.#tally.stop();
    this.#options.observe({ kind: 'link-closed', link: this.id, fault: null });
  }

  async #run(): Promise<void> {
    const { clock, observe } = this.#options;
    const { signal } = this.#over;
    for (let wait = firstPause; !signal.aborted; wait = Math.min(longestPause, 2 * wait)) {
      let closed: (reason: string) => void = () => undefined;
      const lost = new Promise<string>((resolve) => {
        closed = resolve;
      });
      const fault = await this.#connect(closed);
      if (fault === null) {
        wait = firstPause;
        this.#generation += 1;
        observe({ kind: 'link-opened', link: this.id, generation: this.#generation });
        const stopped = new Promise<string>((resolve) =>
          signal.addEventListener('abort', () => resolve('stopped'), { once: true }),
        );
        const reason = signal.aborted ? 'stopped' : await Promise.race([lost, stopped]);
        await this.#leave();
        if (signal.aborted) return;
        observe({ kind: 'link-closed', link: this.id, fault: this.#fault('lost', `${reason}; it is connected again`) });
      } else if (!signal.aborted) observe({ kind: 'link-closed', link: this.id, fault });
      await pause(clock, wait, signal);
    }
  }

  /** Null once it is connected and hears what nodes say. */
  async #connect(onClosed: (reason: string) => void): Promise<LinkFault | null> {
    const onMessage = (topic: string, payload: Uint8Array): void => this.#hear(topic, payload);
    const connection = await this.#options.broker.connect({ onMessage, onClosed, signal: this.#over.signal });
    if ('kind' in connection) {
      return this.#fault(connection.kind === 'denied' ? 'denied' : 'absent', connection.message);
    }
    for (const topic of subscriptions) {
      const refused = await connection.subscribe(topic, 1);
      if (refused === null) continue;
      await connection.close();
      return this.#fault('denied', `${topic} may not be heard (${refused}); see docs/broker/nodes for the access list`);
    }
    this.#connection = connection;
    return null;
  }

  async #leave(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#open = 0;
    this.#fresh.clear();
    for (const node of [...this.#nodes.keys()]) this.#lose(node, 'the connection to the broker is gone');
    await connection?.close();
  }

  #hear(topic: string, payload: Uint8Array): void {
    const said = saidOn(topic);
    if (said === null || this.#onMessage === undefined) return;
    const fault = this.#faultOf(said, payload);
    if (fault !== null) {
      if (fault !== 'held-off') this.#turnAway(said, fault);
      return;
    }
    const message = { payload: new Uint8Array(payload), at: this.#options.clock.monotonic() };
    if ('chip' in said) {
      this.#fresh.delete(said.chip);
      this.#fresh.set(said.chip, message.at);
      const oldest = this.#fresh.keys().next();
      if (this.#fresh.size > mostNew && !oldest.done) this.#fresh.delete(oldest.value);
      this.#onNew({ ...said, ...message, address: null });
      return;
    }
    this.#meet(said.node);
    this.#onMessage({ ...said, ...message });
    if (said.kind === 'gone') this.#lose(said.node, 'the broker says that it is gone');
  }

  #faultOf(said: SaidBy, payload: Uint8Array): TurnedAway | null {
    if (payload.length > longestPayload) return 'oversized';
    if ('chip' in said) return this.#newMessages.take() ? null : 'flood';
    if (!this.#options.knows(said.node)) return 'unknown-node';
    if (this.#holdOff.of(said.node) > 0) return 'held-off';
    const known = this.#nodes.get(said.node);
    return known !== undefined && !known.messages.take() ? 'flood' : null;
  }

  #turnAway(said: SaidBy, why: TurnedAway): void {
    const who = 'chip' in said ? { node: null, chip: said.chip } : { node: said.node, chip: null };
    this.#tally.tell(why, { ...who, address: null });
    if (who.node === null || why === 'unknown-node') return;
    this.#holdOff.strike(who.node);
    this.#lose(who.node, `turned away: ${why}`);
  }

  /** It is there, until it was not heard for long. */
  #meet(node: string): void {
    const { clock, observe } = this.#options;
    const before = this.#nodes.get(node);
    before?.lost();
    const lost = clock.after(heardWithin, () => this.#lose(node, 'not heard for 11 min'));
    if (before !== undefined) {
      before.lost = lost;
      return;
    }
    this.#nodes.set(node, { messages: new Allowance(messageRate, clock), lost });
    observe({ kind: 'node-connected', link: this.id, node, chip: null, address: null });
  }

  #lose(node: string, why: string): void {
    const known = this.#nodes.get(node);
    if (known === undefined) return;
    known.lost();
    this.#nodes.delete(node);
    this.#options.observe({ kind: 'node-disconnected', link: this.id, node, why });
  }

  #publish(topic: string, payload: string | Uint8Array): boolean {
    const connection = this.#connection;
    const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
    if (connection === undefined || this.#onMessage === undefined || bytes.length > longestPayload) return false;
    if (this.#open >= mostOpen) return false;
    this.#open += 1;
    void connection.publish({ topic, payload: bytes, retain: false, contentType: null }).then(() => {
      if (this.#connection === connection) this.#open -= 1;
    });
    return true;
  }

  #fault(kind: LinkFault['kind'], words: string): LinkFault {
    return { kind, message: `${this.id}: ${words}` };
  }
}
