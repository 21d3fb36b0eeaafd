import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { HTTPException } from 'hono/http-exception';
import type { Clock } from '../clock.ts';
import type { Accounts } from './access/accounts.ts';
import { Attempts } from './access/attempts.ts';
import {
  isLocal,
  loggedInOnly,
  roleOnly,
  sameOriginOnly,
  securityHeaders,
  sessionCookie,
  whoAsks,
} from './access/guard.ts';
import { addSessionRoutes } from './access/session-routes.ts';
import { Sessions } from './access/sessions.ts';
import { addClockRoute } from './clock-route.ts';
import type { HttpEvent } from './events.ts';
import { type ApiContext, type ApiEnvironment, faultReporter, faultsOf, refusal } from './faults.ts';
import type { DemandedReads } from './lines/demanded-reads.ts';
import { addReadRoute } from './lines/read-route.ts';
import { addRelayRoute } from './lines/relay-route.ts';
import { addTraceRoutes } from './lines/trace-routes.ts';
import { addNodeRoutes } from './nodes/node-routes.ts';
import { answerFile, type PageFiles } from './page-files.ts';
import { addHealthRoute, addPictureRoutes } from './picture/picture-routes.ts';
import { PictureStream } from './picture/picture-stream.ts';
import type { HttpPorts } from './server.ts';
import { addTableRoute } from './table-route.ts';

interface ApiOptions {
  readonly ports: HttpPorts;
  readonly reads: DemandedReads;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly observe: (event: HttpEvent) => void;
  readonly page: PageFiles;
}

/** The largest request body that is read, bytes. */
const largestBody = 4096;

/** The whole API and the page as Request -> Response, and the stream of pictures, which has to be closed. */
export function createApi(options: ApiOptions): { app: OpenAPIHono<ApiEnvironment>; stream: PictureStream } {
  const { ports, reads, accounts, clock, observe, page } = options;
  const report = faultReporter(observe, clock);
  const sessions = new Sessions(accounts, clock);
  const doors = { accounts, sessions };
  const stream = new PictureStream({ picture: ports.picture, subscribe: ports.subscribe, clock });

  const malformed = (context: ApiContext, faults: readonly { field: string; fault: string; remedy: string }[]) => {
    for (const fault of faults) report(context, fault);
    return refusal(context, 400, ...faults);
  };

  const app = new OpenAPIHono<ApiEnvironment>({
    defaultHook: (result, context) => (result.success ? undefined : malformed(context, faultsOf(result.error))),
  });
  app.use(securityHeaders);
  app.use('/api/*', sameOriginOnly(report));
  app.use('/api/*', async (context, next) => {
    // The HTTP parser reads no more than the stated length, so stating it is all the limit that is needed.
    const open = context.req.header('transfer-encoding') !== undefined;
    const long = Number(context.req.header('content-length') ?? 0) > largestBody;
    return open || long ? malformed(context, [tooLarge]) : next();
  });
  app.onError((error, context) => {
    if (!(error instanceof HTTPException) || error.status >= 500) return ownMistake(context, error, options);
    return malformed(context, [{ field: 'body', fault: error.message, remedy: 'send JSON as application/json' }]);
  });

  addHealthRoute(app, ports);
  app.get('/metrics', metricsDoor(doors), async (context) =>
    context.text(await ports.metrics(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  );
  addSessionRoutes(app, { accounts, sessions, attempts: new Attempts(clock), clock, observe });
  app.use('/api/*', loggedInOnly(doors));
  addPictureRoutes(app, ports, stream);
  addTraceRoutes(app, ports);
  app.use('/api/v1/instruments/:id/read', roleOnly('technician'));
  addReadRoute(app, { picture: ports.picture, reads });
  app.use('/api/v1/instruments/:id/relays/:relay', roleOnly('technician'));
  addRelayRoute(app, ports);
  app.use('/api/v1/clock/time', roleOnly('technician'));
  addClockRoute(app, ports);
  for (const path of ['/api/v1/nodes/adopt', '/api/v1/nodes/:node/forget']) app.use(path, roleOnly('technician'));
  addNodeRoutes(app, ports.nodes, (context) => `page ${context.get('session').account}`);
  addTableRoute(app, ports);
  app.doc31('/api/v1/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Fenceline gateway', version: '1', description: 'What a gateway knows about itself.' },
  });
  app.notFound((context) => answerOther(context, page));
  return { app, stream };
}

/** A mistake of ours: diagnosis is told everything, the one who asked nothing of it. */
function ownMistake(context: ApiContext, error: Error, { observe, clock }: ApiOptions): Response {
  const message = error.stack ?? error.message;
  observe({ kind: 'http-fault', at: clock.wall(), request: `${context.req.method} ${context.req.path}`, message });
  const remedy = 'try again; if it stays, send the log of the gateway to its makers';
  return refusal(context, 500, { field: 'gateway', fault: 'a mistake in the gateway', remedy });
}

const tooLarge = {
  field: 'body',
  fault: `is larger than ${largestBody} bytes, or does not state its length`,
  remedy: 'send less, with a content-length',
};

/** Metrics are for programs on this machine without a login; for others with a session or the read token. */
function metricsDoor(doors: { accounts: Accounts; sessions: Sessions }): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    const header = (name: string): string | undefined => context.req.header(name);
    const allowed =
      isLocal(context.env.address, header) ||
      (await whoAsks({ header, cookie: getCookie(context, sessionCookie) }, doors)) !== null;
    if (allowed) return next();
    const remedy = 'ask from the machine itself, or send Authorization: Bearer with the content of secrets/read-token';
    return refusal(context, 401, { field: 'session', fault: 'not logged in', remedy });
  };
}

function answerOther(context: ApiContext, page: PageFiles): Response {
  const { method, path } = context.req;
  if (path.startsWith('/api/') || (method !== 'GET' && method !== 'HEAD')) {
    const remedy = 'see /api/v1/openapi.json for what there is';
    return refusal(context, 404, { field: 'path', fault: `there is no ${method} ${path.slice(0, 200)}`, remedy });
  }
  const file = answerFile(page, path, context.req.header('if-none-match'));
  if (file !== null) return file;
  return page.has('')
    ? context.text('There is nothing here. The page is at /\n', 404)
    : context.text('The page was not built. Run: npm start, or vite build gateway/page\n', 503);
}
