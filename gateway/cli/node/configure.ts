import { type NodeChanges, nodeChanges, nodeSettings } from '../../driver/node/offers/node-configuration.ts';
import { offeredSchema } from '../../http/nodes/offer-routes.ts';
import { pictureSchema } from '../../http/picture.ts';
import type { SiteDirectory } from '../../site/site-directory.ts';
import {
  BadInput,
  type Command,
  exit,
  interruption,
  parseArguments,
  required,
  say,
  type Terminal,
} from '../terminal.ts';
import { askSite, siteOf } from './ask-site.ts';
import { atConsole, configurationFor, showProgress } from './at-console.ts';
import { configurationFile, configurationOn, lookAtChip, putOnNode } from './serial/flash-node.ts';
import type { NodeConsole } from './serial/node-console.ts';
import { NodeFiles } from './serial/node-files.ts';
import { knownOf, passwordAsked } from './settings/new-configuration.ts';
import { Questions } from './settings/questions.ts';
import {
  checked,
  type SaidSettings,
  saidSettings,
  settingsHelp,
  settingsOptions,
} from './settings/settings-options.ts';

const help = `fenceline node configure --port PORT [SETTINGS] [--json]
fenceline node configure --site DIR NODE SETTINGS [--json]

Changes the configuration of a node: of one on a serial port at once, of one of the site over the air, through the
gateway that runs there. What is not given stays as it is. Over the air the node tries it, and goes back to what it had
unless it reaches the gateway with it in three starts.

  --port PORT                 serial port, best one of /dev/serial/by-id
  --site DIR                  the site directory
${settingsHelp}
  --json                      print one JSON object

Exit code: 0 when the node has it, over the air when it is on offer; 1 when not; 2 when the arguments are wrong.

  fenceline node configure --port /dev/ttyUSB0 --sensor nova --period 300
  fenceline node configure --site /var/lib/fenceline dust-gate --period 300`;

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(args, {
      port: { type: 'string' },
      site: { type: 'string' },
      ...settingsOptions,
      json: { type: 'boolean', default: false },
    });
    const said = saidSettings(values);
    if ((values.port === undefined) === (values.site === undefined))
      throw new BadInput('give one of --port and --site');
    if (values.site !== undefined) return overTheAir(values.site, positionals, said, values.json, terminal);
    if (positionals.length > 0) throw new BadInput(`${positionals[0]} is not understood`);
    const port = required(values.port, '--port');
    const version = await atConsole(port, terminal, (console, questions) =>
      configure(console, said, questions, terminal),
    );
    if (version === undefined) return exit.failed;
    const en = `configuration ${version} is on the node, read back and right; it restarts`;
    const zh = `配置（第 ${version} 版）已写入节点并读回校验；节点重启中`;
    terminal.print(values.json ? JSON.stringify({ port, configuration: version }) : say({ en, zh }, terminal.language));
    return exit.ok;
  },
};

/** The number of the document that is on the node now; undefined when the questions were broken off. */
async function configure(
  console: NodeConsole,
  said: SaidSettings,
  questions: Questions,
  terminal: Terminal,
): Promise<number | undefined> {
  const { chip } = await lookAtChip(console, undefined);
  const files = new NodeFiles(console);
  const document = await configurationFor(chip, said, knownOf(await configurationOn(files)), questions, terminal);
  if (document === undefined) return undefined;
  await putOnNode(files, [configurationFile(document)], showProgress(terminal));
  terminal.status?.('');
  await console.restart();
  return document.version;
}

/** Offers the changes through the gateway of the site; resolves to the exit code. */
async function overTheAir(
  site: string,
  [node, ...more]: readonly string[],
  said: SaidSettings,
  asJson: boolean,
  terminal: Terminal,
): Promise<number> {
  if (node === undefined || more.length > 0) throw new BadInput('name one node');
  const directory = siteOf(site);
  const questions = new Questions(terminal, interruption());
  const changes: NodeChanges = { ...said.others };
  if (said.ssid !== undefined) {
    const password = said.password ?? (await passwordAsked(said.ssid, questions));
    questions.close();
    if (password === undefined) {
      terminal.complain(say({ en: 'nothing was sent', zh: '未下发任何内容' }, terminal.language));
      return exit.failed;
    }
    changes.wifi = checked(nodeSettings.shape.wifi, [said.ssid, password], '--wifi');
  }
  if (Object.keys(changes).length === 0) throw new BadInput('say what is to change, such as --period 300');
  checked(nodeChanges, changes, 'the configuration');
  const route = `/api/v1/nodes/${encodeURIComponent(node)}/configuration`;
  const asked = { method: 'POST', route, body: changes } as const;
  const offered = await askSite(directory, asked, offeredSchema, terminal);
  if (offered === undefined) return exit.failed;
  const en = `configuration ${offered.version} is on offer to ${node}; what becomes of it stands on the page; if it reaches nobody with it, it goes back after about half an hour`;
  const zh = `配置（第 ${offered.version} 版）已下发给 ${node}；结果见页面；若因此连不上，约半小时后自动退回`;
  terminal.print(asJson ? JSON.stringify(offered) : say({ en, zh }, terminal.language));
  if (changes.period !== undefined) await tellOtherPeriods(directory, node, changes.period, terminal);
  return exit.ok;
}

/** A node's period and the "every" of its instruments are changed in two places; whoever changes one is told of the other. */
async function tellOtherPeriods(site: SiteDirectory, node: string, period: number, terminal: Terminal): Promise<void> {
  const picture = await askSite(site, { method: 'GET', route: '/api/v1/picture' }, pictureSchema, terminal);
  const served = picture?.nodes.find(({ id }) => id === node)?.instruments ?? [];
  for (const { id, every } of picture?.instruments ?? []) {
    if (!served.includes(id) || every === null || every === period * 1000) continue;
    const en = `note: the site file says "every": "${every / 1000}s" of ${id}; once the node has the period, write "${period}s" there and restart the gateway, otherwise its minutes are called too thin`;
    const zh = `注意：站点文件中 ${id} 的 "every" 为 "${every / 1000}s"；节点生效后请改为 "${period}s" 并重启网关，否则分钟值会判为采样不足`;
    terminal.complain(say({ en, zh }, terminal.language));
  }
}
