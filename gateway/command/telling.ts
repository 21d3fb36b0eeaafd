import type { Clock, LocalTime } from '../clock.ts';
import type { Reply } from '../contract/reply.ts';
import type { AuditRecord, Json } from '../record/record.ts';
import { replyTo, type Saying } from './answer.ts';
import type { KeptCommand } from './journal.ts';
import type { TakenCommand } from './memory.ts';
import type { CommandEvent, CommandPorts } from './port.ts';

export interface TellingOptions {
  readonly ports: Pick<CommandPorts, 'siteVersion'>;
  readonly clock: Clock;
  readonly localTime: LocalTime;
  /** Resolves when the record is committed. */
  readonly record: (record: AuditRecord) => Promise<unknown>;
  /** Queues a reply for the platform behind the uplink. */
  readonly reply: (uplink: string, reply: Reply) => void;
  readonly observe: (event: CommandEvent) => void;
}

/** What is said of commands: to the platform that asked, on the page and in the log, and in the records. */
export class Telling {
  readonly #options: TellingOptions;

  constructor(options: TellingOptions) {
    this.#options = options;
  }

  /** Stamp of the present. */
  now(): string {
    return this.#options.localTime.stamp(this.#options.clock.wall());
  }

  replyTo(asked: Parameters<typeof replyTo>[0], what: Saying): Reply {
    return replyTo(asked, what, this.now(), this.#options.ports.siteVersion);
  }

  /** Sends a reply to the platform; nobody else is told. */
  send(uplink: string, reply: Reply): void {
    this.#options.reply(uplink, reply);
  }

  /** Shows how a command stands. `isOld`: it is told again after a start. */
  show({ id, command, who }: Pick<KeptCommand, 'id' | 'command' | 'who'>, reply: Reply, isOld = false): void {
    const { at, outcome, reason = null, detail = null } = reply;
    this.#options.observe({ kind: 'command', at, id, command, who, outcome, reason, detail, isOld });
  }

  recordOf({ id, command, counter, digest, who }: TakenCommand, action: string, more: Json): Promise<boolean> {
    return this.record(who, action, { id, command, counter, digest, more });
  }

  /** Resolves to whether the record is durable. */
  record(who: string, action: string, details: Json): Promise<boolean> {
    const recorded = this.#options.record({ kind: 'audit', at: this.now(), who, action, details, revision: 1 });
    return recorded.then(
      () => true,
      () => false,
    );
  }

  /** Something of the gateway's own did not work. */
  complain(error: unknown): void {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#options.observe({ kind: 'command-fault', message });
  }
}
