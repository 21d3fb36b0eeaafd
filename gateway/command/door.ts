import type { Clock, LocalTime } from '../clock.ts';
import { readStamp } from '../clock.ts';
import { type Command, readCommand } from '../contract/command.ts';
import { faultOf, isFault } from '../contract/fields.ts';
import type { Reply } from '../contract/reply.ts';
import type { Address } from '../contract/topics.ts';
import type { AuditRecord, Json } from '../record/record.ts';
import { Allowance } from './allowance.ts';
import { senderOf, type UplinkAuthority } from './authority.ts';
import { type AnyCommand, type Asked, failed, type Outcome, type Refusal, refused } from './command-kind.ts';
import type { Journal, KeptCommand } from './journal.ts';
import type { ClockStanding, CommandEvent, CommandPorts, Ignored, Sender } from './port.ts';

export interface CommandDoorOptions {
  /** Area and id of the gateway: part of every signed text. */
  readonly address: Address;
  readonly uplinks: readonly UplinkAuthority[];
  readonly commands: readonly AnyCommand[];
  readonly ports: CommandPorts;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly localTime: LocalTime;
  readonly standing: () => ClockStanding;
  /** Resolves when the record is committed. */
  readonly record: (record: AuditRecord) => Promise<unknown>;
  /** Queues a reply for the platform behind the uplink. */
  readonly reply: (uplink: string, reply: Reply) => void;
  readonly observe: (event: CommandEvent) => void;
  /** Called for every command that is proven to come from a platform which may ask, also one that was seen before. */
  readonly onAuthentic: (uplink: string) => void;
}

/** Messages of one uplink that are looked at: checking a signature costs most. */
const looks = { most: 40, perSecond: 20 };
/** Commands of one uplink that are taken in: each costs two writes to the medium. */
const taken = { most: 20, perSecond: 0.5 };
/** Commands that may wait for their turn. */
const mostWaiting = 16;
/** Milliseconds that the audit record before a change may take to be durable. */
const recordWithin = 20_000;

interface Waiting {
  readonly command: Command;
  readonly kind: AnyCommand | undefined;
  readonly sender: Sender;
  readonly digest: string;
}

/**
 * The one door down. What comes through it is parsed, proven, judged, made durable, recorded, run and answered, one
 * command after the other in the order they came. Who cannot prove that he may ask gets no answer of any kind.
 */
export class CommandDoor {
  readonly #options: CommandDoorOptions;
  readonly #looks = new Map<string, Allowance>();
  readonly #taken = new Map<string, Allowance>();
  readonly #waiting: Waiting[] = [];
  /** Commands without a signature are remembered for as long as the gateway runs: they change nothing. */
  readonly #unsigned = new Map<string, { readonly digest: string; readonly reply: Reply | null }>();
  #working: Promise<void> = Promise.resolve();
  #isWorking = false;
  #isClosed = false;

  constructor(options: CommandDoorOptions) {
    this.#options = options;
    for (const { id } of options.uplinks) {
      this.#looks.set(id, new Allowance(options.clock, looks.most, looks.perSecond));
      this.#taken.set(id, new Allowance(options.clock, taken.most, taken.perSecond));
    }
  }

  /** One message as it came on the command topic of an uplink. Never throws, whatever it is. */
  take(uplink: string, payload: Uint8Array): void {
    const authority = this.#options.uplinks.find(({ id }) => id === uplink);
    if (this.#isClosed || authority === undefined) return;
    if (this.#looks.get(uplink)?.take() === false) return this.#ignore(uplink, 'too-many', 'faster than 20 a second');
    const command = readCommand(payload);
    if (isFault(command)) return this.#ignore(uplink, 'malformed', command.fault);
    const kind = this.#options.commands.find((one) => one.kind === command.body.kind);
    const proven = senderOf(command, kind?.changes ?? true, authority, this.#options.address);
    if (proven === 'unsigned' || proven === 'forged') {
      return this.#ignore(uplink, proven, `command ${command.body.kind}`);
    }
    this.#options.onAuthentic(uplink);
    const waiting = { command, kind, ...proven };
    if (this.#answerAgain(waiting)) return;
    if (this.#taken.get(uplink)?.take() === false) {
      return this.#say(waiting, refused('too-many', 'commands come faster than one in 2 s', sendLater));
    }
    if (this.#waiting.length >= mostWaiting) {
      return this.#say(waiting, refused('busy', `${mostWaiting} commands wait already`, sendLater));
    }
    this.#waiting.push(waiting);
    if (!this.#isWorking) this.#working = this.#work();
  }

  /**
   * Gives a command that was taken in its last reply: for what a later run of the gateway knows. One that has its last
   * reply already, or that is not known, stays as it is.
   */
  async conclude(key: string, id: string, outcome: Extract<Outcome, { outcome: 'done' }> | Refusal): Promise<void> {
    const kept = this.#options.journal.find(key, id);
    if (kept === undefined || kept.reply !== null) return;
    await this.#conclude({ ...kept, key }, outcome);
  }

  /** After a start: commands that were under way when the gateway ended are told as failed, but for the one named. */
  async concludeInterrupted(except: string | null): Promise<void> {
    for (const { key, id, command } of this.#options.journal.unanswered()) {
      if (id === except) continue;
      const detail = `the gateway ended while ${command} was under way; it may have been done, or in part`;
      await this.conclude(key, id, failed('interrupted', detail, 'look, and send it again with a new id if need be'));
    }
  }

  /** Takes nothing more; resolves when nothing runs. What waits was not taken in, and may be sent again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting.length = 0;
    await this.#working;
  }

  #ignore(uplink: string, why: Ignored, detail: string): void {
    this.#options.observe({ kind: 'command-ignored', uplink, why, detail });
  }

  /** A repetition gets the reply that the first one got, without a second run. */
  #answerAgain(waiting: Waiting): boolean {
    const { command, sender, digest } = waiting;
    const known = this.#known(sender, command.id);
    const isUnderWay = this.#waiting.some((one) => one.command.id === command.id && one.sender.key === sender.key);
    if (known === undefined) return isUnderWay;
    if (known.digest !== digest) {
      this.#say(waiting, refused('id-used', 'another command had this id before', 'send it with an id of its own'));
    } else this.#options.reply(sender.uplink, known.reply ?? this.#replyTo(command, { outcome: 'accepted' }));
    return true;
  }

  #known({ uplink, key }: Sender, id: string): { readonly digest: string; readonly reply: Reply | null } | undefined {
    return key === null ? this.#unsigned.get(`${uplink} ${id}`) : this.#options.journal.find(key, id);
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    try {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        await this.#handle(next).catch((error: unknown) => this.#complain(error));
        if (this.#waiting[0] === next) this.#waiting.shift();
      }
    } finally {
      this.#isWorking = false;
    }
  }

  async #handle(waiting: Waiting): Promise<void> {
    const prepared = this.#judge(waiting);
    const kept = this.#keptFrom(waiting);
    const { sender, command } = waiting;
    if ('outcome' in prepared) {
      // Its counter is used up, so that the same message can never mean something else later.
      if (!(await this.#take(waiting, { ...kept, reply: this.#replyTo(command, prepared) }))) return;
      void this.#record(kept, 'command-refused', told(prepared));
      this.#say(waiting, prepared);
      return;
    }
    if (!(await this.#take(waiting, kept))) return;
    const recorded = this.#record(kept, 'command-accepted', waiting.command.body as Json);
    this.#say(waiting, { outcome: 'accepted' });
    const outcome = await this.#run(waiting, prepared.run, recorded);
    if (outcome.outcome !== 'accepted') await this.#conclude({ ...kept, key: sender.key }, outcome);
    if ('after' in outcome) outcome.after?.();
  }

  async #run(
    { sender, command, kind }: Waiting,
    run: (ports: CommandPorts, asked: Asked) => Promise<Outcome>,
    recorded: Promise<unknown>,
  ): Promise<Outcome> {
    // Nothing is changed of which no record tells. Before the clock is trusted records wait, and only the time is taken.
    if (kind?.changes === true && !kind.beforeTrust && !(await this.#inTime(recorded))) {
      const detail = `its record was not durable within ${recordWithin / 1000} s, so nothing was done`;
      return failed('not-recorded', detail, 'see the store on the page of the gateway, and send it again with a new id');
    }
    try {
      return await run(this.#options.ports, { id: command.id, sender });
    } catch (error) {
      this.#complain(error);
      const detail = `a mistake in the gateway: ${error instanceof Error ? error.message : String(error)}`;
      return failed('gateway-fault', detail.slice(0, 500), 'send the log of the gateway to its makers');
    }
  }

  #inTime(recorded: Promise<unknown>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(recordWithin, () => resolve(false));
      const settle = (isDurable: boolean): void => {
        cancel();
        resolve(isDurable);
      };
      recorded.then(
        () => settle(true),
        () => settle(false),
      );
    });
  }

  /** Whether a command may be run now: in order, in time, understood, and based on what holds. */
  #judge({ command, kind, sender }: Waiting): Refusal | Exclude<ReturnType<AnyCommand['prepare']>, { fault: unknown }> {
    const { journal, ports, commands } = this.#options;
    const last = sender.key === null ? 0 : journal.counter(sender.key);
    if (sender.key !== null && command.counter <= last) {
      const detail = `counter ${command.counter} is not above ${last}, the last one of this key`;
      return refused('counter', detail, 'send it with a new id and a counter above that');
    }
    const late = this.#expiryFault(command, kind);
    if (late !== null) return late;
    if (kind === undefined) {
      const known = commands.map((one) => one.kind).join(', ');
      return refused('unknown', `this gateway knows no command ${command.body.kind}`, `it knows ${known}`);
    }
    const prepared = kind.prepare(command.body);
    if ('fault' in prepared) {
      return refused('malformed', `body: ${faultOf(prepared.fault).fault}`, `see the schema of ${kind.kind}`);
    }
    if (kind.needsBase && command.base === undefined) {
      return refused('base-missing', `${kind.kind} does not say which site version it is based on`, basedOnBirth);
    }
    if (command.base !== undefined && command.base !== ports.site.version) {
      const detail = `it is based on site version ${command.base}, and ${ports.site.version} is in force`;
      return refused('stale', detail, basedOnBirth);
    }
    return prepared;
  }

  #expiryFault({ expires }: Command, kind: AnyCommand | undefined): Refusal | null {
    const { clock, localTime, standing } = this.#options;
    const until = readStamp(expires);
    if (until === undefined) return refused('malformed', `expires: ${expires} is no moment`, 'send a stamp with offset');
    const { trusted, why } = standing();
    if (!trusted) {
      if (kind?.beforeTrust === true) return null;
      const detail = `the gateway does not know the time (${why}), so it cannot tell whether the command has expired`;
      return refused('clock-not-trusted', detail, 'send the time first, or wait until the gateway has it');
    }
    const now = clock.wall();
    if (now < until) return null;
    return refused('expired', `it expired at ${expires}; here it is ${localTime.stamp(now)}`, 'send it with a new id');
  }

  /** Makes it durable that this command was taken in. Without that it is not run. */
  async #take(waiting: Waiting, kept: Omit<KeptCommand, 'key'>): Promise<boolean> {
    const { sender, command, digest } = waiting;
    const { key } = sender;
    if (key === null) {
      if (this.#unsigned.size >= 50) this.#unsigned.delete(this.#unsigned.keys().next().value ?? '');
      this.#unsigned.set(`${sender.uplink} ${command.id}`, { digest, reply: kept.reply });
      return true;
    }
    try {
      await this.#options.journal.take({ ...kept, key });
      return true;
    } catch (error) {
      this.#complain(error);
      const detail = 'the gateway could not write down that the command was taken in, so it was not run';
      this.#say(waiting, failed('not-durable', detail, 'see the store on the page of the gateway; send it again later'));
      return false;
    }
  }

  #keptFrom({ command, sender, digest }: Waiting): Omit<KeptCommand, 'key'> {
    const { id, counter, replyTo, body } = command;
    const at = this.#options.localTime.stamp(this.#options.clock.wall());
    const what = { id, counter, digest, command: body.kind, uplink: sender.uplink, who: sender.who, at, reply: null };
    return replyTo === undefined ? what : { ...what, replyTo };
  }

  /** The last word: recorded, kept, told and sent. */
  async #conclude(
    kept: Omit<KeptCommand, 'key'> & { readonly key: string | null },
    outcome: Extract<Outcome, { outcome: 'done' }> | Refusal,
  ): Promise<void> {
    const reply = this.#replyTo(kept, outcome);
    void this.#record(kept, `command-${outcome.outcome}`, told(outcome));
    const { key } = kept;
    if (key === null) this.#unsigned.set(`${kept.uplink} ${kept.id}`, { digest: kept.digest, reply });
    // One that cannot be kept is sent all the same; after a restart it is told as interrupted.
    else await this.#options.journal.conclude(key, reply).catch((error: unknown) => this.#complain(error));
    this.#tell(kept, reply);
    this.#options.reply(kept.uplink, reply);
  }

  /** Sends a reply that is not the last word, or that nothing was done for. */
  #say({ command, sender }: Waiting, outcome: { readonly outcome: 'accepted' } | Refusal): void {
    const reply = this.#replyTo(command, outcome);
    this.#tell({ id: command.id, command: command.body.kind, who: sender.who }, reply);
    this.#options.reply(sender.uplink, reply);
  }

  #replyTo(
    { id, replyTo }: Pick<KeptCommand, 'id' | 'replyTo'>,
    what: { readonly outcome: 'accepted' } | Extract<Outcome, { outcome: 'done' }> | Refusal,
  ): Reply {
    const { clock, localTime, ports } = this.#options;
    const head = { v: 1, id, at: localTime.stamp(clock.wall()), outcome: what.outcome, site: ports.site.version } as const;
    const whole = replyTo === undefined ? head : { ...head, replyTo };
    if (what.outcome === 'accepted') return whole;
    if (what.outcome === 'done') return { ...whole, result: { ...what.result } };
    const { reason, detail, remedy, faults } = what;
    const why = { reason, detail: detail.slice(0, 2000), remedy: remedy.slice(0, 2000) };
    return { ...whole, ...why, ...(faults === undefined ? {} : { faults: faults.slice(0, 50).map((one) => ({ ...one })) }) };
  }

  #tell({ id, command, who }: Pick<KeptCommand, 'id' | 'command' | 'who'>, reply: Reply): void {
    const { at, outcome, reason = null, detail = null } = reply;
    this.#options.observe({ kind: 'command', at, id, command, who, outcome, reason, detail });
  }

  #record(kept: Omit<KeptCommand, 'key'>, action: string, more: Json): Promise<unknown> {
    const { clock, localTime, record } = this.#options;
    const { id, command, counter, digest, who } = kept;
    const at = localTime.stamp(clock.wall());
    const what = JSON.stringify(more).length > 2000 ? null : more;
    const details = { id, command, counter, digest, more: what };
    const recorded = record({ kind: 'audit', at, who, action, details, revision: 1 });
    recorded.catch(() => undefined);
    return recorded;
  }

  #complain(error: unknown): void {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#options.observe({ kind: 'command-fault', message });
  }
}

const sendLater = 'send the same command again later';
const basedOnBirth = 'take the version and the document from the newest site record, and send it with a new id';

/** What a record says of an outcome. */
function told(outcome: Extract<Outcome, { outcome: 'done' }> | Refusal): Json {
  if (outcome.outcome === 'done') return outcome.result;
  const { reason, detail, faults } = outcome;
  return { reason, detail, ...(faults === undefined ? {} : { faults: faults.map((one) => ({ ...one })) }) };
}
