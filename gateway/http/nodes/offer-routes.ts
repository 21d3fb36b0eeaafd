import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { type ApiEnvironment, type RequestFault, refusal, refusalSchema } from '../faults.ts';

/** Longest request, bytes: a firmware of all kinds of chip takes some 150,000 in base64. */
const longestBody = 1_500_000;

const offerUpdate = z.strictObject({
  /** Node ids; absent for every node there is. */
  nodes: z
    .array(z.string().regex(/^[a-z0-9-]{1,24}$/))
    .min(1)
    .max(200)
    .optional(),
  firmware: z.looseObject({ version: z.string() }),
});

/** What is on offer now, and to whom. */
export const offeredSchema = z.object({
  nodes: z.array(z.string()),
  version: z.union([z.string(), z.int()]),
  /** Nodes that run this firmware already, and are left alone. */
  already: z.array(z.string()).optional(),
});
type Offered = z.infer<typeof offeredSchema>;

/** Why nothing was offered. */
export type OfferRefusal = { readonly refused: RequestFault; readonly status: 400 | 404 | 409 };

export interface NodeOfferPorts {
  /** Offers firmware to these nodes, to all where none is named. The firmware is checked there. */
  readonly offerUpdate: (nodes: readonly string[] | undefined, firmware: unknown) => Promise<Offered | OfferRefusal>;
  /** Offers changes of a configuration, which are checked there. */
  readonly offerConfiguration: (node: string, changes: unknown) => Promise<Offered | OfferRefusal>;
}

const refused = (description: string) => ({ description, content: { 'application/json': { schema: refusalSchema } } });
const answers = {
  200: { description: 'On offer', content: { 'application/json': { schema: offeredSchema } } },
  400: refused('Malformed'),
  404: refused('No such node'),
  409: refused('Not possible'),
};

const updateRoute = createRoute({
  method: 'post',
  path: '/api/v1/nodes/update',
  summary: 'Offers a firmware to nodes over the air',
  request: { body: { required: true, content: { 'application/json': { schema: offerUpdate } } } },
  responses: answers,
});

const configurationRoute = createRoute({
  method: 'post',
  path: '/api/v1/nodes/{id}/configuration',
  summary: 'Offers changes of its configuration to a node over the air',
  request: {
    params: z.object({ id: z.string().regex(/^[a-z0-9-]{1,24}$/) }),
    body: { required: true, content: { 'application/json': { schema: z.looseObject({}) } } },
  },
  responses: answers,
});

/** What is offered to nodes over the air. Only for a door that nobody but the owner of the site comes through. */
export function addNodeOfferRoutes(
  app: OpenAPIHono<ApiEnvironment>,
  { offerUpdate: update, offerConfiguration }: NodeOfferPorts,
): void {
  app.use('/api/v1/nodes/*', async (context, next) => {
    if (Number(context.req.header('content-length') ?? 0) <= longestBody) return next();
    const fault = `the request is longer than ${longestBody} bytes`;
    return refusal(context, 400, { field: 'body', fault, remedy: 'send one firmware only' });
  });
  app.openapi(updateRoute, async (context) => {
    const { nodes, firmware } = context.req.valid('json');
    const answer = await update(nodes, firmware);
    return 'refused' in answer ? refusal(context, answer.status, answer.refused) : context.json(answer, 200);
  });
  app.openapi(configurationRoute, async (context) => {
    const { id } = context.req.valid('param');
    const answer = await offerConfiguration(id, context.req.valid('json'));
    return 'refused' in answer ? refusal(context, answer.status, answer.refused) : context.json(answer, 200);
  });
}
