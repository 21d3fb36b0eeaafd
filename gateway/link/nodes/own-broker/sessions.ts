import type { Clock } from '../../../clock.ts';
import type { NodeAccounts } from '../accounts.ts';
import { Allowance } from '../allowance.ts';
import { HoldOff } from '../hold-off.ts';
import { type NodeLinkEvent, type TurnedAway, toNodeKinds } from '../node-link.ts';
import { topicOfNew, topicTo } from '../topics.ts';
import type { TurnedAwayTally } from '../turned-away.ts';
import { type Door, mostNew } from './door.ts';
import { type ConnectWords, type LogInAnswer, logIn, type Who } from './log-in.ts';
import type { PacketGate } from './packet-gate.ts';
import { isItsFault, keyOf, type Session, strikeKey } from './session.ts';

export interface SessionsOptions {
  readonly link: string;
  readonly accounts: NodeAccounts;
  readonly door: Door;
  readonly tally: TurnedAwayTally;
  readonly clock: Clock;
  readonly observe: (event: NodeLinkEvent) => void;
}

type Refusal = Exclude<LogInAnswer, { readonly who: Who }>;

const helloRate = { burst: 20, perSecond: 1 };

/** Who is connected: one connection for each account, and for each chip without one. `Client` is the broker's own noun. */
export class Sessions<Client extends object> {
  readonly #options: SessionsOptions;
  readonly #holdOff: HoldOff;
  readonly #sessions = new Map<string, Session<Client>>();
  /** By the broker's client: its session, or why it is not let in. */
  readonly #verdicts = new WeakMap<Client, Session<Client> | Refusal>();

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#holdOff = new HoldOff(options.clock);
  }

  /** Of the one that is connected as this. */
  get(who: Who): Session<Client> | undefined {
    return this.#sessions.get(keyOf(who));
  }

  /** Of a client that was let in, also after its end. */
  of(client: Client): Session<Client> | undefined {
    const verdict = this.#verdicts.get(client);
    return verdict !== undefined && 'key' in verdict ? verdict : undefined;
  }

  /** Null where the client is let in, else what it is to be answered. */
  refusalOf(client: Client): Refusal['returnCode'] | null {
    const verdict = this.#verdicts.get(client);
    if (verdict === undefined) return 5;
    return 'key' in verdict ? null : verdict.returnCode;
  }

  /** Decides about a CONNECT: lets it in, and the one before it out; or tells why not. */
  judge(client: Client, gate: PacketGate, said: ConnectWords): void {
    const answer = this.#answerTo(said, gate);
    if ('who' in answer) {
      this.#begin(client, gate, answer.who);
      return;
    }
    this.#verdicts.set(client, answer);
    const { username = null, clientId = null } = said;
    this.#options.tally.tell(answer.why, { node: username, chip: clientId, address: gate.address });
  }

  /** The broker is about to serve it, or serves it. */
  mark(client: Client, what: 'isRegistered' | 'isReady'): void {
    const session = this.of(client);
    if (session === undefined) return;
    session[what] = true;
    const { who, gate } = session;
    if (what === 'isReady' && who.node !== null && this.isCurrent(session)) {
      this.#options.observe({ kind: 'node-connected', link: this.#options.link, ...who, address: gate.address });
    }
  }

  /** False once another connection has taken its place, or it has ended. */
  isCurrent(session: Session<Client>): boolean {
    return this.#sessions.get(session.key) === session;
  }

  /** Grants a subscription to what is its own; told where it is not. */
  maySubscribe(client: Client, topic: string, qos: number): boolean {
    const session = this.of(client);
    if (session === undefined) return false;
    const { who, gate } = session;
    const own =
      who.node === null ? [topicOfNew(who.chip, 'adopt')] : toNodeKinds.map((kind) => topicTo(who.node, kind));
    if (own.includes(topic)) session.topics.set(topic, qos === 0 ? 0 : 1);
    else this.#options.tally.tell('foreign-topic', { ...who, address: gate.address });
    return own.includes(topic);
  }

  end(session: Session<Client> | undefined): void {
    if (session === undefined || !this.isCurrent(session)) return;
    this.#sessions.delete(session.key);
    this.#disconnected(session, session.why);
  }

  endAll(): void {
    for (const session of [...this.#sessions.values()]) this.end(session);
  }

  /** Tells that a connection was cut; what the node itself did wrong it is held off for. */
  turnedAway(client: Client | undefined, { address }: PacketGate, why: TurnedAway): void {
    const session = client && this.of(client);
    if (session !== undefined) {
      session.why = `turned away: ${why}`;
      if (isItsFault(why)) this.#holdOff.strike(strikeKey(session.who, address));
    }
    this.#options.tally.tell(why, { ...(session?.who ?? { node: null, chip: null }), address });
  }

  /** The node has no account any more. */
  turnOut(node: string): void {
    this.#holdOff.forgive(node);
    this.#sessions.get(node)?.gate.turnAway('forgotten');
  }

  #answerTo(said: ConnectWords, { address }: PacketGate): LogInAnswer {
    const answer = logIn(said, this.#options.accounts);
    if (!('who' in answer)) return answer;
    if (this.#holdOff.of(strikeKey(answer.who, address)) > 0) return { why: 'held-off', returnCode: 3 };
    // Anybody can call itself this chip; whoever is there stays, so that a name does not go from hand to hand.
    const isTaken = answer.who.node === null && (this.get(answer.who)?.gate.address ?? address) !== address;
    return isTaken ? { why: 'wrong-chip', returnCode: 2 } : answer;
  }

  #begin(client: Client, gate: PacketGate, who: Who): void {
    const { door, tally, clock } = this.#options;
    const key = keyOf(who);
    const before = this.#sessions.get(key);
    // The older connection of a node that lost its network looks alive for minutes: the newer one has the right password too.
    if (before !== undefined) {
      this.#sessions.delete(key);
      this.#disconnected(before, 'it connected anew');
      const isOther = before.gate.address !== gate.address;
      if (isOther) tally.tell('replaced', { ...who, address: before.gate.address });
      before.gate.destroy();
    }
    if (who.node === null) this.#makeRoom();
    const session: Session<Client> = {
      ...{ key, who, client, gate, hellos: new Allowance(helloRate, clock), why: 'the connection was closed' },
      ...{ topics: new Map(), unwritten: 0, isRegistered: false, isReady: false },
    };
    this.#sessions.set(key, session);
    this.#verdicts.set(client, session);
    door.left(gate.address);
    gate.trust();
  }

  /** The one without an account that is there longest gives way, so that nobody can keep all places. */
  #makeRoom(): void {
    const fresh = [...this.#sessions.values()].filter(({ who }) => who.node === null);
    if (fresh.length >= mostNew) fresh[0]?.gate.turnAway('full');
  }

  #disconnected({ who, isReady }: Session<Client>, why: string): void {
    const { link, observe } = this.#options;
    if (who.node !== null && isReady) observe({ kind: 'node-disconnected', link, node: who.node, why });
  }
}
