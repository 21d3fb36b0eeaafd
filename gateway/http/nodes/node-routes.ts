import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import type { AdoptionOutcome } from '../../link/nodes/adoption/node-adoption.ts';
import { type ApiContext, type ApiEnvironment, refusal, refusalSchema } from '../faults.ts';

const nodeId = z
  .string()
  .regex(/^(?!new$)[a-z0-9-]{1,24}$/, 'must be lower-case letters, digits and hyphens, at most 24');
const chipId = z
  .string()
  .regex(/^[0-9a-f]{4,16}$/i, 'must be the chip id of the console: hexadecimal')
  .transform((text) => text.toLowerCase());

/** What is asked for with an adoption. */
export const adoptionBody = z.strictObject({
  chip: chipId,
  /** Six digits, as the node prints them on its serial console. */
  code: z.string().regex(/^\d{6}$/, 'must be the six digits of the console'),
  /** Node id; without it `esp-` and the chip id. */
  node: nodeId.optional(),
  /** The chip takes the place of the one that has this node id now. */
  replace: z.boolean().optional(),
});
export type AdoptionBody = z.output<typeof adoptionBody>;

const outcomeKind = z.enum({
  adopted: 'adopted',
  refused: 'refused',
  silent: 'silent',
  'not-heard': 'not-heard',
  gone: 'gone',
  taken: 'taken',
  'no-name': 'no-name',
  busy: 'busy',
  'not-kept': 'not-kept',
} satisfies { [K in AdoptionOutcome['kind']]: K });

/** What came of an adoption: which, and what there is to know of it. */
export const adoptionSchema = z
  .object({
    kind: outcomeKind,
    node: z.string().optional(),
    /** Of the node; with `taken`, of the one that has the node id. */
    chip: z.string().optional(),
    /** With `refused`: `code`, or another reason of the node's. */
    why: z.string().optional(),
    /** With `refused`: wrong codes of this chip so far; after five it takes none until it restarts. */
    wrong: z.int().optional(),
    /** With `not-kept`: what kept the account from being written. */
    message: z.string().optional(),
    /** With `adopted`: what to write into the site file, one entry of "instruments"; absent where the site names the node. */
    entry: z.string().optional(),
  })
  .meta({ id: 'Adoption', description: 'What came of the adoption of a sensor node' });
export type AdoptionPicture = z.infer<typeof adoptionSchema>;

export const nodeAccountsSchema = z
  .object({
    accounts: z.array(
      z.object({
        node: z.string(),
        chip: z.string(),
        type: z.string(),
        /** When it was adopted, and by whom. */
        at: z.string(),
        by: z.string(),
        /** False until it has logged in with its account or said that it took it. */
        confirmed: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'NodeAccounts', description: 'The sensor nodes that have an account at this site' });

/** Adoption of sensor nodes. */
export interface NodePorts {
  accounts(): z.infer<typeof nodeAccountsSchema>['accounts'];
  /** `by` is who asked, for the records. */
  adopt(asked: AdoptionBody, by: string): Promise<AdoptionPicture>;
  /** False where it has no account. */
  forget(node: string, by: string): Promise<boolean>;
}

const content = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
const refusals = {
  400: content(refusalSchema, 'Malformed'),
  401: content(refusalSchema, 'Not logged in'),
  403: content(refusalSchema, 'Not from the page, or not for this role'),
  404: content(refusalSchema, 'No such node'),
  409: content(refusalSchema, 'The site has no link to sensor nodes'),
};

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/nodes',
  summary: 'The sensor nodes that have an account; those that wait to be adopted are in the picture',
  responses: { 200: content(nodeAccountsSchema, 'The nodes'), 401: refusals[401], 409: refusals[409] },
});

const adoptRoute = createRoute({
  method: 'post',
  path: '/api/v1/nodes/adopt',
  summary: 'Gives a sensor node its account; for technicians and administrators',
  description: 'Takes up to 20 s: the node is waited for. Whatever came of it stands in the records.',
  request: { body: { required: true, content: { 'application/json': { schema: adoptionBody } } } },
  responses: { 200: content(adoptionSchema, 'What came of it'), ...refusals },
});

const forgetRoute = createRoute({
  method: 'post',
  path: '/api/v1/nodes/{node}/forget',
  summary: 'Takes a sensor node’s account away and ends its connection; for technicians and administrators',
  request: { params: z.object({ node: nodeId }) },
  responses: { 200: content(z.object({ node: z.string() }), 'It has no account any more'), ...refusals },
});

/** The routes of sensor nodes. Who may come through is decided before; `by` says who it was. */
export function addNodeRoutes(
  app: OpenAPIHono<ApiEnvironment>,
  nodes: NodePorts | undefined,
  by: (context: ApiContext) => string,
): void {
  app.openapi(listRoute, (context) =>
    nodes === undefined ? noNodes(context) : context.json({ accounts: [...nodes.accounts()] }, 200),
  );
  app.openapi(adoptRoute, async (context) =>
    nodes === undefined
      ? noNodes(context)
      : context.json(await nodes.adopt(context.req.valid('json'), by(context)), 200),
  );
  app.openapi(forgetRoute, async (context) => {
    if (nodes === undefined) return noNodes(context);
    const { node } = context.req.valid('param');
    if (await nodes.forget(node, by(context))) return context.json({ node }, 200);
    const known = nodes.accounts().map((one) => one.node);
    const remedy = known.length === 0 ? 'no node has an account here' : `name one of: ${known.join(', ')}`;
    return refusal(context, 404, { field: 'node', fault: `there is no node ${node}`, remedy });
  });
}

function noNodes(context: ApiContext) {
  const remedy = 'add a link of kind "nodes" to the site file and restart the gateway';
  return refusal(context, 409, { field: 'links', fault: 'this site has no link to sensor nodes', remedy });
}
