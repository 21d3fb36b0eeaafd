import type { Chip } from '../../chip/chip.ts';
import { type LuaFunction, LuaObject } from '../../crossing.ts';
import type { FarConnection } from '../../far-side/far-side.ts';
import { type Account, Slots, type Will } from './slots.ts';

/** What a failed attempt is always told as: "esp sdk mqtt lib does not provide reason codes". */
const FAILED = -6;

/** Milliseconds without a PUBACK after which esp-mqtt sends a message again. */
const AGAIN = 1000;

/** Milliseconds until esp-mqtt gives up an attempt to connect: its network timeout. */
const TIMEOUT = 10_000;

/** What a will's topic and message may be long; the rest is cut off, without a word. */
const LONGEST_WILL_TOPIC = 32;
const LONGEST_WILL_MESSAGE = 128;

const isTable = (value: unknown): boolean => typeof value === 'object' && value !== null;

type Slot = 'connect' | 'offline' | 'message' | 'ok' | 'failed' | 'puback' | 'suback';

/**
 * The client of an ESP32, as components/modules/mqtt.c (branch dev-esp32) has it, on top of esp-mqtt:
 *
 * - Without a client of esp-mqtt `publish` and `subscribe` answer false; nothing throws.
 * - Every end of a connection, and every failed attempt, calls `offline`; after the failure callback where there was one.
 * - One slot for the callbacks of publish and of subscribe, each used up by the first answer.
 * - A message of QoS 1 is kept until its PUBACK comes and sent again each second, with its id, as long as the connection is.
 * - `subscribe` takes one topic. The will's topic is cut at 32 characters.
 */
export class Esp32Client extends LuaObject {
  readonly #chip: Chip;
  readonly #account: Account;
  readonly #slots = new Slots<Slot>();
  #will: Will | undefined;
  #far: FarConnection | null = null;
  #isLoggedIn = false;
  #lastId = 0;
  readonly #unanswered = new Map<number, () => void>();
  #hasPinged = false;
  #cancelTimeout: () => void = () => undefined;
  #cancelPing: () => void = () => undefined;

  constructor(chip: Chip, account: Account) {
    super();
    this.#chip = chip;
    this.#account = account;
    chip.atEnd(() => this.#far?.close(false));
  }

  on(event: string, then: LuaFunction): void {
    if (typeof then !== 'function') return;
    if (event !== 'connect' && event !== 'message' && event !== 'offline') {
      throw new Error(`bad argument #2 to 'on' (invalid option '${event}')`);
    }
    this.#slots.set(event, then);
  }

  lwt(topic: string, message: string, qos = 0, retain = 0): void {
    this.#will = {
      topic: topic.slice(0, LONGEST_WILL_TOPIC),
      message: message.slice(0, LONGEST_WILL_MESSAGE),
      qos,
      retain: retain === 1,
    };
  }

  connect(host: string, ...given: unknown[]): boolean {
    this.#shut(false);
    const port = typeof given[0] === 'number' ? (given.shift() as number) : 1883;
    // A boolean is neither a number nor a table: it is not stepped over, and no callback is found behind it.
    if (typeof given[0] === 'number' || given[0] === undefined || isTable(given[0])) given.shift();
    if (typeof given[0] === 'number') given.shift();
    const hasOk = typeof given[0] === 'function';
    this.#slots.set('ok', given[0]);
    this.#slots.set('failed', given[hasOk ? 1 : 0]);
    this.#far = this.#open(host, port);
    this.#cancelTimeout = this.#chip.after(TIMEOUT, () => this.#ended());
    return true;
  }

  #open(host: string, port: number): FarConnection {
    const mine = (act: () => void): void => {
      if (this.#far === far && !this.#chip.isOver) act();
    };
    const far: FarConnection = this.#chip.around.farSide.connect(
      { host, port, ...this.#account, will: this.#will },
      {
        onSocket: () => undefined,
        onAnswer: (code) => mine(() => (code === 0 ? this.#loggedIn() : this.#ended())),
        onUnreachable: () => mine(() => this.#ended()),
        onClosed: () => mine(() => this.#ended()),
        onPuback: (messageId) => mine(() => this.#acknowledged(messageId)),
        onSuback: () => mine(() => this.#once('suback')),
        onPingAnswer: () => {
          this.#hasPinged = false;
        },
        onMessage: (topic, payload) =>
          mine(() => {
            const then = this.#slots.get('message');
            if (payload === '') this.#chip.run(then, this, topic);
            else this.#chip.run(then, this, topic, payload);
          }),
      },
    );
    return far;
  }

  #loggedIn(): void {
    this.#cancelTimeout();
    this.#isLoggedIn = true;
    this.#hasPinged = false;
    this.#keepAlive();
    this.#slots.clear('failed');
    this.#once('ok');
    this.#chip.run(this.#slots.get('connect'), this);
  }

  #ended(): void {
    this.#shut(false);
    this.#slots.clear('ok');
    this.#once('failed', FAILED);
    this.#chip.run(this.#slots.get('offline'), this);
  }

  #once(slot: Slot, ...given: number[]): void {
    const then = this.#slots.get(slot);
    if (then === undefined) return;
    // Used up before it is called, as there: what it sets again stays.
    this.#slots.forget(slot);
    this.#chip.run(then, this, ...given);
    if (!this.#chip.isOver) then.release();
  }

  #shut(isOrderly: boolean): void {
    this.#cancelTimeout();
    this.#cancelPing();
    for (const cancel of this.#unanswered.values()) cancel();
    this.#unanswered.clear();
    this.#isLoggedIn = false;
    const far = this.#far;
    this.#far = null;
    far?.close(isOrderly);
  }

  close(): void {
    this.#shut(true);
  }

  publish(topic: string, payload: string, qos: number, retain: number, then?: LuaFunction): boolean {
    if (this.#far === null) return false;
    this.#slots.set('puback', then);
    if (this.#chip.around.refusesToSend()) return false;
    if (qos === 0) {
      if (!this.#isLoggedIn) return false;
      this.#far.publish(topic, payload, 0, retain === 1, 0);
      return true;
    }
    const messageId = this.#nextId();
    const send = (): void => {
      if (this.#isLoggedIn) this.#far?.publish(topic, payload, qos, retain === 1, messageId);
      this.#unanswered.set(messageId, this.#chip.after(AGAIN, send));
    };
    send();
    return true;
  }

  subscribe(topic: string, qos: number, then?: LuaFunction): boolean {
    if (this.#far === null || !this.#isLoggedIn) return false;
    if (typeof topic !== 'string') throw new Error('bad argument #2 to subscribe (string expected, got table)');
    this.#slots.set('suback', then);
    this.#far.subscribe(new Map([[topic, qos]]), this.#nextId());
    return true;
  }

  #nextId(): number {
    this.#lastId = (this.#lastId % 65_535) + 1;
    return this.#lastId;
  }

  #acknowledged(messageId: number): void {
    const cancel = this.#unanswered.get(messageId);
    if (cancel === undefined) return;
    cancel();
    this.#unanswered.delete(messageId);
    this.#once('puback');
  }

  #keepAlive(): void {
    this.#cancelPing();
    this.#cancelPing = this.#chip.after((this.#account.keepAlive * 1000) / 2, () => {
      if (this.#hasPinged) return this.#ended();
      this.#hasPinged = true;
      this.#far?.ping();
      this.#keepAlive();
    });
  }
}
