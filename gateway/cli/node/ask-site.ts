import { statSync } from 'node:fs';
import { refusalSchema } from '../../http/faults.ts';
import { type SiteDirectory, siteDirectory } from '../../site/site-directory.ts';
import { askGateway } from '../gateway-socket.ts';
import { bodyOf, noAnswerText } from '../no-answer-text.ts';
import { BadInput, required, say, type Terminal } from '../terminal.ts';

/** The directory that `--site` names; {@link BadInput} where there is none. */
export function siteOf(path: string | undefined): SiteDirectory {
  const directory = siteDirectory(required(path, '--site'));
  if (!statSync(directory.root, { throwIfNoEntry: false })?.isDirectory()) {
    throw new BadInput(`${directory.root} is no directory`);
  }
  return directory;
}

/** Asks the gateway that runs on a site; undefined, and told why, where it gives no answer of this kind. */
export async function askSite<Body>(
  directory: SiteDirectory,
  asked: { readonly method: 'GET' | 'POST'; readonly route: string; readonly body?: object },
  schema: { safeParse(body: unknown): { success: true; data: Body } | { success: false } },
  { language, complain }: Terminal,
): Promise<Body | undefined> {
  const answer = await askGateway(directory.socket, asked.method, asked.route, undefined, asked.body);
  const body = bodyOf(answer, schema);
  if (body !== undefined) return body;
  if (answer.kind === 'absent' || answer.kind === 'too-long') {
    const en = `no gateway runs on ${directory.root}: nodes are heard by the running gateway alone; start it: fenceline run --site ${directory.root}`;
    const zh = `${directory.root} 的采集网关未运行，只有运行中的网关能收到节点；请先启动：fenceline run --site ${directory.root}`;
    complain(say({ en, zh }, language));
    return undefined;
  }
  const refused = answer.kind === 'answer' ? refusalSchema.safeParse(answer.body) : undefined;
  if (refused?.success) for (const { fault, remedy } of refused.data.faults) complain(`${fault}; ${remedy}`);
  else complain(say(noAnswerText(answer, directory, 'node'), language));
  return undefined;
}
