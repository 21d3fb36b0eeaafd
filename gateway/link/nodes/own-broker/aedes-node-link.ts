import type { EventEmitter } from 'node:events';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import type { Clock } from '../../../clock.ts';
import type { NodeAccounts } from '../accounts.ts';
import {
  longestPayload,
  type NewNodeMessage,
  type NodeLink,
  type NodeLinkEvent,
  type NodeMessage,
  type ToNodeKind,
  type TurnedAway,
} from '../node-link.ts';
import type { NodesListen } from '../settings.ts';
import { qosOf, saidOn, topicOfNew, topicTo } from '../topics.ts';
import { TurnedAwayTally } from '../turned-away.ts';
import { Door } from './door.ts';
import { Listener, type ReadCertificate } from './listener.ts';
import type { Who } from './log-in.ts';
import { mostWaiting, PacketGate } from './packet-gate.ts';
import { type BrokerError, faultOf, reasonOf } from './session.ts';
import { Sessions } from './sessions.ts';

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
  readonly #listener: Listener;
  readonly #gates = new Set<PacketGate>();
  readonly #sessions: Sessions<Client>;
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
    const { accounts } = options;
    this.#sessions = new Sessions({ link: id, accounts, door: this.#door, tally: this.#tally, clock, observe });
    this.#listener = new Listener({
      ...{ link: id, listen, certificate, clock },
      mayEnter: (address) => this.#mayEnter(address),
      onSocket: (socket, address) => this.#welcome(socket, address),
      onNoTls: (address) => this.#tally.tell('no-tls', { node: null, chip: null, address }),
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
        const code = this.#sessions.refusalOf(client);
        if (code === null) done(null, true);
        else done(refusal(code), false);
      },
      authorizePublish: (client, packet, done) => done(this.#hear(client, packet.topic, packet.payload)),
      authorizeSubscribe: (client, { topic, qos }, done) =>
        done(null, this.#sessions.maySubscribe(client, topic, qos) ? { topic, qos: qos === 0 ? 0 : 1 } : null),
    });
    this.#aedes = aedes;
    aedes.on('client', (client) => this.#sessions.mark(client, 'isRegistered'));
    aedes.on('clientReady', (client) => this.#sessions.mark(client, 'isReady'));
    aedes.on('unsubscribe', (topics, client) => {
      for (const topic of topics) this.#sessions.of(client)?.topics.delete(topic);
    });
    aedes.on('keepaliveTimeout', (client) => {
      const session = this.#sessions.of(client);
      if (session) session.why = 'no sign of life within its keep-alive';
    });
    // Without somebody to hear it an error would end the process. Every node connects anew to a sound state.
    (aedes as EventEmitter).on('error', (error: Error) => this.#restart(error));
    aedes.on('clientDisconnect', (client) => this.#sessions.end(this.#sessions.of(client)));
    void aedes.listen().then(() => this.#stopped ?? this.#listener.start());
  }

  send(node: string, kind: ToNodeKind, payload: string | Uint8Array): boolean {
    return this.#send({ node, chip: '' }, topicTo(node, kind), qosOf(kind), payload);
  }

  adopt(chip: string, offer: string | Uint8Array): boolean {
    return this.#send({ node: null, chip }, topicOfNew(chip, 'adopt'), 1, offer);
  }

  turnOut(node: string): void {
    this.#sessions.turnOut(node);
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
    this.#sessions.endAll();
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
    const onTurnedAway = (why: TurnedAway): void => this.#sessions.turnedAway(client, gate, why);
    const onBroken = (error: BrokerError): void => {
      const why = reasonOf(error);
      if (why !== null) this.#sessions.turnedAway(client, gate, why);
    };
    const gate = new PacketGate({ socket, address, clock: this.#options.clock, onTurnedAway, onBroken });
    this.#gates.add(gate);
    gate.once('close', () => {
      this.#gates.delete(gate);
      const session = client && this.#sessions.of(client);
      if (session === undefined) this.#door.left(address);
      // Once aedes knows it, it has a will to be heard first.
      else if (!session.isRegistered) this.#sessions.end(session);
    });
    client = this.#aedes?.handle(gate);
  }

  /** Decides about a CONNECT; the packet goes on to aedes as we want it to be. */
  #judge(client: Client, packet: JudgedPacket): void {
    this.#sessions.judge(client, client.conn as PacketGate, { ...packet });
    // A number of ours: what a stranger calls itself must end nobody else's session (3.1.4-2).
    this.#count += 1;
    const asked = packet.keepalive ?? 0;
    const keepalive = asked === 0 ? longestKeepAlive : Math.min(asked, longestKeepAlive);
    Object.assign(packet, { clientId: String(this.#count), clean: true, keepalive });
  }

  /** Null where the message is taken; what is not the sender's to say ends its connection. */
  #hear(client: Client | null, topic: string, payload: string | Uint8Array): Error | null {
    const session = client === null ? undefined : this.#sessions.of(client);
    // Also what aedes says of itself, and wills of those that were replaced.
    if (session === undefined) return null;
    if (!this.#sessions.isCurrent(session)) return new Error('replaced');
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

  #send(who: Who, topic: string, qos: 0 | 1, payload: string | Uint8Array): boolean {
    const session = this.#sessions.get(who);
    const granted = session?.topics.get(topic);
    const bytes = Buffer.from(payload);
    if (session === undefined || granted === undefined || this.#onMessage === undefined) return false;
    const { client, gate } = session;
    if (!session.isReady || client.closed || gate.destroyed || bytes.length > longestPayload) return false;
    // What was given in this turn of the event loop waits outside of the socket.
    if (Math.max(session.unwritten, gate.waiting) + bytes.length > mostWaiting) return false;
    session.unwritten += bytes.length;
    const packet = { cmd: 'publish', topic, payload: bytes, retain: false, dup: false } as const;
    client.publish({ ...packet, qos: Math.min(qos, granted) as 0 | 1 }, () => {
      session.unwritten -= bytes.length;
    });
    return true;
  }
}

/** A CONNECT on its way through aedes. */
type JudgedPacket = Parameters<NonNullable<NonNullable<ConstructorParameters<typeof Aedes>[0]>['preConnect']>>[1];

/** Makes aedes answer a CONNECT with this code. */
function refusal(returnCode: 1 | 2 | 3 | 4 | 5): AuthenticateError {
  return Object.assign(new Error('not let in'), { returnCode }) as AuthenticateError;
}
