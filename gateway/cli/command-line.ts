import { BadInput, type Command, exit, type Terminal } from './terminal.ts';

/** What there is, in the order in which a technician needs it. */
const commands: Readonly<
  Record<string, { readonly does: string; readonly load: () => Promise<{ command: Command }> }>
> = {
  init: { does: 'begin a site: write a small site.json', load: () => import('./init.ts') },
  check: { does: 'check a site file: every fault at once', load: () => import('./check.ts') },
  run: { does: 'run the gateway on a site', load: () => import('./run.ts') },
  read: { does: 'read one instrument now', load: () => import('./read.ts') },
  scan: { does: 'look for instruments on a line', load: () => import('./scan.ts') },
  profiles: { does: 'list, show, check and add instrument profiles', load: () => import('./profiles.ts') },
  doctor: { does: 'say how far the time, the store and the site can be relied on', load: () => import('./doctor.ts') },
  export: { does: 'write records to a directory, such as one on a USB stick', load: () => import('./export.ts') },
  verify: { does: 'recompute the hash chain of a store, and say what holds', load: () => import('./verify.ts') },
  key: { does: 'show or rotate the key that the gateway signs with', load: () => import('./key.ts') },
  resume: { does: 'take back that a platform has retired this gateway', load: () => import('./resume.ts') },
  'relays-off': { does: 'let every relay of the boards fall off', load: () => import('./relays-off.ts') },
  node: { does: 'build, flash, adopt, configure and update sensor nodes', load: () => import('./node.ts') },
  password: { does: 'set the password of the page', load: () => import('./password.ts') },
};

const overview = [
  'fenceline COMMAND [OPTIONS]',
  '',
  ...Object.entries(commands).map(([name, { does }]) => `  ${name.padEnd(12)}${does}`),
  '',
  'fenceline COMMAND --help shows options and examples.',
  'Every command takes --lang zh|en; without it the language comes from LANG.',
  'Exit code: 0 done, 1 could not be done, 2 the arguments or files given are wrong.',
].join('\n');

/** Runs one command line and resolves to its exit code. What a person did wrong is told in one line, without a stack. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    terminal.print(overview);
    return name === undefined ? exit.badInput : exit.ok;
  }
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (found === undefined) {
    terminal.complain(`fenceline: there is no command ${name}; there are: ${Object.keys(commands).join(', ')}`);
    return exit.badInput;
  }
  const { command } = await found.load();
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.print((await command.helpOf?.(rest)) ?? command.help);
    return exit.ok;
  }
  try {
    const { language, others } = takeLanguage(rest);
    return await command.run(others, { ...terminal, ...(language && { language }) });
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    const [part] = rest;
    const said = (await command.helpOf?.(rest)) === undefined ? name : `${name} ${part}`;
    terminal.complain(`fenceline ${said}: ${error.message}; see fenceline ${said} --help`);
    return exit.badInput;
  }
}

/** `--lang` goes with every command, so it is taken out before the command sees its arguments. */
function takeLanguage(args: readonly string[]): { language?: 'zh' | 'en'; others: string[] } {
  const others = [...args];
  const at = others.findIndex((argument) => argument === '--lang' || argument.startsWith('--lang='));
  if (at < 0) return { others };
  const [taken = ''] = others.splice(at, 1);
  const language = taken.includes('=') ? taken.slice('--lang='.length) : others.splice(at, 1)[0];
  if (language !== 'zh' && language !== 'en') throw new BadInput('--lang takes zh or en');
  return { language, others };
}
