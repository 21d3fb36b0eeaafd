import { pause, systemClock } from '../../clock.ts';
import { type ReadPicture, readSchema } from '../../http/lines/read-picture.ts';
import { type InstrumentPicture, type Picture, pictureSchema } from '../../http/picture.ts';
import { whereaboutsOf } from '../../page/problems/troubles.ts';
import { wordsOf } from '../../page/words/language.ts';
import type { Sentence } from '../../site/check-site.ts';
import type { SiteDirectory } from '../../site/site-directory.ts';
import { faultLine } from '../fault-lines.ts';
import { askGateway, type SocketAnswer } from '../gateway-socket.ts';
import { bodyOf, noAnswerText } from '../no-answer-text.ts';
import { exit, interruption, say, type Terminal } from '../terminal.ts';
import { type Choice, showRound, showTransaction } from './round.ts';

/** Why there was no asking the gateway: none answers, or its socket's path is too long for one. */
export type NoGateway = 'absent' | 'too-long';

/**
 * Reads an instrument through the gateway that runs on the site, over its socket. Resolves to the exit code, or to why
 * no gateway could be asked, in which case nothing was told.
 */
export async function readThroughGateway(
  directory: SiteDirectory,
  id: string,
  choice: Choice,
  terminal: Terminal,
): Promise<number | NoGateway> {
  const first = await askGateway(directory.socket, 'GET', '/api/v1/picture');
  if (first.kind === 'absent' || first.kind === 'too-long') return first.kind;
  const picture = pictureOf(first);
  if (picture === undefined) return complainOf(first, directory, terminal);
  const instrument = picture.instruments.find((one) => one.id === id);
  if (instrument === undefined || instrument.condition === 'left-out') {
    return refuse(instrument, id, picture, directory, terminal);
  }
  return readRounds(directory, id, choice, terminal);
}

async function readRounds(directory: SiteDirectory, id: string, choice: Choice, terminal: Terminal): Promise<number> {
  const stop = interruption();
  const route = `/api/v1/instruments/${encodeURIComponent(id)}/read`;
  const { every } = choice;
  let values = 0;
  let due: number = systemClock.monotonic();
  do {
    const answer = await askGateway(directory.socket, 'POST', route, stop);
    if (stop.aborted) break;
    const read = readOf(answer);
    if (read !== undefined) values += await showRead(read, directory, choice, terminal);
    else {
      const code = complainOf(answer, directory, terminal);
      // Somebody else's readings, or a line that is busy for a while, end no series of rounds.
      if (every === undefined || answer.kind !== 'answer' || ![429, 504].includes(answer.status)) return code;
    }
    due = Math.max(due + (every ?? 0), systemClock.monotonic());
    if (every !== undefined) await pause(systemClock, due - systemClock.monotonic(), stop);
  } while (every !== undefined && !stop.aborted);
  return values > 0 ? exit.ok : exit.failed;
}

/** Shows a round with what the gateway says about the line after it. */
async function showRead(
  read: ReadPicture,
  { socket }: SiteDirectory,
  choice: Choice,
  terminal: Terminal,
): Promise<number> {
  for (const transaction of read.transactions) showTransaction(transaction, choice, terminal);
  const picture = pictureOf(await askGateway(socket, 'GET', '/api/v1/picture'));
  const instrument = picture?.instruments.find(({ id }) => id === read.instrument);
  const nowhere = { link: '-', settings: '', address: null, exception: null };
  const where = instrument && picture ? whereaboutsOf(instrument, picture.links) : nowhere;
  const linkFault = picture?.links.find(({ id }) => id === where.link)?.fault?.message ?? null;
  return showRound(read, { ...where, linkFault }, choice, terminal);
}

const pictureOf = (answer: SocketAnswer): Picture | undefined => bodyOf(answer, pictureSchema);
const readOf = (answer: SocketAnswer): ReadPicture | undefined => bodyOf(answer, readSchema);

/** The gateway has no such instrument, or does not run it. */
function refuse(
  instrument: InstrumentPicture | undefined,
  id: string,
  { instruments }: Picture,
  { document }: SiteDirectory,
  { complain, language }: Terminal,
): number {
  for (const fault of instrument?.faults ?? []) complain(faultLine({ file: document, ...fault }, language));
  if (instrument !== undefined && instrument.faults.length > 0) return exit.badInput;
  const ids = instruments.map((one) => one.id).join(', ') || '-';
  const en = `the running gateway has no instrument ${id}; it has: ${ids}. A changed site file is taken over when it is restarted`;
  complain(say({ en, zh: `运行中的采集网关没有监测仪器 ${id}；现有：${ids}。修改后的站点文件在重启后生效` }, language));
  return exit.badInput;
}

/** Tells why there is no reading; returns the exit code. */
function complainOf(answer: SocketAnswer, directory: SiteDirectory, terminal: Terminal): number {
  terminal.complain(say(whyNot(answer, directory), terminal.language));
  return exit.failed;
}

function whyNot(answer: SocketAnswer, directory: SiteDirectory): Sentence {
  const status = answer.kind === 'answer' ? answer.status : 0;
  const why = ({ 429: 'tooMany', 503: 'notRunning', 504: 'noTime' } as const)[status];
  if (why === undefined) return noAnswerText(answer, directory, 'read');
  return { en: wordsOf.en.line.noReading[why], zh: wordsOf.zh.line.noReading[why] };
}
