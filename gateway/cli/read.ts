import { duration } from '../duration.ts';
import { longestSocketPath } from '../http/settings.ts';
import type { Sentence } from '../site/check-site.ts';
import { type SiteDirectory, siteDirectory } from '../site/site-directory.ts';
import { lockSite } from '../store/site-lock.ts';
import { type Found, findInstrument, readOwnLine } from './read/own-line.ts';
import { type NoGateway, readThroughGateway } from './read/through-gateway.ts';
import { BadInput, type Command, exit, parseArguments, required, say } from './terminal.ts';

const help = `fenceline read --site DIR INSTRUMENT [--once | --every DURATION] [--trace] [--json]

Reads one instrument of the site now and shows what it says, with what to try where it says nothing.
While a gateway runs on the site, it is asked to do so, in between its own polls; it need not be stopped.
Otherwise the instrument's own line is used.

  --site DIR        the site directory
  --once            read once and end (default)
  --every DURATION  go on reading, such as every 2s, until Ctrl-C; a running gateway rests its line after each
                    reading for as long as that took
  --trace           show each request and answer: bytes, times, how it ended, what else was on the line
  --json            print one JSON object a reading round; with --trace it holds the transactions

Exit code: 0 when values came, 1 when none did, 2 when the site file does not allow it.

  fenceline read --site /var/lib/fenceline dust-1
  fenceline read --site /var/lib/fenceline dust-1 --every 2s --trace`;

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(args, {
      site: { type: 'string' },
      once: { type: 'boolean', default: false },
      every: { type: 'string' },
      trace: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const directory = siteDirectory(required(values.site, '--site'));
    const id = required(positionals[0], 'the id of an instrument');
    if (values.once && values.every !== undefined) throw new BadInput('--once and --every exclude each other');
    const choice = { every: cadence(values.every), trace: values.trace, asJson: values.json };
    const asked = await readThroughGateway(directory, id, choice, terminal);
    if (typeof asked === 'number') return asked;
    const found = await findInstrument(directory, id, terminal);
    if (found === undefined) return exit.badInput;
    const lock = lockSite(directory.root);
    if ('refusal' in lock) {
      const told = inUse(lock.pid, found, directory, asked);
      terminal.complain(lock.refusal === 'in-use' ? say(told, terminal.language) : lock.message);
      return exit.failed;
    }
    try {
      return await readOwnLine(found, choice, terminal);
    } finally {
      lock.release();
    }
  },
};

function cadence(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parsed = duration.safeParse(text);
  if (!parsed.success || parsed.data < 100)
    throw new BadInput('--every takes a number with its unit, such as 2s or 500ms');
  return parsed.data;
}

/** Who has the site and answers no commands, and how to come by the last values all the same. */
function inUse(pid: number | null, { settings, site }: Found, directory: SiteDirectory, why: NoGateway): Sentence {
  const { listen } = site.page;
  const host = listen.host === '0.0.0.0' || listen.host === '::' ? '127.0.0.1' : listen.host;
  const token = `$(cat ${directory.root}/secrets/read-token)`;
  const url = `http://${host}:${listen.port}/api/v1/instruments/${settings.id}`;
  const ask = `  curl -H "Authorization: Bearer ${token}" ${url}`;
  const long = why === 'too-long';
  const bytes = Buffer.byteLength(directory.socket);
  return {
    en: [
      `${pid === null ? 'another process' : `process ${pid}`} runs on this site and does not answer at ${directory.socket}${long ? ` (${bytes} bytes; a socket's path has ${longestSocketPath} at most: use a shorter site directory)` : ''}.`,
      'A second master on a line would spoil its readings. The last values of a gateway are had with',
      `${ask}\nand an instrument is read by its page. Or stop that process first.`,
    ].join('\n'),
    zh: [
      `${pid === null ? '另一进程' : `进程 ${pid}`} 正在使用本站点，但未在 ${directory.socket} 应答${long ? `（路径 ${bytes} 字节，套接字路径最多 ${longestSocketPath} 字节：请使用更短的站点目录）` : ''}。`,
      '同一线路上有两个主站会相互干扰。网关的最近数值可用以下命令查询：',
      `${ask}\n也可在页面上读取仪器，或先停止该进程。`,
    ].join('\n'),
  };
}
