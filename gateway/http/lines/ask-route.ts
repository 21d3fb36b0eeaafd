import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { type ApiEnvironment, refusal, refusalSchema } from '../faults.ts';
import { milliseconds } from '../picture/fields.ts';
import { outcome } from './line-picture.ts';

/** A read request of a search. There is no function code that writes. */
const askedSchema = z.strictObject({
  /** Slave address, or unit identifier on Modbus TCP. */
  address: z.int().min(1).max(255),
  functionCode: z.literal([1, 2, 3, 4]),
  start: z.int().min(0).max(65_535),
  count: z.int().min(1).max(2000),
  /** Longest that the answer may take to begin, milliseconds. */
  timeout: z.int().min(10).max(5000),
  /** Least silence after the answer before the slave is asked again, and before the request, milliseconds. */
  gap: z.int().min(0).max(60_000).default(0),
  turnAround: z.int().min(0).max(1000).default(0),
  /** True to take check sums that come high byte first, too. */
  crcSwapped: z.boolean().default(false),
});
export type Asked = z.infer<typeof askedSchema>;

/** What came of it. */
export const answeredSchema = z.object({
  outcome,
  /** Register or bit data in hexadecimal; null unless the outcome is `ok`. */
  data: z.hex().nullable(),
  exception: z.int().nullable(),
  took: milliseconds,
});
type Answered = z.infer<typeof answeredSchema>;

/** `reason`: why a line answers no questions of a search, one of the driver's words. */
export const askRefusedSchema = refusalSchema.extend({ reason: z.string() });

/** What became of a question: an answer, or why the line does not ask it; `unused`: no instrument runs on the link. */
export type ExploreAnswer =
  | { readonly kind: 'answer'; readonly answered: Answered }
  | { readonly kind: 'refused'; readonly reason: string; readonly message: string }
  | { readonly kind: 'unused' };

export interface AskPorts {
  readonly explore: (link: string, asked: Asked) => Promise<ExploreAnswer>;
}

const refused = (description: string) => ({ description, content: { 'application/json': { schema: refusalSchema } } });

const askRoute = createRoute({
  method: 'post',
  path: '/api/v1/links/{id}/ask',
  summary: 'Asks one read request of a search, where it holds up no poll of the line',
  request: {
    params: z.object({ id: z.string().min(1).max(64) }),
    body: { required: true, content: { 'application/json': { schema: askedSchema } } },
  },
  responses: {
    200: { description: 'What came of it', content: { 'application/json': { schema: answeredSchema } } },
    400: refused('Malformed'),
    404: refused('No such link, or no instrument runs on it'),
    409: {
      description: 'Nothing is asked on this line',
      content: { 'application/json': { schema: askRefusedSchema } },
    },
  },
});

/** Questions of a search. Only for a door that nobody but the owner of the site comes through: there is no login here. */
export function addAskRoute(app: OpenAPIHono<ApiEnvironment>, { explore }: AskPorts): void {
  app.openapi(askRoute, async (context) => {
    const { id } = context.req.valid('param');
    const answer = await explore(id, context.req.valid('json'));
    if (answer.kind === 'answer') return context.json(answer.answered, 200);
    if (answer.kind === 'unused') return refusal(context, 404, unused(id));
    const { reason, message: fault } = answer;
    const remedy = 'look at the line on the page, and search again later';
    return context.json({ reason, faults: [{ field: 'id', fault, remedy }] }, 409);
  });
}

function unused(id: string) {
  return {
    field: 'id',
    fault: `no instrument runs on ${id}`,
    remedy: 'nothing else uses its port: ask there yourself',
  };
}
