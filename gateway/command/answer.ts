import type { Reply } from '../contract/reply.ts';
import type { Json } from '../record/record.ts';
import type { Done, Refusal } from './command-kind.ts';

/** What can be said of a command. */
export type Saying = { readonly outcome: 'accepted' } | Done | Refusal;

/** The reply to a command. `at` and `site`: when it is written, and under which site version. */
export function replyTo(
  asked: { readonly id: string | null; readonly replyTo?: string | undefined },
  what: Saying,
  at: string,
  site: string,
): Reply {
  const head = { v: 1, id: asked.id, at, outcome: what.outcome, site } as const;
  const whole = asked.replyTo === undefined ? head : { ...head, replyTo: asked.replyTo };
  if (what.outcome === 'accepted') return whole;
  if (what.outcome === 'done') return { ...whole, result: { ...what.result } };
  const { reason, detail, remedy, faults } = what;
  const why = { reason, detail: detail.slice(0, 2000), remedy: remedy.slice(0, 2000) };
  return {
    ...whole,
    ...why,
    ...(faults === undefined ? {} : { faults: faults.slice(0, 50).map((one) => ({ ...one })) }),
  };
}

/** Bytes of JSON that a record of a command holds at most of what was asked or given back. */
const mostTold = 2000;

/** What a record says of an outcome. */
export function told(what: Done | Refusal): Json {
  if (what.outcome === 'done') return short(what.result);
  const { reason, detail, faults } = what;
  return short({ reason, detail: detail.slice(0, 1000), ...(faults && { faults: faults.map((one) => ({ ...one })) }) });
}

/** The value, or null where it is too long for a record. */
export function short(value: Json): Json {
  return JSON.stringify(value).length > mostTold ? null : value;
}
