import type { EventEmitter } from 'node:events';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import type { Clock } from '../../../clock.ts';
import type { NodeAccounts } from '../accounts.ts';
import { Allowance } from '../allowance.ts';
import { HoldOff } from '../hold-off.ts';
import {
  longestPayload,
  type NewNodeMessage,
  type NodeLink,
  type NodeLinkEvent,
  type NodeMessage,
  type ToNodeKind,
  type TurnedAway,
  toNodeKinds,
} from '../node-link.ts';
import type { NodesListen } from '../settings.ts';
import { qosOf, saidOn, topicOfNew, topicTo } from '../topics.ts';
import { TurnedAwayTally } from '../turned-away.ts';
import { Door, mostNew } from './door.ts';
import { Listener, type ReadCertificate } from './listener.ts';
import { type LogInAnswer, logIn, type Who } from './log-in.ts';
import { mostWaiting, PacketGate } from './packet-gate.ts';
import { type BrokerError, faultOf, isItsFault, keyOf, reasonOf, type Session, strikeKey } from './session.ts';

export interface AedesNodeLinkOptions {
  readonly id: string;
  readonly listen: NodesListen;
  readonly certificate?: ReadCertificate | undefined;
  readonly accounts: NodeAccounts;
  readonly clock: Clock;
  readonly observe: (event: NodeLinkEvent) => void;
}

/** Seconds: the longest keep-alive that is granted; whoever asks for none gets it too. */
const longestKeepAlive = 600;
const helloRate = { burst: 20, perSecond: 1 };

/**
 * The gateway's own broker for nodes: aedes 1.2 (MQTT 3.1.1), which only ever hears whole packets from a
 * {@link PacketGate} and knows each connection by a number of ours. What a node may say and hear is judged here; nothing a
 * node says reaches another node. Sessions are clean, nothing is retained, and $SYS can be subscribed to by nobody.
 */
export class AedesNodeLink implements NodeLink {
  readonly id: string;
  readonly #options: AedesNodeLinkOptions;
  readonly #observe: (event: NodeLinkEvent) => void;
  readonly #tally: TurnedAwayTally;
  readonly #door: Door;
  readonly #holdOff: HoldOff;
  readonly #listener: Listener;
  readonly #gates = new Set<PacketGate>();
  readonly #sessions = new Map<string, Session<Client>>();
  /** By aedes' client: its session, or why it is not let in. */
  readonly #verdicts = new WeakMap<Client, Session<Client> | Exclude<LogInAnswer, { who: Who }>>();
  #aedes: Aedes | undefined;
  #onMessage: ((message: NodeMessage) => void) | undefined;
  #onNew: (message: NewNodeMessage) => void = () => undefined;
  #stopped: Promise<void> | undefined;
  #generation = 0;
  #count = 0;

  constructor(options: AedesNodeLinkOptions) {
    const { id, listen, certificate, clock, observe } = options;
    this.id = id;
    this.#options = options;
    this.#observe = observe;
    this.#tally = new TurnedAwayTally(id, clock, observe);
    this.#door = new Door(clock);
    this.#holdOff = new HoldOff(clock);
    this.#listener = new Listener({
      ...{ link: id, listen, certificate, clock },
      mayEnter: (address) => this.#mayEnter(address),
      onSocket: (socket, address) => this.#welcome(socket, address),
      onOpened: () => {
        this.#generation += 1;
        observe({ kind: 'link-opened', link: id, generation: this.#generation });
      },
      onFault: (fault) => observe({ kind: 'link-closed', link: id, fault }),
    });
  }

  hearNew(onMessage: (message: NewNodeMessage) => void): void {
    this.#onNew = onMessage;
  }

  start(onMessage: (message: NodeMessage) => void): void {
    this.#onMessage = onMessage;
    const aedes = new Aedes({
      // The gate is stricter with both.
      connectTimeout: 30_000,
      drainTimeout: 60_000,
      queueLimit: 8,
      maxTopicLevels: 8,
      preConnect: (client, packet, done) => {
        this.#judge(client, packet);
        done(null, true);
      },
      authenticate: (client, _user, _password, done) => {
        const verdict = this.#verdicts.get(client);
        if (verdict !== undefined && 'key' in verdict) done(null, true);
        else done(refusal(verdict?.returnCode ?? 5), false);
      },
      authorizePublish: (client, packet, done) => done(this.#hear(client, packet.topic, packet.payload)),
      authorizeSubscribe: (client, { topic, qos }, done) =>
        done(null, this.#maySubscribe(client, topic, qos) ? { topic, qos: qos === 0 ? 0 : 1 } : null),
    });
    this.#aedes = aedes;
    aedes.on('client', (client) => this.#mark(client, 'isRegistered'));
    aedes.on('clientReady', (client) => this.#mark(client, 'isReady'));
    aedes.on('unsubscribe', (topics, client) => {
      for (const topic of topics) this.#sessionOf(client)?.topics.delete(topic);
    });
    aedes.on('keepaliveTimeout', (client) => {
      const session = this.#sessionOf(client);
      if (session) session.why = 'no sign of life within its keep-alive';
    });
    // Without somebody to hear it an error would end the process. Every node connects anew to a sound state.
    (aedes as EventEmitter).on('error', (error: Error) => this.#restart(error));
    aedes.on('clientDisconnect', (client) => this.#end(this.#sessionOf(client)));
    void aedes.listen().then(() => this.#stopped ?? this.#listener.start());
  }

  send(node: string, kind: ToNodeKind, payload: string | Uint8Array): boolean {
    return this.#send(this.#sessions.get(node), topicTo(node, kind), qosOf(kind), payload);
  }

  adopt(chip: string, offer: string | Uint8Array): boolean {
    return this.#send(this.#sessions.get(keyOf({ node: null, chip })), topicOfNew(chip, 'adopt'), 1, offer);
  }

  turnOut(node: string): void {
    this.#holdOff.forgive(node);
    this.#sessions.get(node)?.gate.turnAway('forgotten');
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#onMessage = undefined;
    this.#onNew = () => undefined;
    const closed = this.#listener.stop();
    for (const gate of this.#gates) gate.destroy();
    await closed;
    const aedes = this.#aedes;
    if (aedes !== undefined) await new Promise<void>((resolve) => aedes.close(() => resolve()));
    for (const session of [...this.#sessions.values()]) this.#end(session);
    this.#tally.stop();
    this.#observe({ kind: 'link-closed', link: this.id, fault: null });
  }

  #restart({ message }: Error): void {
    const fault = { kind: 'lost', message: `${this.id}: the broker failed (${message}); nodes connect anew` } as const;
    this.#observe({ kind: 'link-closed', link: this.id, fault });
    for (const gate of this.#gates) gate.destroy();
    this.#generation += 1;
    this.#observe({ kind: 'link-opened', link: this.id, generation: this.#generation });
  }

  #mayEnter(address: string): boolean {
    const why = this.#door.enter(address);
    if (why !== null) this.#tally.tell(why, { node: null, chip: null, address });
    return why === null;
  }

  #welcome(socket: ConstructorParameters<typeof PacketGate>[0]['socket'], address: string): void {
    let client: Client | undefined;
    const onTurnedAway = (why: TurnedAway): void => this.#turnedAway(client, gate, why);
    const onBroken = (error: BrokerError): void => {
      const why = reasonOf(error);
      if (why !== null) this.#turnedAway(client, gate, why);
    };
    const gate = new PacketGate({ socket, address, clock: this.#options.clock, onTurnedAway, onBroken });
    this.#gates.add(gate);
    gate.once('close', () => {
      this.#gates.delete(gate);
      const session = client && this.#sessionOf(client);
      if (session === undefined) this.#door.left(address);
      // Once aedes knows it, it has a will to be heard first.
      else if (!session.isRegistered) this.#end(session);
    });
    client = this.#aedes?.handle(gate);
  }

  /** Decides about a CONNECT; the packet goes on to aedes as we want it to be. */
  #judge(client: Client, packet: JudgedPacket): void {
    const gate = client.conn as PacketGate;
    const { username = null, clientId = null, keepalive: asked = 0 } = packet;
    const answer = this.#answerTo(packet, gate);
    // A number of ours: what a stranger calls itself must end nobody else's session (3.1.4-2).
    this.#count += 1;
    Object.assign(packet, {
      clientId: String(this.#count),
      clean: true,
      keepalive: asked === 0 ? longestKeepAlive : Math.min(asked, longestKeepAlive),
    });
    if ('who' in answer) {
      this.#begin(client, gate, answer.who);
      return;
    }
    this.#verdicts.set(client, answer);
    this.#tally.tell(answer.why, { node: username, chip: clientId, address: gate.address });
  }

  #answerTo(packet: JudgedPacket, { address }: PacketGate): LogInAnswer {
    const { clientId, username, password, protocolVersion, will } = packet;
    const answer = logIn({ clientId, username, password, protocolVersion, will }, this.#options.accounts);
    if (!('who' in answer)) return answer;
    const key = keyOf(answer.who);
    if (this.#holdOff.of(strikeKey(answer.who, address)) > 0) return { why: 'held-off', returnCode: 3 };
    // Anybody can call itself this chip; whoever is there stays, so that a name does not go from hand to hand.
    const isTaken = answer.who.node === null && (this.#sessions.get(key)?.gate.address ?? address) !== address;
    return isTaken ? { why: 'wrong-chip', returnCode: 2 } : answer;
  }

  #begin(client: Client, gate: PacketGate, who: Who): void {
    const key = keyOf(who);
    const before = this.#sessions.get(key);
    // The older connection of a node that lost its network looks alive for minutes: the newer one has the right password too.
    if (before !== undefined) {
      this.#sessions.delete(key);
      this.#disconnected(before, 'it connected anew');
      const isOther = before.gate.address !== gate.address;
      if (isOther) this.#tally.tell('replaced', { ...who, address: before.gate.address });
      before.gate.destroy();
    }
    if (who.node === null) this.#makeRoom();
    const hellos = new Allowance(helloRate, this.#options.clock);
    const why = 'the connection was closed';
    const session = {
      ...{ key, who, client, gate, hellos, why },
      topics: new Map<string, 0 | 1>(),
      isRegistered: false,
      isReady: false,
    };
    this.#sessions.set(key, session);
    this.#verdicts.set(client, session);
    this.#door.left(gate.address);
    gate.trust();
  }

  /** The one without an account that is there longest gives way, so that nobody can keep all places. */
  #makeRoom(): void {
    const fresh = [...this.#sessions.values()].filter(({ who }) => who.node === null);
    if (fresh.length >= mostNew) fresh[0]?.gate.turnAway('full');
  }

  #sessionOf(client: Client): Session<Client> | undefined {
    const verdict = this.#verdicts.get(client);
    return verdict !== undefined && 'key' in verdict ? verdict : undefined;
  }

  #mark(client: Client, what: 'isRegistered' | 'isReady'): void {
    const session = this.#sessionOf(client);
    if (session === undefined) return;
    session[what] = true;
    const { who, gate } = session;
    if (what === 'isReady' && who.node !== null && this.#isCurrent(session)) {
      this.#observe({ kind: 'node-connected', link: this.id, ...who, address: gate.address });
    }
  }

  #isCurrent(session: Session<Client>): boolean {
    return this.#sessions.get(session.key) === session;
  }

  #end(session: Session<Client> | undefined): void {
    if (session === undefined || !this.#isCurrent(session)) return;
    this.#sessions.delete(session.key);
    this.#disconnected(session, session.why);
  }

  #disconnected({ who, isReady }: Session<Client>, why: string): void {
    if (who.node !== null && isReady) {
      this.#observe({ kind: 'node-disconnected', link: this.id, node: who.node, why });
    }
  }

  /** Null where the message is taken; what is not the sender's to say ends its connection. */
  #hear(client: Client | null, topic: string, payload: string | Uint8Array): Error | null {
    const session = client === null ? undefined : this.#sessionOf(client);
    // Also what aedes says of itself, and wills of those that were replaced.
    if (session === undefined) return null;
    if (!this.#isCurrent(session)) return new Error('replaced');
    const { who, gate } = session;
    const said = saidOn(topic);
    // The will of an ESP32 is cut at 32 characters of its topic, so it may be none of ours; that it is gone is told anyway.
    if (said === null && client?.closed) return new Error('no message');
    const fault = faultOf(session, said, payload.length);
    if (said === null || fault !== null) {
      gate.turnAway(fault ?? 'foreign-topic');
      return new Error(fault ?? 'foreign-topic');
    }
    const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : new Uint8Array(payload);
    const message = { payload: bytes, at: this.#options.clock.monotonic() };
    if ('node' in said) this.#onMessage?.({ ...message, ...said });
    else this.#onNew({ ...message, ...said, chip: who.chip, address: gate.address });
    return null;
  }

  #maySubscribe(client: Client, topic: string, qos: number): boolean {
    const session = this.#sessionOf(client);
    if (session === undefined) return false;
    const { who, gate } = session;
    const own =
      who.node === null ? [topicOfNew(who.chip, 'adopt')] : toNodeKinds.map((kind) => topicTo(who.node, kind));
    if (own.includes(topic)) {
      session.topics.set(topic, qos === 0 ? 0 : 1);
      return true;
    }
    this.#tally.tell('foreign-topic', { ...who, address: gate.address });
    return false;
  }

  #send(session: Session<Client> | undefined, topic: string, qos: 0 | 1, payload: string | Uint8Array): boolean {
    const granted = session?.topics.get(topic);
    const bytes = Buffer.from(payload);
    if (session === undefined || granted === undefined || this.#onMessage === undefined) return false;
    const { client, gate } = session;
    if (!session.isReady || client.closed || gate.destroyed || bytes.length > longestPayload) return false;
    if (gate.waiting + bytes.length > mostWaiting) return false;
    const packet = { cmd: 'publish', topic, payload: bytes, retain: false, dup: false } as const;
    client.publish({ ...packet, qos: Math.min(qos, granted) as 0 | 1 }, () => undefined);
    return true;
  }

  #turnedAway(client: Client | undefined, { address }: PacketGate, why: TurnedAway): void {
    const session = client && this.#sessionOf(client);
    const who = session?.who ?? { node: null, chip: null };
    if (session !== undefined) {
      session.why = `turned away: ${why}`;
      if (isItsFault(why)) this.#holdOff.strike(strikeKey(session.who, address));
    }
    this.#tally.tell(why, { ...who, address });
  }
}

/** A CONNECT on its way through aedes. */
type JudgedPacket = Parameters<NonNullable<NonNullable<ConstructorParameters<typeof Aedes>[0]>['preConnect']>>[1];

/** Makes aedes answer a CONNECT with this code. */
function refusal(returnCode: 1 | 2 | 3 | 4 | 5): AuthenticateError {
  return Object.assign(new Error('not let in'), { returnCode }) as AuthenticateError;
}
