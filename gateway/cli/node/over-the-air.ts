import { refusalSchema } from '../../http/faults.ts';
import { type Offered, offeredSchema } from '../../http/nodes/offer-routes.ts';
import { type NodePicture, pictureSchema } from '../../http/picture.ts';
import type { SiteDirectory } from '../../site/site-directory.ts';
import { askGateway } from '../gateway-socket.ts';
import { bodyOf, noAnswerText } from '../no-answer-text.ts';
import { say, type Terminal } from '../terminal.ts';

/** Asks the running gateway to offer something; undefined when it did not, which has been said. */
export async function offer(
  directory: SiteDirectory,
  route: string,
  body: object,
  terminal: Terminal,
): Promise<Offered | undefined> {
  const { complain, language } = terminal;
  const answer = await askGateway(directory.socket, 'POST', route, undefined, body);
  const offered = bodyOf(answer, offeredSchema);
  if (offered !== undefined) return offered;
  if (answer.kind === 'absent' || answer.kind === 'too-long') {
    const next = `fenceline run --site ${directory.root}`;
    const en = `no gateway runs on ${directory.root}: over the air only a running one reaches its nodes; start it: ${next}`;
    complain(
      say(
        { en, zh: `${directory.root} 上没有运行采集网关：只有运行中的网关才能连上节点；请先启动：${next}` },
        language,
      ),
    );
    return undefined;
  }
  const refused = answer.kind === 'answer' ? refusalSchema.safeParse(answer.body) : undefined;
  if (refused?.success)
    for (const { field, fault, remedy } of refused.data.faults) complain(`${field}: ${fault}; ${remedy}`);
  else complain(say(noAnswerText(answer, directory, 'node'), language));
  return undefined;
}

/** The nodes as the running gateway has them; undefined when it does not answer, which has been said. */
export async function nodesOf(
  directory: SiteDirectory,
  terminal: Terminal,
  stop: AbortSignal,
): Promise<readonly NodePicture[] | undefined> {
  const answer = await askGateway(directory.socket, 'GET', '/api/v1/picture', stop);
  const picture = bodyOf(answer, pictureSchema);
  if (picture !== undefined) return picture.nodes;
  if (!stop.aborted) terminal.complain(say(noAnswerText(answer, directory, 'node'), terminal.language));
  return undefined;
}
