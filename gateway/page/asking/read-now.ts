import type { ReadPicture } from '../../http/lines/read-picture.ts';
import type { Words } from '../words/words.ts';

/** What came of asking for a reading: the reading, or why there is none. */
export type ReadAnswer =
  | { readonly kind: 'read'; readonly read: ReadPicture }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'unreachable' };

/** Asks the gateway to read an instrument now. It answers within half a minute. */
export async function readNow(instrument: string): Promise<ReadAnswer> {
  try {
    const path = `/api/v1/instruments/${encodeURIComponent(instrument)}/read`;
    const answer = await fetch(path, { method: 'POST', headers: { 'x-fenceline': 'page' } });
    return answer.ok ? { kind: 'read', read: await answer.json() } : { kind: 'refused', status: answer.status };
  } catch {
    return { kind: 'unreachable' };
  }
}

/** Why there is no reading, in words. */
export function refusalText(answer: Exclude<ReadAnswer, { kind: 'read' }>, words: Words): string {
  if (answer.kind === 'unreachable') return words.gatewayUnreachable;
  const { notAllowed, leftOut, tooMany, notRunning, noTime } = words.line.noReading;
  const why: Readonly<Record<number, string>> = {
    403: notAllowed,
    409: leftOut,
    429: tooMany,
    503: notRunning,
    504: noTime,
  };
  return why[answer.status] ?? words.requestFailed;
}
