import * as z from 'zod';
import { type Reply, replySchema } from '../contract/reply.ts';

/** Commands of one key whose replies are kept; older ones are known by the counter alone. */
const keptOfKey = 50;
/** Keys whose counters are kept, also after the site file has dropped them: one that comes back must not be replayed. */
const keptKeys = 256;
/** Lines beyond what is needed before the file is written anew. */
const spareLines = 400;
/** Bytes of a result that are kept on the medium; longer ones are only repeated while the gateway runs. */
const keptResult = 4000;
/** Long results in memory. */
const keptLong = 8;

const commandLine = z.object({
  line: z.literal('command'),
  key: z.string(),
  id: z.string(),
  counter: z.int(),
  digest: z.string(),
  command: z.string(),
  uplink: z.string(),
  who: z.string(),
  at: z.string(),
  replyTo: z.string().optional(),
  /** Its last reply; null while there is none. */
  reply: replySchema.nullable(),
});
const replyLine = z.object({ line: z.literal('reply'), key: z.string(), reply: replySchema });
const counterLine = z.object({ line: z.literal('counter'), key: z.string(), counter: z.int() });
const anyLine = z.discriminatedUnion('line', [commandLine, replyLine, counterLine]);
type Line = z.output<typeof anyLine>;

/** A command that was taken in, and its last reply. */
export type KeptCommand = Readonly<Omit<z.output<typeof commandLine>, 'line'>>;

/** Lines that are added durably. */
interface JournalFile {
  /** Resolves once the line is on the medium. */
  add(text: string): Promise<void>;
  /** Puts these lines in the place of all others, at once. */
  replace(texts: readonly string[]): Promise<void>;
}

/**
 * What commands were taken in, and what was answered. It is written before a command takes effect: a counter that was
 * used stays used, and a command that may have run is never run again, whenever the power goes.
 */
export class Journal {
  readonly #file: JournalFile;
  readonly #counters = new Map<string, number>();
  /** By key and id, oldest first. */
  readonly #commands = new Map<string, KeptCommand>();
  readonly #long = new Map<string, Reply>();
  #lines = 0;
  #writing: Promise<void> = Promise.resolve();
  /** Lines of the file that could not be understood. */
  readonly damaged: number;

  /** `texts`: the lines as they stand in the file. */
  constructor(file: JournalFile, texts: readonly string[]) {
    this.#file = file;
    let damaged = 0;
    for (const text of texts) {
      const line = readLine(text);
      if (line === undefined) damaged++;
      else this.#apply(line);
    }
    this.damaged = damaged;
    this.#lines = texts.length;
  }

  /** The highest counter that this key has used; 0 before the first. */
  counter(key: string): number {
    return this.#counters.get(key) ?? 0;
  }

  find(key: string, id: string): KeptCommand | undefined {
    const found = this.#commands.get(nameOf(key, id));
    const long = this.#long.get(nameOf(key, id));
    return found === undefined || long === undefined ? found : { ...found, reply: long };
  }

  /** Commands that were taken in and have no last reply, oldest first. */
  unanswered(): KeptCommand[] {
    return [...this.#commands.values()].filter(({ reply }) => reply === null);
  }

  /** The newest commands, oldest first. */
  newest(count: number): KeptCommand[] {
    return [...this.#commands.values()].slice(-count);
  }

  /** Takes a command in; resolves when that is durable. Rejects when it cannot be made so: then nothing has changed. */
  async take(command: KeptCommand): Promise<void> {
    await this.#write({ line: 'command', ...command });
  }

  /** Keeps the last reply of a command that was taken in; resolves when that is durable. */
  async conclude(key: string, reply: Reply): Promise<void> {
    const kept = shortened(reply);
    if (kept !== reply) {
      this.#long.set(nameOf(key, reply.id ?? ''), reply);
      if (this.#long.size > keptLong) this.#long.delete(this.#long.keys().next().value ?? '');
    }
    await this.#write({ line: 'reply', key, reply: kept });
  }

  /** One line after the other, whoever writes them. */
  #write(line: Line): Promise<void> {
    const written = this.#writing.then(() => this.#writeLine(line));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #writeLine(line: Line): Promise<void> {
    await this.#file.add(JSON.stringify(line));
    this.#apply(line);
    this.#lines++;
    const needed = this.#needed();
    if (this.#lines <= needed.length + spareLines) return;
    // The line itself is durable; a file that stays long for now is no reason to say otherwise.
    const isShort = await this.#file.replace(needed).then(
      () => true,
      () => false,
    );
    if (isShort) this.#lines = needed.length;
  }

  #apply(line: Line): void {
    if (line.line === 'reply') {
      const name = nameOf(line.key, line.reply.id ?? '');
      const command = this.#commands.get(name);
      if (command !== undefined) this.#commands.set(name, { ...command, reply: line.reply });
      return;
    }
    // Taken out first, so that the order of the keys is that of their last use.
    const before = this.counter(line.key);
    this.#counters.delete(line.key);
    this.#counters.set(line.key, Math.max(before, line.counter));
    if (line.line === 'command') {
      const { line: _, ...command } = line;
      this.#commands.set(nameOf(line.key, line.id), command);
      this.#forget(line.key);
    }
    if (this.#counters.size > keptKeys) this.#counters.delete(this.#counters.keys().next().value ?? '');
  }

  /** Lets go of the oldest answered command of a key that has too many. */
  #forget(key: string): void {
    const own = [...this.#commands.entries()].filter(([, command]) => command.key === key);
    const answered = own.filter(([, { reply }]) => reply !== null);
    const [oldest] = answered;
    if (own.length > keptOfKey && oldest !== undefined) this.#commands.delete(oldest[0]);
  }

  #needed(): string[] {
    const counters = [...this.#counters].map(([key, counter]) => ({ line: 'counter', key, counter }) as const);
    const commands = [...this.#commands.values()].map((command) => ({ line: 'command', ...command }) as const);
    return [...counters, ...commands].map((line) => JSON.stringify(line));
  }
}

const nameOf = (key: string, id: string): string => `${key} ${id}`;

/** The reply as it is kept on the medium. */
function shortened(reply: Reply): Reply {
  const { result, ...rest } = reply;
  if (result === undefined || JSON.stringify(result).length <= keptResult) return reply;
  return { ...rest, detail: 'its result was too long to be kept over a restart' };
}

function readLine(text: string): Line | undefined {
  try {
    return anyLine.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
