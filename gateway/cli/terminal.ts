import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { Sentence } from '../site/check-site.ts';
import { displayWidth } from './table.ts';

/** How a command ended, for scripts. */
export const exit = {
  ok: 0,
  /** It was asked for something sensible and could not do it. */
  failed: 1,
  /** What it was given is wrong: arguments, a site file, a profile. */
  badInput: 2,
} as const;

export type Language = 'zh' | 'en';

/** Where a command reads and writes, so that it can be tried without a process of its own. */
export interface Terminal {
  readonly language: Language;
  readonly input: NodeJS.ReadStream;
  /** What was asked for: one call, one or more lines. */
  print(text: string): void;
  /** Why it could not be done, and what goes on meanwhile. */
  complain(text: string): void;
  /**
   * Shows how far something is, in one line that the next one replaces; an empty text takes it away. Absent where there
   * is no terminal to do so.
   */
  readonly status?: (text: string) => void;
}

/** One command of the command line; its file is loaded only when it is called. */
export interface Command {
  /** Usage, options and examples. */
  readonly help: string;
  /** Of a command that has several parts: the help of the part that the arguments name; undefined where they name none. */
  helpOf?(args: readonly string[]): Promise<string | undefined>;
  /** Resolves to the exit code. Throws {@link BadInput} where the arguments are wrong. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** Wrong arguments: told in one line, exit code 2. */
export class BadInput extends Error {}

/** Parses a command's arguments; unknown and incomplete ones are {@link BadInput}. */
export function parseArguments<const O extends ParseArgsOptionsConfig>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    if (error instanceof TypeError) throw new BadInput(error.message);
    throw error;
  }
}

/** The value of an option that cannot be left out. */
export function required(value: string | undefined, option: string): string {
  if (value === undefined || value === '') throw new BadInput(`${option} is missing`);
  return value;
}

/** The language that the environment asks for (POSIX order of precedence); English unless it is Chinese. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const locale = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || '';
  return locale.startsWith('zh') ? 'zh' : 'en';
}

/** The terminal this process was started on. A reader that goes away early, as `head` does, is no fault. */
export function systemTerminal(): Terminal {
  process.stdout.on('error', ignoreClosedPipe);
  process.stderr.on('error', ignoreClosedPipe);
  let shown = '';
  const status = (text: string): void => {
    // Back to the beginning of the line, and away with what stands there (ECMA-48: EL).
    if (text !== shown) process.stderr.write(`\r\u001b[K${cut(text, (process.stderr.columns || usualColumns) - 1)}`);
    shown = text;
  };
  const write = (stream: NodeJS.WriteStream, text: string): void => {
    if (shown !== '') status('');
    stream.write(`${text}\n`);
  };
  return {
    language: languageOf(process.env),
    input: process.stdin,
    print: (text) => write(process.stdout, text),
    complain: (text) => write(process.stderr, text),
    ...(process.stderr.isTTY ? { status } : {}),
  };
}

/** Of a terminal that does not say how wide it is, such as a serial console, which says 0. */
const usualColumns = 80;

/** As much of the text as fits into so many columns. */
export function cut(text: string, columns: number): string {
  let end = text.length;
  while (end > 0 && displayWidth(text.slice(0, end)) > columns) end -= 1;
  return text.slice(0, end);
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** A sentence in the reader's language. */
export function say(sentence: Sentence, language: Language): string {
  return sentence[language];
}

/** Raised at Ctrl-C, or when the process is told to end. */
export function interruption(): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  return interrupted.signal;
}

/** Resolves when the signal is raised. */
export function raised(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
