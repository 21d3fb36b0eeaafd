import { randomUUID } from 'node:crypto';
import { type Clock, type LocalTime, pause, type WallTime } from '../clock.ts';
import type { Birth } from '../contract/birth.ts';
import type { Status } from '../contract/status.ts';
import { type Address, type Leaf, topicOf } from '../contract/topics.ts';
import type { Store } from '../store/port.ts';
import type { BrokerConnection, Message, PublishOutcome } from './broker.ts';
import type { Traffic } from './pacing/traffic.ts';
import type { UplinkSettings } from './settings.ts';

/** What the gateway says of itself; asked again whenever it may have changed. */
export interface Identity {
  birth(): Birth;
  /** Calls back when the birth document has changed. */
  onChanged(listener: () => void): () => void;
}

interface SelfDescriptionOptions {
  readonly settings: UplinkSettings;
  readonly gateway: Address;
  readonly identity: Pick<Identity, 'birth'>;
  readonly store: Pick<Store, 'heads' | 'backlog'>;
  readonly clock: Clock;
  readonly localTime: LocalTime;
  readonly traffic: Traffic;
  /** The broker does not take the birth document. */
  readonly onBirthRefused: (reason: string) => void;
}

/** What the gateway says of itself on every connection: who it is, how it stands, and, by its will, that it has gone. */
export class SelfDescription {
  readonly #options: SelfDescriptionOptions;
  #connection: BrokerConnection | null = null;
  #session = '';
  #connectedAt = 0 as WallTime;

  constructor(options: SelfDescriptionOptions) {
    this.#options = options;
  }

  /** Begins the next session; gives back its will. */
  begin(): Message {
    this.#session = randomUUID();
    return messageOf(this.#options.gateway, 'status', this.#goodbye);
  }

  open(connection: BrokerConnection): void {
    this.#connection = connection;
    this.#connectedAt = this.#options.clock.wall();
  }

  close(): void {
    this.#connection = null;
  }

  /** A broker that does not take it leaves the platform without our key and names: that is told. */
  async birth(): Promise<void> {
    const said = await this.#say('birth', this.#options.identity.birth());
    if (said?.outcome === 'refused') this.#options.onBirthRefused(said.reason);
  }

  /** Says how it stands, now and again. */
  async repeatStatus(signal: AbortSignal): Promise<void> {
    const { clock, settings } = this.#options;
    for (;;) {
      await pause(clock, settings.statusEvery * 1000, signal);
      if (signal.aborted) return;
      await this.status();
    }
  }

  async status(): Promise<void> {
    const { store, clock, localTime, settings } = this.#options;
    const connection = this.#connection;
    try {
      const [heads, backlog] = await Promise.all([store.heads(), store.backlog(settings.id)]);
      if (this.#connection !== connection || connection === null) return;
      const { records, samples, refused, oldestCommittedAt } = backlog;
      const oldest = oldestCommittedAt === null ? null : localTime.stamp(oldestCommittedAt as WallTime);
      const wanted = heads.filter(({ stream }) => stream === 'records' || settings.sampleStream);
      await this.#say('status', {
        v: 1,
        online: true,
        session: this.#session,
        connectedAt: localTime.stamp(this.#connectedAt),
        at: localTime.stamp(clock.wall()),
        every: settings.statusEvery,
        streams: wanted.map(({ stream, epoch, seq, oldest }) => ({ stream, epoch, head: seq, oldest })),
        backlog: { records, samples, refused, oldest },
      } satisfies Status);
    } catch {
      // A store that cannot answer has told so itself; the next status is due soon.
    }
  }

  /** Says that it goes, so that nobody has to wait for the will. */
  async goodbye(): Promise<void> {
    await this.#say('status', this.#goodbye);
  }

  get #goodbye(): Status {
    return { v: 1, online: false, session: this.#session };
  }

  async #say(leaf: Leaf, document: Birth | Status): Promise<PublishOutcome | undefined> {
    const message = messageOf(this.#options.gateway, leaf, document);
    if (this.#connection !== null) this.#options.traffic.message(message.payload.length + message.topic.length);
    return this.#connection?.publish(message);
  }
}

/** A document on one of the gateway's topics, retained by the broker. */
export function messageOf(gateway: Address, leaf: Leaf, document: object): Message {
  const payload = Buffer.from(JSON.stringify(document));
  return { topic: topicOf(gateway, leaf), payload, retain: true, contentType: 'application/json' };
}
