import type { Chip } from '../../chip/chip.ts';
import { type LuaFunction, LuaObject } from '../../crossing.ts';
import type { FarConnection } from '../../far-side/far-side.ts';
import { type Account, Slots, type Will } from './slots.ts';

/** Milliseconds without an answer to what was sent: MQTT_SEND_TIMEOUT, 5 s. */
const SEND_TIMEOUT = 5000;

/** Milliseconds until lwIP gives up a TCP connection that nobody answers. */
const TCP_TIMEOUT = 75_000;

const SERVER_NOT_FOUND = -5;
const TIMEOUT_RECEIVING = -2;

interface Queued {
  readonly kind: 'publish' | 'subscribe';
  readonly messageId: number;
  readonly qos: number;
  readonly send: (far: FarConnection) => void;
}

type Slot = 'connect' | 'fail' | 'offline' | 'message' | 'overflow' | 'puback' | 'suback';

/**
 * The client of an ESP8266, as app/modules/mqtt.c (branch release) has it:
 *
 * - `connect`, `publish` and `subscribe` throw (`already connected`, `not connected`) by whether TCP stands.
 * - One message is on its way at a time; the rest waits in a queue. One that gets no answer within 5 s is dropped, with no
 *   callback, and never sent again (`should … re-send with DUP = 1. Not implemented yet.`).
 * - One slot for the callback of every publish, without ids; it stays.
 * - A refused login calls the failure callback, and `offline` when the connection closes after it; an abnormal end of a
 *   standing connection calls the failure callback with -5, and `offline`. An orderly end calls `offline` alone.
 * - `publish` answers false when the radio does not take the bytes; the message is then queued all the same, and dropped
 *   after 5 s.
 */
export class Esp8266Client extends LuaObject {
  readonly #chip: Chip;
  readonly #account: Account;
  readonly #longest: number;
  readonly #slots = new Slots<Slot>();
  #will: Will | undefined;
  #far: FarConnection | null = null;
  #hasSocket = false;
  #isLoggedIn = false;
  #queue: Queued[] = [];
  #isWaiting = false;
  #lastId = 0;
  #hasPinged = false;
  #cancelAnswer: () => void = () => undefined;
  #cancelPing: () => void = () => undefined;

  constructor(chip: Chip, account: Account, longest: number) {
    super();
    this.#chip = chip;
    this.#account = account;
    this.#longest = longest;
    chip.atEnd(() => this.#far?.close(false));
  }

  on(event: string, then: LuaFunction): void {
    const names: Readonly<Record<string, Slot>> = {
      connect: 'connect',
      offline: 'offline',
      message: 'message',
      overflow: 'overflow',
      puback: 'puback',
      suback: 'suback',
    };
    const slot = names[event];
    if (slot === undefined) throw new Error('method not supported');
    this.#slots.set(slot, then);
  }

  lwt(topic: string, message: string, qos = 0, retain = 0): void {
    this.#will = { topic, message, qos, retain: retain === 1 };
  }

  connect(host: string, ...given: unknown[]): void {
    if (this.#hasSocket) throw new Error('already connected');
    const port = typeof given[0] === 'number' ? (given.shift() as number) : 1883;
    const secure = typeof given[0] === 'number' || typeof given[0] === 'boolean' ? given.shift() : false;
    if (secure === true || secure === 1) throw new Error('ssl not available');
    this.#slots.set('connect', given[0]);
    this.#slots.set('fail', given[1]);
    const far = this.#open(host, port);
    this.#far = far;
    const cancel = this.#chip.after(TCP_TIMEOUT, () => {
      if (this.#far === far && !this.#hasSocket) this.#ended(SERVER_NOT_FOUND);
    });
    this.#cancelAnswer = cancel;
  }

  #open(host: string, port: number): FarConnection {
    const mine =
      (act: () => void): (() => void) =>
      () => {
        if (this.#far === far && !this.#chip.isOver) act();
      };
    const far: FarConnection = this.#chip.around.farSide.connect(
      { host, port, ...this.#account, will: this.#will },
      {
        onSocket: mine(() => this.#connected()),
        onAnswer: (code) => mine(() => this.#answered(code))(),
        onUnreachable: mine(() => this.#ended(SERVER_NOT_FOUND)),
        onClosed: (isOrderly) => mine(() => this.#ended(isOrderly ? undefined : SERVER_NOT_FOUND))(),
        onPuback: (messageId) => mine(() => this.#acknowledged('publish', messageId, 'puback'))(),
        onSuback: (messageId) => mine(() => this.#acknowledged('subscribe', messageId, 'suback'))(),
        onPingAnswer: mine(() => {
          this.#hasPinged = false;
        }),
        onMessage: (topic, payload) => mine(() => this.#heard(topic, payload))(),
      },
    );
    return far;
  }

  #connected(): void {
    this.#cancelAnswer();
    this.#hasSocket = true;
    this.#cancelAnswer = this.#chip.after(SEND_TIMEOUT, () => this.#ended(TIMEOUT_RECEIVING));
  }

  #answered(code: number): void {
    this.#cancelAnswer();
    if (code !== 0) {
      this.#ended(code);
      return;
    }
    this.#isLoggedIn = true;
    this.#hasPinged = false;
    this.#keepAlive();
    this.#chip.run(this.#slots.get('connect'), this);
    this.#send();
  }

  /** The connection is over: first the failure, if it is one, and then `offline` where TCP had stood. */
  #ended(reason: number | undefined): void {
    const hadSocket = this.#hasSocket;
    this.#shut(false);
    if (reason !== undefined) this.#chip.run(this.#slots.get('fail'), this, reason);
    if (hadSocket) this.#chip.run(this.#slots.get('offline'), this);
  }

  #shut(isOrderly: boolean): void {
    this.#cancelAnswer();
    this.#cancelPing();
    const far = this.#far;
    this.#far = null;
    this.#hasSocket = false;
    this.#isLoggedIn = false;
    this.#isWaiting = false;
    far?.close(isOrderly);
  }

  close(): boolean {
    const hadSocket = this.#hasSocket;
    this.#shut(true);
    this.#queue = [];
    return hadSocket;
  }

  publish(topic: string, payload: string, qos: number, retain: number, then?: LuaFunction): boolean {
    if (!this.#hasSocket) throw new Error('not connected');
    this.#slots.set('puback', then);
    const messageId = qos === 0 ? 0 : this.#nextId();
    return this.#put({
      kind: 'publish',
      messageId,
      qos,
      send: (far) => far.publish(topic, payload, qos, retain === 1, messageId),
    });
  }

  subscribe(topics: string | Readonly<Record<string, number>>, ...given: unknown[]): boolean {
    if (!this.#hasSocket) throw new Error('not connected');
    const wanted = new Map(typeof topics === 'string' ? [[topics, given.shift() as number]] : Object.entries(topics));
    if (wanted.size === 0) throw new Error('no topics found');
    this.#slots.set('suback', given[0]);
    const messageId = this.#nextId();
    return this.#put({ kind: 'subscribe', messageId, qos: 1, send: (far) => far.subscribe(wanted, messageId) });
  }

  #nextId(): number {
    this.#lastId = (this.#lastId % 65_535) + 1;
    return this.#lastId;
  }

  #put(queued: Queued): boolean {
    this.#queue.push(queued);
    return this.#send();
  }

  /** Sends the head of the queue if nothing is on its way; false if the radio did not take it. */
  #send(): boolean {
    const head = this.#queue[0];
    if (head === undefined || this.#isWaiting || !this.#isLoggedIn || this.#far === null) return true;
    this.#isWaiting = true;
    this.#cancelAnswer = this.#chip.after(SEND_TIMEOUT, () => this.#drop());
    if (this.#chip.around.refusesToSend()) return false;
    head.send(this.#far);
    this.#keepAlive();
    if (head.kind === 'publish' && head.qos === 0)
      this.#chip.after(5, () => this.#acknowledged('publish', 0, 'puback'));
    return true;
  }

  #drop(): void {
    this.#isWaiting = false;
    this.#queue.shift();
    this.#send();
  }

  #acknowledged(kind: Queued['kind'], messageId: number, slot: Slot): void {
    const head = this.#queue[0];
    if (head === undefined || head.kind !== kind || head.messageId !== messageId || !this.#isWaiting) return;
    this.#queue.shift();
    this.#isWaiting = false;
    this.#cancelAnswer();
    this.#chip.run(this.#slots.get(slot), this);
    this.#send();
  }

  #heard(topic: string, payload: string): void {
    // Fixed header, length of the topic, message id: "message length" is that of the whole packet.
    const isTooLong = 2 + (payload.length > 120 ? 1 : 0) + 2 + topic.length + 2 + payload.length > this.#longest;
    const then = this.#slots.get(isTooLong ? 'overflow' : 'message');
    if (payload === '') this.#chip.run(then, this, topic);
    else this.#chip.run(then, this, topic, payload);
  }

  /** A ping after so long without sending; no answer until the next one is due ends the connection. */
  #keepAlive(): void {
    this.#cancelPing();
    this.#cancelPing = this.#chip.after((this.#account.keepAlive + 1) * 1000, () => {
      if (this.#hasPinged) return this.#ended(SERVER_NOT_FOUND);
      this.#hasPinged = true;
      this.#far?.ping();
      this.#keepAlive();
    });
  }
}
