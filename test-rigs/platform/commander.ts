import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { systemClock } from '../../gateway/clock.ts';
import { type Command, signCommand } from '../../gateway/contract/command.ts';
import { isFault, readMessage } from '../../gateway/contract/fields.ts';
import { type Reply, replySchema } from '../../gateway/contract/reply.ts';
import { type Address, topicOf } from '../../gateway/contract/topics.ts';

/** The platform's side of commands: signs them with a key of its own, and holds what gateways reply. */
export class Commander {
  /** As a site file names it under `platformKeys`. */
  readonly publicKey: string;
  /** In the order they came; the newest 1000. */
  readonly replies: Reply[] = [];
  readonly #key: KeyObject;
  readonly #publish: (topic: string, payload: Uint8Array) => void;
  #counter: number;

  constructor(publish: (topic: string, payload: Uint8Array) => void) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.#key = privateKey;
    this.publicKey = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
    this.#publish = publish;
    this.#counter = systemClock.wall();
  }

  /** A command without a signature, that expires in 10 minutes unless `more` says otherwise. */
  unsigned(body: Command['body'], more: Partial<Command> = {}): Command {
    const expires = `${new Date(systemClock.wall() + 600_000).toISOString().slice(0, -1)}+00:00`;
    const counter = ++this.#counter;
    return { v: 1, id: `${body.kind}-${counter}`, counter, expires, body, ...more };
  }

  /** A command as the gateway at that address obeys it. */
  signed(address: Address, body: Command['body'], more: Partial<Command> = {}): Command {
    return signCommand(address, this.unsigned(body, more), this.#key);
  }

  send(address: Address, command: object | Uint8Array): void {
    const payload = command instanceof Uint8Array ? command : Buffer.from(JSON.stringify(command));
    this.#publish(topicOf(address, 'command'), payload);
  }

  /** Every reply to a command, in the order they came. */
  repliesTo(id: string | null): Reply[] {
    return this.replies.filter((one) => one.id === id);
  }

  /** The last word on a command, undefined while there is none. */
  lastWord(id: string): Reply | undefined {
    return this.repliesTo(id).find(({ outcome }) => outcome !== 'accepted');
  }

  /** Null, or what is wrong with the message. */
  receive(payload: Uint8Array): string | null {
    const reply = readMessage(replySchema, payload);
    if (isFault(reply)) return reply.fault;
    this.replies.push(reply);
    if (this.replies.length > 1000) this.replies.shift();
    return null;
  }
}
