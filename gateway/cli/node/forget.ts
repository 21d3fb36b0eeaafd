import * as z from 'zod';
import { type Command, exit, parseArguments, required, say } from '../terminal.ts';
import { askSite, siteOf } from './ask-site.ts';

const help = `fenceline node forget --site DIR NODE [--lang zh|en]

Takes a node's account away: its connection ends at once, and it is not let in again until it is adopted anew. What it
has measured stays in the records.

  --site DIR   the site directory

Exit code: 0 done, 1 could not be done, 2 the arguments are wrong.

  fenceline node forget --site /var/lib/fenceline dust-north`;

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(args, { site: { type: 'string' } });
    const directory = siteOf(values.site);
    const node = required(positionals[0], 'the id of a node');
    const route = `/api/v1/nodes/${encodeURIComponent(node)}/forget`;
    const done = await askSite(directory, { method: 'POST', route }, z.object({ node: z.string() }), terminal);
    if (done === undefined) return exit.failed;
    const en = `${node} has no account any more; take its instruments out of the site file`;
    terminal.print(say({ en, zh: `${node} 的账号已删除；请从站点文件中删去其仪器` }, terminal.language));
    return exit.ok;
  },
};
