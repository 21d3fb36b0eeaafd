import type { Monotonic } from '../clock.ts';
import { type Command, commandBytes, commandId, readCommand } from '../contract/command.ts';
import { isFault } from '../contract/fields.ts';
import type { Address } from '../contract/topics.ts';
import type { Json } from '../record/record.ts';
import { Allowance } from './allowance.ts';
import { type Saying, short, told } from './answer.ts';
import { senderOf, type UplinkAuthority } from './authority.ts';
import {
  type AnyCommand,
  type Done,
  failed,
  type Outcome,
  type Prepared,
  type Refusal,
  refused,
} from './command-kind.ts';
import type { Journal } from './journal.ts';
import { expiryFault, judge } from './judgement.ts';
import { CommandMemory, type TakenCommand } from './memory.ts';
import type { ClockStanding, CommandPorts, Sender } from './port.ts';
import { Telling, type TellingOptions } from './telling.ts';

interface CommandDoorOptions extends TellingOptions {
  /** Area and id of the gateway: part of every signed text. */
  readonly address: Address;
  readonly uplinks: readonly UplinkAuthority[];
  readonly commands: readonly AnyCommand[];
  readonly ports: CommandPorts;
  readonly journal: Journal;
  readonly standing: () => ClockStanding;
}

/** Messages of one uplink that are looked at: checking a signature costs most. */
const looks = { most: 40, perSecond: 20 };
/** Commands of one uplink that are taken in: each costs two writes to the medium. */
const taken = { most: 20, perSecond: 0.5 };
/** Messages that are turned away with a reply and a record; the others are only counted. */
const turnedAway = { most: 20, perSecond: 1 / 30 };
/** Commands that may wait for their turn. */
const mostWaiting = 16;
/** Milliseconds that the audit record before a change may take to be durable. */
const recordWithin = 20_000;
/** Commands of an earlier run that are told again after a start. */
const toldAgain = 10;

interface Waiting {
  readonly command: Command;
  readonly kind: AnyCommand | undefined;
  readonly sender: Sender;
  readonly digest: string;
  readonly at: Monotonic;
}

/**
 * The one door down. What comes through it is parsed, proven, judged, made durable, recorded, run and answered, one
 * command after the other in the order they came.
 */
export class CommandDoor {
  readonly #options: CommandDoorOptions;
  readonly #allowances = new Map<string, { looks: Allowance; taken: Allowance; turnedAway: Allowance }>();
  readonly #waiting: Waiting[] = [];
  readonly #memory: CommandMemory;
  readonly #telling: Telling;
  #working: Promise<void> = Promise.resolve();
  #isWorking = false;
  #isClosed = false;

  constructor(options: CommandDoorOptions) {
    const { clock } = options;
    const allowance = ({ most, perSecond }: typeof looks): Allowance => new Allowance(clock, most, perSecond);
    this.#options = options;
    this.#memory = new CommandMemory(options.journal);
    this.#telling = new Telling(options);
    for (const { id } of options.uplinks) {
      const each = { looks: allowance(looks), taken: allowance(taken), turnedAway: allowance(turnedAway) };
      this.#allowances.set(id, each);
    }
  }

  /**
   * After a start: what was asked before is told, and commands that were under way when the gateway ended are answered
   * as failed, but for those that a later part of this run still answers.
   */
  async start(except: readonly string[] = []): Promise<void> {
    const { journal } = this.#options;
    for (const kept of journal.newest(toldAgain)) if (kept.reply !== null) this.#telling.show(kept, kept.reply, true);
    for (const { key, id, command } of journal.unanswered()) {
      if (except.includes(id)) continue;
      const detail = `the gateway ended while ${command} was under way; it may have been done, or in part`;
      await this.conclude(key, id, failed('interrupted', detail, 'look, and send it again with a new id if need be'));
    }
  }

  /** One message as it came on the command topic of an uplink. Never throws, whatever it is. */
  take(uplink: string, payload: Uint8Array): void {
    const authority = this.#options.uplinks.find(({ id }) => id === uplink);
    if (this.#isClosed || authority === undefined) return;
    if (this.#allowances.get(uplink)?.looks.take() === false) {
      const why = `messages come faster than ${looks.perSecond} a second`;
      this.#options.observe({ kind: 'command-turned-away', uplink, why: 'too-many', detail: why });
      return;
    }
    const command = readCommand(payload);
    if (isFault(command)) {
      const reason = payload.byteLength > commandBytes ? 'too-large' : 'malformed';
      this.#turnAway(uplink, idIn(payload), refused(reason, command.fault, 'see the schema of command'));
      return;
    }
    const kind = this.#options.commands.find((one) => one.kind === command.body.kind);
    const proven = senderOf(command, kind?.changes ?? true, authority, this.#options.address);
    if ('outcome' in proven) {
      this.#turnAway(uplink, command, proven);
      return;
    }
    const waiting = { command, kind, ...proven, at: this.#options.clock.monotonic() };
    if (this.#answerAgain(waiting)) return;
    if (this.#waiting.length >= mostWaiting) {
      this.#say(waiting, refused('busy', `${mostWaiting} commands wait already`, sendLater));
      return;
    }
    if (this.#allowances.get(uplink)?.taken.take() === false) {
      this.#say(waiting, refused('too-many', 'commands come faster than one in 2 s', sendLater));
      return;
    }
    this.#waiting.push(waiting);
    if (!this.#isWorking) this.#working = this.#work();
  }

  /**
   * Gives a command that was taken in its last reply: for what a later run of the gateway knows. One that has its last
   * reply already, or that is not known, stays as it is.
   */
  async conclude(key: string, id: string, outcome: Done | Refusal): Promise<void> {
    const kept = this.#options.journal.find(key, id);
    if (kept === undefined || kept.reply !== null) return;
    await this.#conclude(kept, outcome);
  }

  /** Takes nothing more; resolves when nothing runs. What waits was not taken in, and may be sent again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting.length = 0;
    await this.#working;
  }

  /** Nothing is done for it. The first ones are answered and recorded, so that an honest mistake is found. */
  #turnAway(uplink: string, asked: { id: string | null; replyTo?: string | undefined }, why: Refusal): void {
    const { reason, detail } = why;
    this.#options.observe({ kind: 'command-turned-away', uplink, why: reason, detail });
    if (this.#allowances.get(uplink)?.turnedAway.take() !== true) return;
    void this.#telling.record(`uplink ${uplink}, not proven`, 'command-refused', { id: asked.id, more: told(why) });
    this.#telling.send(uplink, this.#telling.replyTo(asked, why));
  }

  /** A repetition gets the reply that the first one got, without a second run. */
  #answerAgain(waiting: Waiting): boolean {
    const { command, sender, digest } = waiting;
    const known = this.#memory.find(sender, command.id);
    const isUnderWay = this.#waiting.some((one) => one.command.id === command.id && one.sender.key === sender.key);
    if (known === undefined) return isUnderWay;
    if (known.digest !== digest) {
      this.#turnAway(sender.uplink, command, refused('id-used', 'another command had this id before', newId));
    } else this.#telling.send(sender.uplink, known.reply ?? this.#telling.replyTo(command, { outcome: 'accepted' }));
    return true;
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      await this.#handle(next).catch((error: unknown) => this.#telling.complain(error));
      if (this.#waiting[0] === next) this.#waiting.shift();
    }
    this.#isWorking = false;
  }

  async #handle(waiting: Waiting): Promise<void> {
    const { sender, command } = waiting;
    const { journal, ports, standing, ...more } = this.#options;
    const lastCounter = sender.key === null ? null : journal.counter(sender.key);
    const { siteVersion } = ports;
    const judged = judge(command, { ...more, lastCounter, siteVersion, standing: standing() });
    if ('outcome' in judged && judged.reason === 'counter') {
      this.#turnAway(sender.uplink, command, judged);
      return;
    }
    const kept = this.#keptFrom(waiting);
    if ('outcome' in judged) {
      // Its counter is used up, so that the same message can never mean something else later.
      if (!(await this.#takeIn(waiting, { ...kept, reply: this.#telling.replyTo(command, judged) }))) return;
      this.#telling.recordOf(kept, 'command-refused', told(judged));
      this.#say(waiting, judged);
      return;
    }
    if (!(await this.#takeIn(waiting, kept, judged.isUrgent))) return;
    const recorded = this.#telling.recordOf(kept, 'command-accepted', short(command.body as Json));
    this.#say(waiting, { outcome: 'accepted' });
    const outcome = await this.#run(waiting, judged, recorded);
    if (outcome.outcome === 'accepted') outcome.after();
    else await this.#conclude(kept, outcome);
  }

  async #run({ sender, command, kind, at }: Waiting, prepared: Prepared, recorded: Promise<boolean>): Promise<Outcome> {
    // Nothing is changed of which no record tells. Before the time is known records wait, and only that is taken.
    const waits = kind?.changes === true && kind.beforeTrust !== true && !prepared.isUrgent;
    if (waits && !(await this.#inTime(recorded))) {
      const detail = `its record was not durable within ${recordWithin / 1000} s, so nothing was done`;
      return failed(
        'not-recorded',
        detail,
        'see the store on the page of the gateway, and send it again with a new id',
      );
    }
    const late = waits ? expiryFault(command, { ...this.#options, standing: this.#options.standing() }, false) : null;
    if (late !== null) return { ...late, outcome: 'failed' };
    try {
      return await prepared.run(this.#options.ports, { id: command.id, sender, at });
    } catch (error) {
      this.#telling.complain(error);
      const detail = `a mistake in the gateway: ${error instanceof Error ? error.message : String(error)}`;
      return failed('gateway-fault', detail.slice(0, 500), 'send the log of the gateway to its makers');
    }
  }

  #inTime(recorded: Promise<boolean>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(recordWithin, () => resolve(false));
      void recorded.then((isDurable) => {
        cancel();
        resolve(isDurable);
      });
    });
  }

  /** Makes it durable that this command was taken in. Without that it is not run. */
  async #takeIn(waiting: Waiting, kept: TakenCommand, isUrgent = false): Promise<boolean> {
    try {
      await this.#memory.take(kept);
      return true;
    } catch (error) {
      this.#telling.complain(error);
      // Letting something go twice does no harm; not letting it go may.
      if (isUrgent) return true;
      const detail = 'the gateway could not write down that the command was taken in, so it was not run';
      this.#say(waiting, failed('not-durable', detail, `see the disk of the gateway; ${sendLater}`));
      return false;
    }
  }

  #keptFrom({ command, sender, digest }: Waiting): TakenCommand {
    const { id, counter, replyTo: back, body } = command;
    const { key, uplink, who } = sender;
    const what = { key, id, counter, digest, command: body.kind, uplink, who, at: this.#telling.now(), reply: null };
    return back === undefined ? what : { ...what, replyTo: back };
  }

  /** The last word: recorded, kept, told and sent. */
  async #conclude(kept: TakenCommand, outcome: Done | Refusal): Promise<void> {
    const reply = this.#telling.replyTo(kept, outcome);
    this.#telling.recordOf(kept, `command-${outcome.outcome}`, told(outcome));
    // One that cannot be kept is sent all the same; after a restart it is told as interrupted.
    await this.#memory.conclude(kept, reply).catch((error: unknown) => this.#telling.complain(error));
    this.#telling.show(kept, reply);
    this.#telling.send(kept.uplink, reply);
  }

  /** Sends a reply that is not the last word, or that nothing was done for. */
  #say({ command, sender }: Waiting, what: Saying): void {
    const reply = this.#telling.replyTo(command, what);
    this.#telling.show({ id: command.id, command: command.body.kind, who: sender.who }, reply);
    this.#telling.send(sender.uplink, reply);
  }
}

const sendLater = 'send the same command again later';
const newId = 'send it with an id of its own';

/** The id of a message that is no command, where there is one to be read. */
function idIn(payload: Uint8Array): { id: string | null } {
  if (payload.byteLength > commandBytes) return { id: null };
  try {
    const { id } = JSON.parse(Buffer.from(payload).toString('utf8'));
    return { id: commandId.safeParse(id).data ?? null };
  } catch {
    return { id: null };
  }
}
