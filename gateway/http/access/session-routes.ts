import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import type { HttpEvent } from '../events.ts';
import { type ApiContext, type ApiEnvironment, refusal, refusalSchema } from '../faults.ts';
import { type Account, type Accounts, administrator, passwordFault, roles } from './accounts.ts';
import type { Attempts } from './attempts.ts';
import { sessionCookie } from './guard.ts';
import { longestPassword } from './password.ts';
import { ageLimit, type Sessions } from './sessions.ts';

interface SessionRoutesOptions {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly attempts: Attempts;
  readonly clock: Clock;
  readonly observe: (event: HttpEvent) => void;
}

/** How the one who asks stands: who they are, or what has to happen before they can be somebody. */
const sessionSchema = z
  .object({
    state: z.enum(['set-up', 'logged-out', 'logged-in', 'unreadable']),
    account: z.string().optional(),
    role: z.enum(roles).optional(),
  })
  .meta({ id: 'Session', description: 'set-up: no password exists yet; unreadable: the account file is damaged' });
export type SessionAnswer = z.infer<typeof sessionSchema>;

const loginBody = z.strictObject({
  account: z.string().min(1).max(64).default(administrator),
  password: z.string().min(1).max(longestPassword),
});

const setUpBody = z.strictObject({
  code: z.string().min(1).max(64),
  password: z.string().superRefine((password, context) => {
    const fault = passwordFault(password);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  }),
});

const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });
const refused = (description: string) => ({ description, content: json(refusalSchema) });

const answers = {
  200: { description: 'Logged in; the session is in a cookie', content: json(sessionSchema) },
  400: refused('Malformed'),
  401: refused('Wrong password or code'),
  403: refused('Does not come from the page'),
  409: refused('Not possible now'),
  429: refused('Too many tries; wait'),
};

const showRoute = createRoute({
  method: 'get',
  path: '/api/v1/session',
  summary: 'How the one who asks stands',
  responses: { 200: { description: 'The session', content: json(sessionSchema) } },
});

const loginRoute = createRoute({
  method: 'post',
  path: '/api/v1/session',
  summary: 'Log in',
  request: { body: { required: true, content: json(loginBody) } },
  responses: answers,
});

const setUpRoute = createRoute({
  method: 'post',
  path: '/api/v1/set-up',
  summary: "Set the administrator's first password with the set-up code",
  request: { body: { required: true, content: json(setUpBody) } },
  responses: answers,
});

const logoutRoute = createRoute({
  method: 'delete',
  path: '/api/v1/session',
  summary: 'Log out',
  responses: { 200: { description: 'Logged out', content: json(sessionSchema) }, 403: refused('Not from the page') },
});

/** The answers that every door gives alike. */
function doorAnswers({ sessions, attempts, clock, observe }: SessionRoutesOptions) {
  const told = (context: ApiContext, why: 'wrong' | 'too-many-tries'): void =>
    observe({ kind: 'http-login-refused', at: clock.wall(), from: context.env.address, why });
  return {
    enter(context: ApiContext, account: Account): SessionAnswer {
      const before = getCookie(context, sessionCookie);
      if (before !== undefined) sessions.close(before);
      // No `Secure`: the page is served in the clear on the site's own network, where no certificate can be had.
      const cookie = { httpOnly: true, sameSite: 'Strict', path: '/', maxAge: ageLimit / 1000 } as const;
      setCookie(context, sessionCookie, sessions.open(account), cookie);
      attempts.succeeded(context.env.address);
      return { state: 'logged-in', account: account.name, role: account.role };
    },
    tooMany(context: ApiContext, wait: number) {
      told(context, 'too-many-tries');
      const seconds = Math.ceil(wait / 1000);
      context.header('retry-after', String(seconds));
      const fault = { field: 'password', fault: 'too many wrong tries', remedy: `try again in ${seconds} s` };
      return context.json({ faults: [fault], wait: seconds }, 429);
    },
    wrong(context: ApiContext, field: 'password' | 'code', remedy: string) {
      told(context, 'wrong');
      return refusal(context, 401, { field, fault: 'is wrong', remedy });
    },
  };
}

/** Adds the doors: who am I, log in, log out, first password. */
export function addSessionRoutes(app: OpenAPIHono<ApiEnvironment>, options: SessionRoutesOptions): void {
  const { accounts, sessions } = options;

  app.openapi(showRoute, async (context) => {
    const cookie = getCookie(context, sessionCookie);
    const session = cookie === undefined ? null : await sessions.use(cookie);
    if (session !== null) return context.json({ state: 'logged-in' as const, ...session }, 200);
    const { state } = await accounts.condition();
    return context.json({ state: state === 'ready' ? ('logged-out' as const) : state }, 200);
  });

  app.openapi(logoutRoute, (context) => {
    const cookie = getCookie(context, sessionCookie);
    if (cookie !== undefined) sessions.close(cookie);
    deleteCookie(context, sessionCookie, { path: '/' });
    return context.json({ state: 'logged-out' as const }, 200);
  });

  addLogin(app, options);
  addSetUp(app, options);
}

function addLogin(app: OpenAPIHono<ApiEnvironment>, options: SessionRoutesOptions): void {
  const { accounts, attempts, clock, observe } = options;
  const { enter, tooMany, wrong } = doorAnswers(options);
  app.openapi(loginRoute, async (context) => {
    const { state } = await accounts.condition();
    if (state !== 'ready') {
      const [fault, remedy] =
        state === 'set-up'
          ? ['no password is set yet', 'set one with the set-up code']
          : ['the account file is damaged', 'on the machine, run: fenceline password'];
      return refusal(context, 409, { field: 'password', fault, remedy });
    }
    const wait = attempts.begin(context.env.address);
    if (wait > 0) return tooMany(context, wait);
    const { account: name, password } = context.req.valid('json');
    const account = await accounts.check(name, password);
    if (account === null) {
      return wrong(context, 'password', 'try again; who has the machine can run: fenceline password');
    }
    observe({ kind: 'http-login', at: clock.wall(), from: context.env.address, account: account.name });
    return context.json(enter(context, account), 200);
  });
}

function addSetUp(app: OpenAPIHono<ApiEnvironment>, options: SessionRoutesOptions): void {
  const { accounts, attempts, clock, observe } = options;
  const { enter, tooMany, wrong } = doorAnswers(options);
  app.openapi(setUpRoute, async (context) => {
    const wait = attempts.begin(context.env.address);
    if (wait > 0) return tooMany(context, wait);
    const { code, password } = context.req.valid('json');
    const result = await accounts.setUp(code, password);
    if (result === 'wrong-code') {
      return wrong(context, 'code', "read it in the gateway's terminal or in secrets/setup-code of the site directory");
    }
    if (result === 'already-set') {
      return refusal(context, 409, { field: 'code', fault: 'a password is set already', remedy: 'log in with it' });
    }
    observe({ kind: 'http-password-set', at: clock.wall(), from: context.env.address, account: result.name });
    return context.json(enter(context, result), 200);
  });
}
