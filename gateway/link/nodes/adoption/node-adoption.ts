import type { Cancel, Clock, Monotonic } from '../../../clock.ts';
import type { NewNodeMessage, NodeLink, NodeLinkEvent } from '../node-link.ts';
import { isNodeId } from '../topics.ts';
import { TurnedAwayTally } from '../turned-away.ts';
import { adoptedSaid, newHello, readJson, refusedSaid } from './messages.ts';

/** An account as it is offered. */
export interface AccountOffer {
  readonly node: string;
  readonly chip: string;
  readonly type: string;
  /** When and by whom; the moment is a stamp. */
  readonly at: string;
  readonly by: string;
}

/** Where accounts are kept. Each change is durable before it resolves; rejects with what keeps it from being so. */
export interface AdoptionAccounts {
  list(): readonly (AccountOffer & { readonly confirmed: boolean })[];
  /** Resolves to the password. */
  offer(account: AccountOffer): Promise<string>;
  /** Resolves to the nodes that lost an earlier account by it. */
  confirm(node: string, chip: string): Promise<readonly string[]>;
  withdraw(node: string, chip: string): Promise<void>;
  remove(node: string): Promise<boolean>;
}

/** What a technician asks for. */
export interface AdoptionAsked {
  readonly chip: string;
  /** Six digits. */
  readonly code: string;
  /** Node id; without it `esp-` and the chip id. */
  readonly node?: string | undefined;
  /** The chip takes the place of another one, whose account ends with it. */
  readonly replace?: boolean | undefined;
  readonly by: string;
  /** A stamp. */
  readonly at: string;
}

/** What came of it. */
export type AdoptionOutcome =
  /** The node has its account; `link` is where it is heard. */
  | { readonly kind: 'adopted'; readonly node: string; readonly chip: string; readonly link: string }
  /** The node has not taken it: `code`, or another reason of its own. `wrong`: wrong codes of this chip so far. */
  | {
      readonly kind: 'refused';
      readonly node: string;
      readonly chip: string;
      readonly why: string;
      readonly wrong: number;
    }
  /** Nothing was heard. The account stands: a node that took it logs in with it, and is adopted then. */
  | { readonly kind: 'silent'; readonly node: string; readonly chip: string }
  /** No node of that chip id without an account was heard in the last two minutes. */
  | { readonly kind: 'not-heard'; readonly chip: string }
  /** It was heard and is gone again. */
  | { readonly kind: 'gone'; readonly chip: string }
  /** The node id belongs to another chip. */
  | { readonly kind: 'taken'; readonly node: string; readonly chip: string }
  | { readonly kind: 'no-name'; readonly node: string }
  /** It is being adopted already. */
  | { readonly kind: 'busy'; readonly chip: string }
  /** The account could not be kept, so nothing was said to the node. */
  | { readonly kind: 'not-kept'; readonly message: string };

interface Fresh {
  readonly link: NodeLink;
  readonly type: string;
  readonly at: Monotonic;
}

interface Waiting {
  readonly node: string;
  readonly settle: (heard: 'adopted' | 'connected' | 'silent' | { readonly refused: string }) => void;
}

/** Milliseconds: a node without an account says hello every 30 s; its answer is a matter of seconds. */
const heardWithin = 120_000;
const answerWithin = 20_000;
/** Chips remembered at once; a broker lets in 16. */
const mostFresh = 32;

/**
 * Gives nodes their accounts: hears those that have none, offers one to the chip whose code a technician has read on its
 * console, and knows it as adopted when the node says so or logs in with it. The account is durable before it is offered.
 */
export class NodeAdoption {
  readonly #accounts: AdoptionAccounts;
  readonly #clock: Clock;
  readonly #links = new Map<string, NodeLink>();
  readonly #observers = new Map<string, (event: NodeLinkEvent) => void>();
  readonly #fresh = new Map<string, Fresh>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #wrong = new Map<string, number>();

  constructor(accounts: AdoptionAccounts, clock: Clock) {
    this.#accounts = accounts;
    this.#clock = clock;
  }

  /** A link of nodes, made with an observer of ours around the one that is told of it. */
  attach(
    id: string,
    make: (observe: (event: NodeLinkEvent) => void) => NodeLink,
    observe: (event: NodeLinkEvent) => void,
  ): NodeLink {
    const link = make((event) => {
      observe(event);
      if (event.kind !== 'node-connected') return;
      // What could not be kept now is confirmed at the next log-in; the account holds meanwhile.
      void this.#logged(event.node, event.chip).catch(() => undefined);
    });
    const tally = new TurnedAwayTally(id, this.#clock, observe);
    link.hearNew((message) => this.#hear(link, message, observe, tally));
    this.#links.set(id, link);
    this.#observers.set(id, observe);
    return link;
  }

  async adopt(asked: AdoptionAsked): Promise<AdoptionOutcome> {
    const { chip, code, replace = false, by, at } = asked;
    const node = asked.node ?? `esp-${chip}`;
    if (!isNodeId(node)) return { kind: 'no-name', node };
    if (this.#waiting.has(chip)) return { kind: 'busy', chip };
    const fresh = this.#fresh.get(chip);
    if (fresh === undefined || this.#clock.monotonic() - fresh.at > heardWithin) return { kind: 'not-heard', chip };
    const owner = this.#accounts.list().find((one) => one.confirmed && one.node === node && one.chip !== chip);
    if (owner !== undefined && !replace) return { kind: 'taken', node, chip: owner.chip };
    const answer = this.#answer(chip, node);
    try {
      const password = await this.#accounts.offer({ node, chip, type: fresh.type, at, by });
      if (!fresh.link.adopt(chip, JSON.stringify({ code, node, password }))) {
        this.#waiting.delete(chip);
        await this.#accounts.withdraw(node, chip);
        return { kind: 'gone', chip };
      }
    } catch (error) {
      this.#waiting.delete(chip);
      return { kind: 'not-kept', message: error instanceof Error ? error.message : String(error) };
    }
    return this.#conclude(await answer(), { node, chip, link: fresh.link.id });
  }

  /** Takes a node's account away and ends its connection; false where it has none. */
  async forget(node: string): Promise<boolean> {
    const was = await this.#accounts.remove(node);
    if (was) this.#turnOut([node]);
    return was;
  }

  /** Waits for what the chip says; the time to answer begins with the call of what is given back. */
  #answer(chip: string, node: string): () => Promise<Parameters<Waiting['settle']>[0]> {
    let cancel: Cancel = () => undefined;
    let settle: Waiting['settle'] = () => undefined;
    const settled = new Promise<Parameters<Waiting['settle']>[0]>((resolve) => {
      settle = resolve;
    });
    const done: Waiting['settle'] = (heard) => {
      cancel();
      this.#waiting.delete(chip);
      settle(heard);
    };
    this.#waiting.set(chip, { node, settle: done });
    return () => {
      if (this.#waiting.has(chip)) cancel = this.#clock.after(answerWithin, () => done('silent'));
      return settled;
    };
  }

  async #conclude(
    heard: Parameters<Waiting['settle']>[0],
    { node, chip, link }: { readonly node: string; readonly chip: string; readonly link: string },
  ): Promise<AdoptionOutcome> {
    if (heard === 'silent') return { kind: 'silent', node, chip };
    if (heard === 'adopted' || heard === 'connected') {
      this.#fresh.delete(chip);
      this.#wrong.delete(chip);
      this.#observers.get(link)?.({ kind: 'node-adopted', link, node, chip });
      if (heard === 'adopted') this.#turnOut(await this.#accounts.confirm(node, chip));
      return { kind: 'adopted', node, chip, link };
    }
    await this.#accounts.withdraw(node, chip);
    const wrong = (this.#wrong.get(chip) ?? 0) + (heard.refused === 'code' ? 1 : 0);
    this.#wrong.set(chip, wrong);
    forgetOldest(this.#wrong);
    return { kind: 'refused', node, chip, why: heard.refused, wrong };
  }

  /** A log-in proves that the node has the account, also one that was offered before the gateway restarted. */
  async #logged(node: string, as: string | null): Promise<void> {
    const ofNode = this.#accounts.list().filter((one) => one.node === node);
    const offered = ofNode.find((one) => !one.confirmed && one.chip === (as ?? one.chip));
    // Where the chip is not told, it may be the one that had the name before.
    if (offered === undefined || (as === null && ofNode.length > 1)) return;
    const { chip } = offered;
    const before = await this.#accounts.confirm(node, chip);
    this.#turnOut(before.filter((one) => one !== node));
    this.#waiting.get(chip)?.settle('connected');
  }

  #turnOut(nodes: readonly string[]): void {
    for (const node of nodes) for (const link of this.#links.values()) link.turnOut(node);
  }

  #hear(
    link: NodeLink,
    { chip, kind, payload, at, address }: NewNodeMessage,
    observe: (event: NodeLinkEvent) => void,
    tally: TurnedAwayTally,
  ): void {
    const waiting = this.#waiting.get(chip);
    if (kind === 'hello') {
      const hello = readJson(newHello, payload);
      if (hello === undefined) {
        tally.tell('malformed', { node: null, chip, address });
        return;
      }
      const before = this.#fresh.get(chip);
      const isFirst = before === undefined || at - before.at > heardWithin;
      this.#fresh.delete(chip);
      this.#fresh.set(chip, { link, type: hello.chip, at });
      forgetOldest(this.#fresh);
      observe({ kind: 'new-node', link: link.id, chip, type: hello.chip, version: hello.version, address, isFirst });
    } else if (kind === 'adopted') {
      const said = readJson(adoptedSaid, payload);
      if (said === undefined || said.node !== waiting?.node) tally.tell('malformed', { node: null, chip, address });
      else waiting.settle('adopted');
    } else {
      const said = readJson(refusedSaid, payload);
      if (said === undefined || waiting === undefined) tally.tell('malformed', { node: null, chip, address });
      else waiting.settle({ refused: said.why });
    }
  }
}

function forgetOldest(map: Map<string, unknown>): void {
  const oldest = map.keys().next();
  if (map.size > mostFresh && !oldest.done) map.delete(oldest.value);
}
