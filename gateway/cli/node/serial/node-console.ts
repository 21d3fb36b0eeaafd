import { type Clock, pause } from '../../../clock.ts';
import { adlerSum } from '../../../driver/node/offers/adler-sum.ts';
import type { Link } from '../../../link/link.ts';
import { firstLines, longestLine, longestPiece, moreLines, quoted } from './console-lua.ts';
import { faults, type Heard, NodeFault, noPrompt } from './node-fault.ts';

/** The port that a node's console is on. */
export interface ConsolePort {
  readonly link: Link;
  /** As the person named it. */
  readonly name: string;
  /** Resets the chip by the adapter's DTR and RTS lines; false where they cannot be set. */
  reset(): Promise<boolean>;
}

export interface NodeConsoleOptions {
  readonly port: ConsolePort;
  readonly clock: Clock;
  /** Raised when the person breaks off. */
  readonly signal: AbortSignal;
  /** The person has to press RST: the chip does not answer, and could not be reset from here. */
  readonly askForReset: () => void;
}

/** Milliseconds that an answer may take: the flash may have to be tidied first. */
const patience = 4000;
/** How often a line is said again before the chip is looked after. */
const tries = 4;
/** Milliseconds from one probe for a prompt to the next. */
const probing = 250;
/** Milliseconds in which a chip that is awake answers, in which one that was reset does, and in which a hand finds RST. */
const awake = 2000;
const booting = 8000;
const pressing = 60_000;
/** Characters that are kept of what was said. */
const kept = 8192;

/** Ends whatever a damaged line may have left open: a long string, a function, an expression. */
const recovery = '\r\n]]\r\n]]\r\n';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** What came of one line: the value, or that the chip has forgotten everything since. */
type Answer = { readonly value: string } | 'restarted';

/**
 * The Lua console of a NodeMCU chip, spoken so that neither lost bytes nor noise nor a restart can make it do something
 * else than was asked. Every fault is thrown as a {@link NodeFault}.
 */
export class NodeConsole {
  readonly #options: NodeConsoleOptions;
  readonly #link: Link;
  #said = '';
  #number = 0;
  #isReady = false;
  #isHeld = false;
  #restarts = 0;
  #bytes = 0;
  #unreadable = 0;

  constructor(options: NodeConsoleOptions) {
    this.#options = options;
    this.#link = options.port.link;
  }

  /** How often the chip was found to have restarted by itself. */
  get restarts(): number {
    return this.#restarts;
  }

  /**
   * Evaluates Lua, with `...` for the data, and resolves to its value as text. It may be evaluated more than once, and
   * after a restart of the chip: only what may be, is to be asked here.
   */
  async ask(lua: string, data = ''): Promise<string> {
    for (;;) {
      if (!this.#isReady) await this.#begin();
      const answer = await this.#say(lua, data);
      if (answer !== 'restarted') return answer.value;
      this.#isReady = false;
      this.#restarts += 1;
      if (this.#restarts > 5) throw faults.restarting(this.#options.port.name);
    }
  }

  /** Like `ask`, but once the chip has restarted since, undefined: what was begun is gone. */
  async askUnlessRestarted(lua: string, data = ''): Promise<string | undefined> {
    const before = this.#restarts;
    const value = await this.ask(lua, data);
    return before === this.#restarts ? value : undefined;
  }

  /** True for a line that still fits. */
  fits(lua: string, data: string): boolean {
    return this.#lineOf(99_999, lua, data).length <= longestPiece;
  }

  /** Restarts the chip, which then runs what is on it. */
  async restart(): Promise<void> {
    if (!this.#isReady) await this.#begin();
    await this.#write('node.restart()\r\n');
    this.#isReady = false;
    this.#isHeld = false;
    this.#said = '';
  }

  /** Lets a chip that is held run what is on it again, whatever came of the work; says nothing of faults. */
  async letGo(): Promise<void> {
    if (!this.#isHeld) return;
    this.#isReady = false;
    this.#isHeld = false;
    await this.#link.write(bytesOf(`${recovery}node.restart()\r\n`));
  }

  /** Listens for so many milliseconds, or until something is said that matches. */
  async listen(milliseconds: number, until: RegExp): Promise<RegExpExecArray | undefined> {
    return this.#hear(until, milliseconds);
  }

  /** Gets a prompt, by a reset where it must be, and types what the rest is asked by. */
  async #begin(): Promise<void> {
    await this.#attention();
    for (const line of firstLines) await this.#typed(line);
    this.#isReady = true;
    // What checks the others cannot check itself: its own answer is right only if it was typed right.
    for (const line of moreLines) {
      const answer = await this.#say(line, '');
      if (answer === 'restarted') return this.#beginAgain();
    }
  }

  async #beginAgain(): Promise<void> {
    this.#isReady = false;
    this.#restarts += 1;
    if (this.#restarts > 5) throw faults.restarting(this.#options.port.name);
    return this.#begin();
  }

  async #attention(): Promise<void> {
    // What it said before anybody asked tells nothing of what is there now.
    this.#link.discard();
    this.#bytes = 0;
    this.#unreadable = 0;
    if (await this.#prompt(awake)) {
      // What may run beside the console is stopped by a restart and a word in time.
      if (!(await this.#startsByItself())) return this.#hold();
      await this.#write('node.restart()\r\n');
      if (await this.#prompt(booting)) return this.#hold();
    }
    if ((await this.#options.port.reset()) && (await this.#prompt(booting))) return this.#hold();
    const { name } = this.#options.port;
    // Something that talks is not the firmware of a node, which has its console switched off: no button helps.
    const heard = await this.#whatIsThere();
    if (heard.bytes > 200 || heard.isAtFirmware) throw noPrompt(name, heard);
    this.#options.askForReset();
    if (await this.#prompt(pressing)) return this.#hold();
    throw noPrompt(name, await this.#whatIsThere());
  }

  /** Says to init.lua that nothing is to be started, until the next restart. */
  async #hold(): Promise<void> {
    this.#isHeld = true;
    await this.#typed('fenceline_hold=true');
  }

  /** True where there is something that runs after a start. */
  async #startsByItself(): Promise<boolean> {
    await this.#write(`print("#".."I"..tostring(file.exists("init.lua")).."#")\r\n`);
    return (await this.#hear(/#I(\w+)#/, patience))?.[1] === 'true';
  }

  /** True once a probe is answered, and its copies have come to rest. */
  async #prompt(within: number): Promise<boolean> {
    const { clock } = this.#options;
    const end = clock.monotonic() + within;
    this.#number += 1;
    const number = this.#number;
    while (clock.monotonic() < end) {
      // The first characters may be lost while the chip finds the speed (autobaud).
      await this.#write(`\r\nprint("#".."P${number}#")\r\n`);
      if (!(await this.#hear(new RegExp(`#P${number}#`), probing))) continue;
      while (await this.#hear(new RegExp(`#P${number}#`), 2 * probing)) this.#said = '';
      return true;
    }
    return false;
  }

  /** A line that nothing guards yet: said again until its own words come back. */
  async #typed(line: string): Promise<void> {
    for (let attempt = 0; attempt < 2 * tries; attempt += 1) {
      this.#number += 1;
      await this.#write(`${line} print("#".."T${this.#number}#")\r\n`);
      if (await this.#hear(new RegExp(`#T${this.#number}#`), patience / 4)) return;
      await this.#write(recovery);
      await this.#hear(/$^/, probing);
    }
    throw faults.lossy(this.#options.port.name);
  }

  #lineOf(number: number, lua: string, data: string): string {
    return `U.r(${number},"${adlerSum(bytesOf(lua + data))}",${quoted(lua)},${quoted(data)})`;
  }

  async #say(lua: string, data: string): Promise<Answer> {
    let isThere = false;
    for (let attempt = 0; attempt < 2 * tries; attempt += 1) {
      if (attempt % tries === tries - 1) {
        if (await this.#hasForgotten()) return 'restarted';
        isThere = true;
      }
      this.#number += 1;
      const line = this.#lineOf(this.#number, lua, data);
      if (line.length > longestLine) throw new RangeError(`a line of ${line.length} characters`);
      await this.#write(`${line}\r\n`);
      const answer = await this.#answer(this.#number);
      if (answer !== undefined) return answer;
      await this.#write(recovery);
      await this.#hear(/$^/, probing / 2);
    }
    if (!isThere) throw faults.restarting(this.#options.port.name);
    throw faults.lossy(this.#options.port.name);
  }

  /** The answer to the line of that number; undefined when there is none that holds. */
  async #answer(number: number): Promise<Answer | undefined> {
    const answered = `#${number} (ok|no|sum) (\\d+\\.\\d+) ([^#]*)#`;
    let found = await this.#hear(new RegExp(`${answered}|attempt to [^\\n]*'U'|stdin:1:`), patience);
    // It may be the complaint about what was typed before.
    if (found?.[0] === 'stdin:1:') found = await this.#hear(new RegExp(`${answered}|attempt to [^\\n]*'U'`), probing);
    const [all = '', how, sum, value = ''] = found ?? [];
    if (/'U'/.test(all)) return 'restarted';
    if (how === undefined || how === 'sum' || sum !== adlerSum(bytesOf(value))) return undefined;
    if (how === 'no') throw faults.refused(value.slice(0, 120));
    return { value };
  }

  /** Whether the chip restarted since: it then knows nothing of what was typed, or does not answer at all. */
  async #hasForgotten(): Promise<boolean> {
    this.#number += 1;
    await this.#write(`${recovery}print("#".."F${this.#number} "..type(U).."#")\r\n`);
    const found = await this.#hear(new RegExp(`#F${this.#number} (\\w+)#`), patience / 2);
    return found?.[1] !== 'table';
  }

  /** Asks whether it takes AT commands, and listens how quiet it is. */
  async #whatIsThere(): Promise<Heard> {
    await this.#write('\r\nAT\r\n');
    // NodeMCU would have complained; a line of its own that says OK is the maker's firmware.
    const isAtFirmware = (await this.#hear(/(^|\n)OK\r?\n/, 2 * probing)) !== undefined;
    let isNeverQuiet = true;
    for (let times = 0; times < 4 && isNeverQuiet; times += 1) {
      const had = this.#bytes;
      await this.#hear(/$^/, 2 * probing);
      isNeverQuiet = this.#bytes > had;
    }
    return { bytes: this.#bytes, unreadable: this.#unreadable, isAtFirmware, isNeverQuiet };
  }

  async #write(text: string): Promise<void> {
    if (this.#options.signal.aborted) throw faults.interrupted();
    const fault = await this.#link.write(bytesOf(text));
    if (fault !== null) throw faults.port(this.#options.port.name, fault);
  }

  /** Reads until something matches, at most so many milliseconds; what was before the end of the match is forgotten. */
  async #hear(form: RegExp, milliseconds: number): Promise<RegExpExecArray | undefined> {
    const { clock, signal } = this.#options;
    const end = clock.monotonic() + milliseconds;
    for (;;) {
      const found = form.exec(this.#said);
      if (found) {
        this.#said = this.#said.slice(found.index + found[0].length);
        return found;
      }
      if (signal.aborted) throw faults.interrupted();
      const rest = end - clock.monotonic();
      if (rest <= 0) return undefined;
      // Short, so that whoever breaks off is not kept waiting.
      const arrival = await this.#link.read(Math.min(rest, probing));
      if (arrival === 'timeout') continue;
      if (!('bytes' in arrival)) throw faults.port(this.#options.port.name, arrival);
      this.#take(arrival.bytes);
    }
  }

  #take(bytes: Uint8Array): void {
    const text = textOf(bytes);
    this.#bytes += bytes.length;
    this.#unreadable += (text.match(/[^\t\n\r -~]/g) ?? []).length;
    this.#said = (this.#said + text).slice(-kept);
  }
}

/** Holds the chip's reset line down for as long as boards ask for. */
export async function pulseReset(
  signals: (levels: { dtr: boolean; rts: boolean }) => Promise<boolean>,
  clock: Clock,
): Promise<boolean> {
  // RTS alone draws EN low, DTR alone GPIO0; both together do nothing (the two transistors of NodeMCU boards).
  if (!(await signals({ dtr: false, rts: true }))) return false;
  await pause(clock, 100);
  return signals({ dtr: false, rts: false });
}
