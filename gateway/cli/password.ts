import { statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setPassword } from '../http/access/accounts.ts';
import { longestPassword, shortestPassword } from '../http/access/password.ts';
import { siteDirectory } from '../site/site-directory.ts';
import { askUnseen } from './ask-unseen.ts';
import { BadInput, type Command, exit, parseArguments, required, say, type Terminal } from './terminal.ts';

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
      const zh = `密码须为 ${shortestPassword} 到 ${longestPassword} 个字符；未作修改`;
      terminal.complain(say({ en: `the password ${fault}; nothing was changed`, zh }, terminal.language));
      return exit.badInput;
    }
    terminal.print(say({ en: `the password of ${root} is set`, zh: `${root} 的密码已设置` }, terminal.language));
    return exit.ok;
  },
};

async function firstLine({ input, complain, language }: Terminal): Promise<string | undefined> {
  const lines = createInterface({ input, terminal: false });
  for await (const line of lines) return line;
  complain(say({ en: 'standard input holds no line; nothing was changed', zh: '标准输入为空；未作修改' }, language));
  return undefined;
}

async function askTwice(terminal: Terminal): Promise<string | undefined> {
  if (!terminal.input.isTTY) {
    const en = 'this is no terminal to ask at; use --stdin';
    terminal.complain(say({ en, zh: '此处不是终端，无法输入；请用 --stdin' }, terminal.language));
    return undefined;
  }
  const first = await askUnseen(terminal, { en: 'New password: ', zh: '新密码：' });
  const second = first === undefined ? undefined : await askUnseen(terminal, { en: 'Once more: ', zh: '再输入一次：' });
  if (first !== undefined && second !== undefined && first !== second) {
    const en = 'the two are not the same; nothing was changed';
    terminal.complain(say({ en, zh: '两次输入不一致；未作修改' }, terminal.language));
    return undefined;
  }
  return second;
}
