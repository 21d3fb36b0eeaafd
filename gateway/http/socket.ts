import { OpenAPIHono } from '@hono/zod-openapi';
import type { Clock } from '../clock.ts';
import type { HttpEvent } from './events.ts';
import { type ApiEnvironment, faultsOf, refusal } from './faults.ts';
import { type ListenFault, listenOnSocket } from './hono-node-server.ts';
import { addKeyRoute, type KeyPorts } from './key-route.ts';
import { type AskPorts, addAskRoute } from './lines/ask-route.ts';
import { addReadRoute, type ReadPorts } from './lines/read-route.ts';
import { addNodeRoutes, type NodePorts } from './nodes/node-routes.ts';
import { addNodeOfferRoutes, type NodeOfferPorts } from './nodes/offer-routes.ts';

interface SocketOptions extends ReadPorts, AskPorts, KeyPorts {
  /** What is offered to nodes; absent where the site has none. */
  readonly nodeOffers?: NodeOfferPorts | undefined;
  /** Where the socket stands: in the site directory. */
  readonly path: string;
  /** Sensor nodes; undefined where the site has no link to any. */
  readonly nodes?: NodePorts | undefined;
  readonly clock: Clock;
  readonly observe: (event: HttpEvent) => void;
}

/**
 * What the gateway does for whoever owns its site directory, as Request -> Response and without a login: the picture,
 * readings on demand, and the questions of a search. The commands ask here, so that they need not stop the gateway to use
 * its line.
 */
export function createSocketApi(options: Omit<SocketOptions, 'path'>) {
  const { picture, reads, explore, rotateKey, nodes, nodeOffers, clock, observe } = options;
  const app = new OpenAPIHono<ApiEnvironment>({
    defaultHook: (result, context) => (result.success ? undefined : refusal(context, 400, ...faultsOf(result.error))),
  });
  app.onError((error, context) => {
    const message = error.stack ?? error.message;
    observe({
      kind: 'http-fault',
      at: clock.wall(),
      request: `socket ${context.req.method} ${context.req.path}`,
      message,
    });
    const remedy = 'try again; if it stays, send the log of the gateway to its makers';
    return refusal(context, 500, { field: 'gateway', fault: 'a mistake in the gateway', remedy });
  });
  app.get('/api/v1/picture', (context) => context.json(picture(), 200));
  addReadRoute(app, { picture, reads });
  addAskRoute(app, { explore });
  addKeyRoute(app, { rotateKey });
  if (nodeOffers) addNodeOfferRoutes(app, nodeOffers);
  addNodeRoutes(app, nodes, () => 'command line');
  app.notFound((context) => {
    const fault = `there is no ${context.req.method} ${context.req.path.slice(0, 200)}`;
    return refusal(context, 404, { field: 'path', fault, remedy: 'use the commands of the gateway’s own version' });
  });
  return app;
}

/** Serves the socket. Resolves to a fault when it cannot be had; the gateway can run without. */
export function startSocket(options: SocketOptions): Promise<{ close(): Promise<void> } | ListenFault> {
  const { path, clock, observe } = options;
  const app = createSocketApi(options);
  return listenOnSocket(path, {
    answer: (request, bindings) => app.fetch(request, bindings),
    malformed: (_, fault) => {
      const remedy = 'send HTTP/1.1';
      const what = { from: 'socket', request: 'unreadable', field: 'request', fault, remedy };
      observe({ kind: 'http-malformed', at: clock.wall(), ...what });
    },
  });
}
