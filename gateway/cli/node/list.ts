import { nodeAccountsSchema } from '../../http/nodes/node-routes.ts';
import { pictureSchema } from '../../http/picture.ts';
import { table } from '../table.ts';
import { type Command, exit, parseArguments, say } from '../terminal.ts';
import { askSite, siteOf } from './ask-site.ts';
import { turnedAwayText } from './turned-away-text.ts';

const help = `fenceline node list --site DIR [--json] [--lang zh|en]

The nodes that have an account and which of them are connected, those that wait to be adopted, and who was turned away
in the last day and why, as the running gateway knows them.

  --site DIR   the site directory
  --json       print { accounts, connected, waiting, turnedAway } as JSON

Exit code: 0 told, 1 no gateway answers, 2 the arguments are wrong.

  fenceline node list --site /var/lib/fenceline`;

export const command: Command = {
  help,
  async run(args, terminal) {
    const options = { site: { type: 'string' }, json: { type: 'boolean', default: false } } as const;
    const { values } = parseArguments(args, options);
    const directory = siteOf(values.site);
    const ask = { method: 'GET', route: '/api/v1/nodes' } as const;
    const known = await askSite(directory, ask, nodeAccountsSchema, terminal);
    if (known === undefined) return exit.failed;
    const picture = await askSite(directory, { method: 'GET', route: '/api/v1/picture' }, pictureSchema, terminal);
    if (picture === undefined) return exit.failed;
    const connected = picture.links.flatMap(({ nodes }) => nodes?.connected ?? []);
    const waiting = picture.links.flatMap(({ nodes }) => nodes?.fresh ?? []);
    const turnedAway = picture.links.flatMap(({ nodes }) => nodes?.turnedAway ?? []);
    if (values.json) {
      terminal.print(JSON.stringify({ ...known, connected, waiting, turnedAway }));
      return exit.ok;
    }
    const addressOf = (id: string): string => connected.find(({ node }) => node === id)?.address ?? '-';
    const isHere = (id: string): boolean => connected.some(({ node }) => node === id);
    const tellTurnedAway = (): void => {
      for (const line of turnedAwayText(turnedAway, terminal.language)) terminal.print(line);
    };
    const word = (zh: string, en: string): string => say({ zh, en }, terminal.language);
    const rows = [
      ...known.accounts.map(({ node, chip, type, at, confirmed }) => [
        node,
        chip,
        type,
        at.slice(0, 10),
        addressOf(node),
        isHere(node) ? word('在线', 'connected') : confirmed ? word('离线', 'away') : word('待首次登录', 'offered'),
      ]),
      ...waiting.map(({ chip, type, address }) => [
        '-',
        chip,
        type,
        '-',
        address ?? '-',
        word('待接入', 'waits for its code'),
      ]),
    ];
    if (rows.length === 0) {
      const en = 'no node has an account, and none waits for one; one that has power and network comes within a minute';
      const zh = '没有已接入的节点，也没有待接入的节点；通电并连上网络的节点会在一分钟内出现';
      terminal.print(say({ en, zh }, terminal.language));
      tellTurnedAway();
      return exit.ok;
    }
    const headings = [
      word('节点', 'node'),
      word('芯片', 'chip'),
      word('类型', 'type'),
      word('接入日期', 'adopted'),
      word('地址', 'address'),
      word('状态', 'state'),
    ];
    terminal.print(table(headings, rows));
    tellTurnedAway();
    return exit.ok;
  },
};
