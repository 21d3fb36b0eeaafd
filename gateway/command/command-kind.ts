import type * as z from 'zod';
import type { Monotonic } from '../clock.ts';
import type { Json } from '../record/record.ts';
import type { CommandPorts, Sender } from './port.ts';

/** Something in what was asked that cannot stand. */
export interface DocumentFault {
  readonly field: string;
  readonly fault: string;
  readonly remedy: string;
}

/** Why a command was not done, and what to do. */
export interface Refusal {
  readonly outcome: 'refused' | 'failed';
  /** Short words with hyphens. */
  readonly reason: string;
  readonly detail: string;
  readonly remedy: string;
  readonly faults?: readonly DocumentFault[];
}

export interface Done {
  readonly outcome: 'done';
  readonly result: { readonly [member: string]: Json };
}

/** What running a command came to. */
export type Outcome =
  | Done
  | Refusal
  /** The last word comes later, perhaps from another run of the gateway; `after` begins what leads to it. */
  | { readonly outcome: 'accepted'; readonly after: () => void };

/** What a command knows of itself while it runs. */
export interface Asked {
  readonly id: string;
  readonly sender: Sender;
  /** When it came. */
  readonly at: Monotonic;
}

/**
 * One command, whole. A new one is a file with this in `commands/` and a line in `commands.ts`. It changes nothing, or
 * only what its ports let it change, and it ends in bounded time.
 */
interface CommandKind<Body> {
  readonly kind: string;
  /** What it does, one English sentence: the title of its schema. */
  readonly does: string;
  /** The body with its kind; strict, since a member that is silently not obeyed costs somebody a day. */
  readonly body: z.ZodType<Body>;
  /** Whether it changes anything: then it needs a signature, and its record is durable before it begins. */
  readonly changes: boolean;
  /** Whether it has to name the site version that it is based on. */
  readonly needsBase: boolean;
  /** Whether it may run while the clock is not trusted, when nobody can say whether it has expired; false if absent. */
  readonly beforeTrust?: boolean;
  /** Whether this one only lets something go: it does not wait for its record to be durable. False if absent. */
  isUrgent?(body: Body): boolean;
  run(body: Body, ports: CommandPorts, asked: Asked): Promise<Outcome>;
}

/** A command whose body was parsed. */
export interface Prepared {
  readonly isUrgent: boolean;
  run(ports: CommandPorts, asked: Asked): Promise<Outcome>;
}

/** A command whose body has not been parsed. */
export interface AnyCommand extends Omit<CommandKind<unknown>, 'run' | 'isUrgent'> {
  prepare(body: unknown): Prepared | { readonly fault: z.ZodError };
}

/** Takes a command in, so that the door needs to know no bodies. */
export function defineCommand<Body>(command: CommandKind<Body>): AnyCommand {
  return {
    ...command,
    prepare(body) {
      const parsed = command.body.safeParse(body);
      if (!parsed.success) return { fault: parsed.error };
      const { data } = parsed;
      const isUrgent = command.isUrgent?.(data) ?? false;
      return { isUrgent, run: (ports, asked) => command.run(data, ports, asked) };
    },
  };
}

export function refused(reason: string, detail: string, remedy: string, faults?: readonly DocumentFault[]): Refusal {
  return { outcome: 'refused', reason, detail, remedy, ...(faults === undefined ? {} : { faults }) };
}

export function failed(reason: string, detail: string, remedy: string): Refusal {
  return { outcome: 'failed', reason, detail, remedy };
}
