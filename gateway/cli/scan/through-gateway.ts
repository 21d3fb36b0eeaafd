import { systemClock } from '../../clock.ts';
import { answeredSchema, askRefusedSchema } from '../../http/lines/ask-route.ts';
import { type Picture, pictureSchema } from '../../http/picture.ts';
import { characterTimeOf, lineOf } from '../../link/settings.ts';
import type { Ask, AskRefusal } from '../../scan/question.ts';
import { Scan } from '../../scan/scan.ts';
import type { SiteDirectory } from '../../site/site-directory.ts';
import { askGateway } from '../gateway-socket.ts';
import { bodyOf, noAnswerText } from '../no-answer-text.ts';
import { exit, say, type Terminal } from '../terminal.ts';
import type { OtherMaster, Search, Searched } from './search.ts';
import { type Target, targetText } from './target.ts';
import { ScanProgress } from './words/progress.ts';

/** Why the gateway is not asked: none answers; its socket's path is too long; it does not use the line. */
type NotThroughGateway = 'absent' | 'too-long' | 'unused';

/** A question was not answered; the gateway says why, or does not answer itself. */
class GatewayRefused extends Error {
  readonly reason: AskRefusal;

  constructor(reason: AskRefusal, message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * Searches a line through the gateway that runs on the site: its polls go first, and the instruments that it polls are
 * left alone. Resolves to an exit code where the gateway answers nothing of use, which is then told.
 */
export async function searchThroughGateway(
  target: Target,
  search: Search,
  directory: SiteDirectory,
  terminal: Terminal,
): Promise<Searched | NotThroughGateway | number> {
  const first = await askGateway(directory.socket, 'GET', '/api/v1/picture');
  if (first.kind === 'absent' || first.kind === 'too-long') return first.kind;
  const picture = bodyOf(first, pictureSchema);
  if (picture === undefined) {
    terminal.complain(say(noAnswerText(first, directory, 'scan'), terminal.language));
    return exit.failed;
  }
  const polled = polledOn(picture, target);
  if (polled.length === 0) return 'unused';
  const skipped = polled.flatMap(({ address }) => address ?? []);
  terminal.complain(say(words.through(target.id), terminal.language));
  const progress = new ScanProgress(targetText(target), terminal, systemClock);
  const scan = new Scan({
    ...search,
    addresses: search.addresses.filter((address) => !skipped.includes(address)),
    ask: askThrough(directory, target.id, search.signal),
    clock: systemClock,
    framing: target.settings.kind === 'tcp' ? target.settings.framing : 'modbus-rtu',
    characterTime: characterTimeOf(lineOf(target.settings)),
    observe: progress.observe,
  });
  const report = await scan.run();
  progress.end();
  const after = bodyOf(await askGateway(directory.socket, 'GET', '/api/v1/picture'), pictureSchema);
  return { report, otherMaster: otherMasterIn(after ?? picture, target.id), skipped, meters: null };
}

/** True where a gateway runs on the site and polls instruments on the line. */
export async function isPolled(target: Target, { socket }: SiteDirectory): Promise<boolean> {
  const picture = bodyOf(await askGateway(socket, 'GET', '/api/v1/picture'), pictureSchema);
  return picture !== undefined && polledOn(picture, target).length > 0;
}

function polledOn({ instruments }: Picture, { id }: Target): Picture['instruments'] {
  return instruments.filter(({ link, condition }) => link === id && condition !== 'left-out');
}

function askThrough(directory: SiteDirectory, link: string, signal: AbortSignal): Ask {
  const route = `/api/v1/links/${encodeURIComponent(link)}/ask`;
  return async (question) => {
    const answer = await askGateway(directory.socket, 'POST', route, signal, question);
    const answered = bodyOf(answer, answeredSchema);
    if (answered) return { ...answered, data: answered.data === null ? null : Buffer.from(answered.data, 'hex') };
    const refused = bodyOf(answer, askRefusedSchema, 409);
    const message = refused?.faults[0]?.fault ?? noAnswerText(answer, directory, 'scan').en;
    throw new GatewayRefused((refused?.reason ?? 'gateway') as AskRefusal, message);
  };
}

function otherMasterIn({ links }: Picture, id: string): OtherMaster | null {
  const silence = links.find((link) => link.id === id)?.silence;
  return silence?.state === 'other-master' ? { asked: silence.asked, answering: null } : null;
}

const words = {
  through: (id: string) => ({
    en: `${id}: searched through the running gateway; its polls go first, and the addresses that it polls are left alone`,
    zh: `${id}：通过运行中的采集网关查找；轮询优先，已轮询的地址不再询问`,
  }),
} as const;
