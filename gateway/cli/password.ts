import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { setPassword } from '../http/access/accounts.ts';
import { siteDirectory } from '../site/site-directory.ts';
import { BadInput, type Command, exit, parseArguments, required, type Terminal } from './terminal.ts';

const help = `fenceline password --site DIR [--stdin]

Sets the administrator's password of the page, whatever it was. Asks twice and shows nothing while typing.
A running gateway takes it over by itself.

  --site DIR   the site directory
  --stdin      read it from the first line of standard input, for scripts

  fenceline password --site /var/lib/fenceline
  pass show fenceline | fenceline password --site /var/lib/fenceline --stdin`;

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values } = parseArguments(args, { site: { type: 'string' }, stdin: { type: 'boolean', default: false } });
    const { root } = siteDirectory(required(values.site, '--site'));
    // A mistyped path must not become a new directory with a password in it.
    if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) throw new BadInput(`${root} is no directory`);
    const password = values.stdin ? await firstLine(terminal) : await askTwice(terminal);
    if (password === undefined) return exit.badInput;
    const fault = await setPassword(root, password);
    if (fault !== null) {
      terminal.complain(`the password ${fault}; nothing was changed`);
      return exit.badInput;
    }
    terminal.print(`the password of ${root} is set`);
    return exit.ok;
  },
};

async function firstLine({ input, complain }: Terminal): Promise<string | undefined> {
  const lines = createInterface({ input, terminal: false });
  for await (const line of lines) return line;
  complain('standard input holds no line; nothing was changed');
  return undefined;
}

async function askTwice(terminal: Terminal): Promise<string | undefined> {
  if (!terminal.input.isTTY) {
    terminal.complain('this is no terminal to ask at; use --stdin');
    return undefined;
  }
  const first = await askUnseen(terminal, 'New password: ');
  const second = first === undefined ? undefined : await askUnseen(terminal, 'Once more: ');
  if (first !== undefined && second !== undefined && first !== second) {
    terminal.complain('the two are not the same; nothing was changed');
    return undefined;
  }
  return second;
}

/** One line without echo; undefined when it is broken off with Ctrl-C or Ctrl-D. */
async function askUnseen({ input }: Terminal, question: string): Promise<string | undefined> {
  // readline in terminal mode takes over the echo; given a sink to echo to, nothing is seen.
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: sink, terminal: true });
  process.stderr.write(question);
  const stopped = new AbortController();
  lines.once('SIGINT', () => lines.close());
  lines.once('close', () => stopped.abort());
  try {
    const [line] = await once(lines, 'line', { signal: stopped.signal });
    return String(line);
  } catch {
    return undefined;
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
