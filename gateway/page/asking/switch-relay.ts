import type { Words } from '../words/words.ts';

/** What came of an order to a relay. */
export type SwitchAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly field: string }
  | { readonly kind: 'unreachable' };

/** Switches a relay: on for so many seconds, or off with null. */
export async function switchRelay(instrument: string, relay: string, seconds: number | null): Promise<SwitchAnswer> {
  const path = `/api/v1/instruments/${encodeURIComponent(instrument)}/relays/${encodeURIComponent(relay)}`;
  const headers = { 'content-type': 'application/json', 'x-fenceline': 'page' };
  const body = JSON.stringify(seconds === null ? { on: false } : { on: true, seconds });
  try {
    const answer = await fetch(path, { method: 'POST', headers, body });
    if (answer.ok) return { kind: 'done' };
    return { kind: 'refused', field: (await answer.json()).faults?.[0]?.field ?? '' };
  } catch {
    return { kind: 'unreachable' };
  }
}

/** Why it was not switched, in words; empty when it was. */
export function notSwitchedText(answer: SwitchAnswer, words: Words): string {
  if (answer.kind === 'done') return '';
  if (answer.kind === 'unreachable') return words.gatewayUnreachable;
  return words.board.refused[answer.field] ?? words.requestFailed;
}

const choices = [10, 30, 60, 120, 300, 600, 1800, 3600, 4 * 3600, 12 * 3600];

/** How long a relay can be asked to be on, in seconds: round lengths up to its longest, and that itself. */
export function lengthsOf(longest: number): number[] {
  return [...choices.filter((seconds) => seconds < longest), longest].slice(-6);
}

/** A length of time as people say it. */
export function lengthText(seconds: number, { board }: Words): string {
  if (seconds % 3600 === 0) return board.hours(seconds / 3600);
  return seconds % 60 === 0 ? board.minutes(seconds / 60) : board.seconds(seconds);
}
