import type { LinkPicture, Picture, SlavePicture, TracePicture, TransactionPicture } from '../http/picture.ts';
import { countText } from './format.ts';
import type { Words } from './words/words.ts';

/** Milliseconds to a tenth. */
export function timeText(milliseconds: number): string {
  return `${Math.round(milliseconds * 10) / 10} ms`;
}

/** The bytes of one direction, cut ones told; a dash where there are none. */
export function bytesShown(hex: string, all: number, words: Words): string {
  const shown = hex === '' ? 0 : (hex.length + 1) / 3;
  if (shown === 0) return '-';
  return all > shown ? `${hex} … ${words.line.moreBytes(all - shown)}` : hex;
}

/** Bytes that came within the transaction: those of a late answer came before it. */
export function cameIn({ bytesReceived, late }: TransactionPicture): number {
  return bytesReceived - late;
}

/** How a transaction ended, in words. */
export function outcomeText({ outcome, exception }: TransactionPicture, words: Words): string {
  return exception === null ? words.outcome[outcome] : words.line.exception(words.outcome[outcome], exception);
}

/** Its times and lengths, one fact each. */
export function figuresOf(transaction: TransactionPicture, { line }: Words): string[] {
  const { firstByte, lastByte, longestGap, expected, duration } = transaction;
  return [
    ...(firstByte === null ? [] : [line.firstByte(timeText(firstByte))]),
    ...(lastByte === null ? [] : [line.lastByte(timeText(lastByte))]),
    ...(longestGap === null ? [] : [line.longestGap(timeText(longestGap))]),
    line.bytesCame(cameIn(transaction), expected),
    // One who talks unasked is not waited for.
    ...(transaction.sent === '' ? [] : [line.inAll(timeText(duration))]),
  ];
}

/** What was on the line besides the request and its answer, one fact each. */
export function besides({ junkBefore, junkAfter, echoed, late }: TransactionPicture, { line }: Words): string[] {
  return [
    ...(junkBefore > 0 ? [line.junkBefore(junkBefore)] : []),
    ...(junkAfter > 0 ? [line.junkAfter(junkAfter)] : []),
    ...(echoed > 0 ? [line.echoed(echoed)] : []),
    ...(late > 0 ? [line.late(late)] : []),
  ];
}

/** One transaction as a block of lines. */
export function transactionText(transaction: TransactionPicture, words: Words): string {
  const { number, at, instrument, address, generation, sent, received, bytesSent } = transaction;
  const { line } = words;
  const facts = [outcomeText(transaction, words), ...figuresOf(transaction, words), ...besides(transaction, words)];
  return [
    `#${number}  ${at}  ${[instrument ?? line.search, line.slave(address), line.connection(generation)].join(', ')}`,
    `> ${bytesShown(sent, bytesSent, words)}`,
    `< ${bytesShown(received, cameIn(transaction), words)}`,
    `  ${line.facts(facts)}`,
  ].join('\n');
}

/** Everything held of a line as text that a technician can save and send: who, which settings, how it went, the bytes. */
export function traceText(trace: TracePicture, { gateway, links }: Picture, words: Words): string {
  const { text, named } = words.line;
  const link = links.find(({ id }) => id === trace.link);
  const count = (number: number): string => countText(number, words);
  return [
    text.title,
    named(words.gateway, gateway.id),
    named(text.version, gateway.version),
    named(text.line, link === undefined ? trace.link : lineText(link, words)),
    named(text.timezone, gateway.timezone),
    named(text.madeAt, gateway.now),
    text.held(count(trace.transactions.length), count(trace.total), trace.startedAt),
    '',
    ...(link?.slaves ?? []).flatMap((slave) => slaveText(slave, words)),
    ...trace.transactions.map((one) => `\n${transactionText(one, words)}`),
    '',
  ].join('\n');
}

function lineText({ id, kind, settings, address, state }: LinkPicture, words: Words): string {
  return [id, words.linkKind[kind], settings, address, words.linkState[state]].join(', ');
}

function slaveText({ address, instruments, total, recent, response }: SlavePicture, words: Words): string[] {
  const { line } = words;
  const tallied = ({ outcomes, junk, echoes, late }: SlavePicture['total']): string =>
    line.facts([
      ...Object.entries(outcomes).map(
        ([outcome, count]) => `${words.outcome[outcome as keyof typeof outcomes]} ${count}`,
      ),
      ...(junk > 0 ? [`${line.junkBytes} ${junk}`] : []),
      ...(echoes > 0 ? [`${line.echoes} ${echoes}`] : []),
      ...(late > 0 ? [`${line.lateAnswers} ${late}`] : []),
    ]);
  const times = response === null ? [] : [`${line.response} ${responseText(response, words)}`];
  return [
    `${line.slave(address)} (${instruments.join(', ')})`,
    `  ${line.named(line.text.lastRequests(recent.requests), line.facts([tallied(recent), ...times]))}`,
    `  ${line.named(line.text.sinceStart(countText(total.requests, words)), tallied(total))}`,
  ];
}

/** Median and largest of answer times. */
export function responseText({ median, largest }: NonNullable<SlavePicture['response']>, { line }: Words): string {
  return line.responseOf(timeText(median), timeText(largest));
}
