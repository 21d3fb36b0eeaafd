import { pause, systemClock } from '../../clock.ts';
import { adlerSum } from '../../driver/node/offers/adler-sum.ts';
import { offeredSchema } from '../../http/nodes/offer-routes.ts';
import { type NodePicture, pictureSchema } from '../../http/picture.ts';
import { percentText } from '../../page/format.ts';
import { wordsOf } from '../../page/words/language.ts';
import type { SiteDirectory } from '../../site/site-directory.ts';
import { BadInput, type Command, exit, interruption, parseArguments, say, type Terminal } from '../terminal.ts';
import { askSite, siteOf } from './ask-site.ts';
import { type FirmwareFiles, firmwareDirectory, readFirmware } from './firmware-files.ts';

const help = `fenceline node update --site DIR NODE… [--wait] [--json]
fenceline node update --site DIR --all [--wait] [--json]

Offers the compiled firmware to nodes over the air, through the gateway that runs on the site. A node fetches it in
pieces, checks it, restarts, and goes back to what it had unless it reaches the gateway with it in three starts. A node
that is away is offered it when it comes back. With --all, one node is updated at a time, and as soon as one goes back
the others are left alone.

  --site DIR      the site directory
  --all           every node of the site
  --wait          stay and show how far it is, until it is decided for all; Ctrl-C ends the watching, not the update
  --firmware DIR  firmware that was compiled elsewhere; without it edge/node/dist
  --json          print one JSON object

Exit code: 0 when it is on offer, with --wait when it runs on all of them; 1 when not; 2 when the arguments are wrong.

  fenceline node update --site /var/lib/fenceline dust-gate --wait`;

/** Milliseconds from one look to the next. */
const lookEvery = 2000;
const decided = ['runs', 'refused', 'rolled-back', 'failed', 'held'];

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(args, {
      site: { type: 'string' },
      all: { type: 'boolean', default: false },
      wait: { type: 'boolean', default: false },
      firmware: { type: 'string', default: firmwareDirectory },
      json: { type: 'boolean', default: false },
    });
    const directory = siteOf(values.site);
    if (values.all === positionals.length > 0) throw new BadInput('name the nodes, or say --all');
    const wrong = positionals.find((id) => !/^[a-z0-9-]{1,24}$/.test(id));
    if (wrong !== undefined) throw new BadInput(`${wrong} is no node id`);
    const firmware = readFirmware(values.firmware);
    if ('fault' in firmware) {
      terminal.complain(say(firmware.fault, terminal.language));
      return exit.failed;
    }
    const body = { firmware: offeredOf(firmware), ...(values.all ? {} : { nodes: positionals }) };
    const asked = { method: 'POST', route: '/api/v1/nodes/update', body } as const;
    const offered = await askSite(directory, asked, offeredSchema, terminal);
    if (offered === undefined) return exit.failed;
    const { nodes } = offered;
    const en = `firmware ${firmware.version} is on offer to ${nodes.join(', ')}`;
    if (!values.json)
      terminal.print(say({ en, zh: `固件 ${firmware.version} 已下发给 ${nodes.join('、')}` }, terminal.language));
    if (!values.json && offered.already?.length) {
      const running = offered.already.join(', ');
      const told = { en: `${running} runs it already`, zh: `${running} 已运行该版本` };
      terminal.complain(say(told, terminal.language));
    }
    const updates = values.wait ? await watch(directory, nodes, terminal) : undefined;
    if (values.json) terminal.print(JSON.stringify({ ...offered, ...(updates && { updates }) }));
    if (!values.wait) return exit.ok;
    return updates?.length === nodes.length && updates.every(({ state }) => state === 'runs') ? exit.ok : exit.failed;
  },
};

/** As the gateway takes it. */
export function offeredOf({ version, files }: FirmwareFiles): object {
  return {
    version,
    files: files.map(({ name, bytes }) => ({
      ...{ name, size: bytes.length, sum: adlerSum(bytes) },
      content: Buffer.from(bytes).toString('base64'),
    })),
  };
}

interface Watched {
  readonly node: string;
  readonly state: NonNullable<NodePicture['update']>['state'];
}

/** Says what becomes of it, each time that is something else, until it is decided for all of them. */
async function watch(directory: SiteDirectory, ids: readonly string[], terminal: Terminal): Promise<Watched[]> {
  const stop = interruption();
  const asked = { method: 'GET', route: '/api/v1/picture' } as const;
  const said = new Map<string, string>();
  for (;;) {
    const nodes = (await askSite(directory, asked, pictureSchema, terminal))?.nodes;
    const wanted = nodes?.filter(({ id }) => ids.includes(id)) ?? [];
    for (const node of wanted) show(node, said, terminal);
    const states = wanted.flatMap(({ id, update }) => (update ? [{ node: id, state: update.state }] : []));
    if (nodes === undefined || stop.aborted || states.every(({ state }) => decided.includes(state))) {
      terminal.status?.('');
      return states;
    }
    await pause(systemClock, lookEvery, stop);
  }
}

function show({ id, update }: NodePicture, said: Map<string, string>, { status, complain, language }: Terminal): void {
  if (update === null) return;
  const { state, version, done, of, why } = update;
  const words = wordsOf[language].nodes;
  const text = `${id}: ${words.update[state](version, percentText(of === 0 ? 0 : done / of))}${why === null ? '' : ` (${why})`}`;
  if (state === 'sending') status?.(text);
  if (said.get(id) === state) return;
  said.set(id, state);
  complain(text);
}
