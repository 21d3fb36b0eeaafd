import type { MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { type ApiEnvironment, type FaultReporter, refusal } from '../faults.ts';
import { type Accounts, type Role, roles } from './accounts.ts';
import type { Session, Sessions } from './sessions.ts';

export const sessionCookie = 'fenceline_session';
/** A header that no form and no foreign page can send without asking first. */
const pageHeader = 'x-fenceline';

/** What every answer carries: nothing from elsewhere, no frame around us, no guessing of types. */
export const securityHeaders: MiddlewareHandler<ApiEnvironment> = async (context, next) => {
  await next();
  const headers = context.res.headers;
  headers.set(
    'content-security-policy',
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'",
  );
  headers.set('x-content-type-options', 'nosniff');
  headers.set('x-frame-options', 'DENY');
  headers.set('referrer-policy', 'no-referrer');
  headers.set('cross-origin-resource-policy', 'same-origin');
  headers.set('permissions-policy', 'camera=(), microphone=(), geolocation=()');
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
};

/**
 * Turns away what another site could make a browser send: a change needs our own header, and where the browser says
 * where the request comes from, that must be here. The host header decides nothing else.
 */
export function sameOriginOnly(report: FaultReporter): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    if (context.req.method === 'GET' || context.req.method === 'HEAD') return next();
    const origin = context.req.header('origin');
    const site = context.req.header('sec-fetch-site');
    const foreign = origin !== undefined && hostOf(origin) !== context.req.header('host');
    if (context.req.header(pageHeader) === undefined || foreign || (site !== undefined && site !== 'same-origin')) {
      const fault = `does not come from the gateway's own page`;
      const remedy = `send it from the page, or without a browser with the header ${pageHeader}: page`;
      report(context, { field: 'origin', fault, remedy });
      return refusal(context, 403, { field: 'origin', fault, remedy });
    }
    return next();
  };
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

/** Who asks: by session cookie, or as a viewer by the site's read token. */
export async function whoAsks(
  request: { header(name: string): string | undefined; cookie: string | undefined },
  { accounts, sessions }: { accounts: Accounts; sessions: Sessions },
): Promise<Session | null> {
  if (request.cookie !== undefined) {
    const session = await sessions.use(request.cookie);
    if (session !== null) return session;
  }
  const bearer = /^Bearer (\S+)$/i.exec(request.header('authorization') ?? '')?.[1];
  return bearer !== undefined && accounts.isReadToken(bearer) ? { account: 'read-token', role: 'viewer' } : null;
}

/** Lets only those in who are logged in or hold the read token. */
export function loggedInOnly(doors: { accounts: Accounts; sessions: Sessions }): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    const cookie = getCookie(context, sessionCookie);
    const request = { header: (name: string) => context.req.header(name), cookie };
    const ask = (): Promise<Session | null> => whoAsks(request, doors);
    const session = await ask();
    if (session === null) {
      const remedy = 'log in on the page, or send Authorization: Bearer with the content of secrets/read-token';
      return refusal(context, 401, { field: 'session', fault: 'not logged in', remedy });
    }
    context.set('session', session);
    context.set('stillAllowed', async () => (await ask()) !== null);
    return next();
  };
}

/** Lets only those on who have this role or one above it. Stands behind {@link loggedInOnly}. */
export function roleOnly(least: Role): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    const { account, role } = context.get('session');
    if (roles.indexOf(role) >= roles.indexOf(least)) return next();
    const remedy = `log in as a ${least} or administrator`;
    return refusal(context, 403, { field: 'role', fault: `${account} may look but not do this`, remedy });
  };
}

/** Whether a request was made on this machine itself, by a program and not through a proxy or a foreign web page. */
export function isLocal(address: string, header: (name: string) => string | undefined): boolean {
  const loopback = /^(?:::1|(?:::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address);
  const forwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => header(name) !== undefined);
  return loopback && !forwarded && header('sec-fetch-site') === undefined;
}
