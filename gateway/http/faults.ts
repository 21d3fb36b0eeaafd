import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Session } from './access/sessions.ts';
import type { HttpEvent } from './events.ts';

/** What hono hands from one step of an answer to the next. */
export interface ApiEnvironment {
  Bindings: { address: string };
  Variables: { session: Session; stillAllowed: () => Promise<boolean> };
}
export type ApiContext = Context<ApiEnvironment>;

/** What is wrong with a request: where, what, and what to send instead. */
const requestFault = z.object({ field: z.string(), fault: z.string(), remedy: z.string() });
export type RequestFault = z.infer<typeof requestFault>;

/** The answer to every request that is turned down. */
export const refusalSchema = z
  .object({
    faults: z.array(requestFault),
    /** Seconds until the next try may be made. */
    wait: z.int().positive().optional(),
  })
  .meta({ id: 'Refusal', description: 'Why a request was turned down, and what to do' });

export type FaultReporter = (context: ApiContext, fault: RequestFault) => void;

/** Tells diagnosis of requests that are not what they should be. */
export function faultReporter(observe: (event: HttpEvent) => void, clock: Clock): FaultReporter {
  return (context, fault) =>
    observe({
      kind: 'http-malformed',
      at: clock.wall(),
      from: context.env.address,
      request: `${context.req.method} ${context.req.path}`.slice(0, 200),
      ...fault,
    });
}

export function refusal<Status extends ContentfulStatusCode>(
  context: ApiContext,
  status: Status,
  ...faults: readonly RequestFault[]
) {
  return context.json({ faults: [...faults] }, status);
}

/** Turns a request for something away that this site does not have, and tells what it has. */
export function noSuch(context: ApiContext, what: 'instrument' | 'link', id: string, known: readonly { id: string }[]) {
  const ids = known.map((one) => one.id);
  const remedy = ids.length === 0 ? `this site has no ${what}` : `ask for one of: ${ids.join(', ')}`;
  return refusal(context, 404, { field: 'id', fault: `there is no ${what} ${id}`, remedy });
}

/** What to send for each field that a request can hold. */
const expected: Readonly<Record<string, string>> = {
  account: 'the name of an account, at most 64 characters',
  after: 'the number of a transaction, 0 or more',
  code: 'the set-up code that the gateway shows in its terminal and keeps in secrets/setup-code',
  id: 'the id of an instrument or link of this site',
  lang: 'zh or en',
  limit: 'a whole number from 1 to 1000 for records, to 200 for transactions',
  password: 'a password of 8 to 200 characters',
  point: 'the id of a monitoring point, at most 64 characters',
};

/** The faults of a parsed request, one for each thing zod found. */
export function faultsOf(error: z.core.$ZodError): RequestFault[] {
  return error.issues.slice(0, 10).map((issue) => {
    const field = issue.path.join('.') || 'body';
    return { field, fault: issue.message, remedy: `send ${expected[field] ?? 'what /api/v1/openapi.json describes'}` };
  });
}
