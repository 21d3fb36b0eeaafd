import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { type ApiEnvironment, noSuch, refusalSchema } from '../faults.ts';
import type { HttpPorts } from '../server.ts';
import { traceSchema } from './line-picture.ts';

const name = z.string().min(1).max(64);

const traceQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('How many at most; the newest ones are told'),
  after: z.coerce.number().int().nonnegative().default(0).describe('Only those after this number'),
});

const textQuery = z.strictObject({ lang: z.enum(['zh', 'en']).default('en') });

const refused = (description: string) => ({ description, content: { 'application/json': { schema: refusalSchema } } });
const refusals = { 400: refused('Malformed'), 401: refused('Not logged in'), 404: refused('No such link') };

const traceRoute = createRoute({
  method: 'get',
  path: '/api/v1/links/{id}/trace',
  summary: 'The newest transactions of a line, newest last',
  request: { params: z.object({ id: name }), query: traceQuery },
  responses: {
    200: { description: 'The transactions', content: { 'application/json': { schema: traceSchema } } },
    ...refusals,
  },
});

const textRoute = createRoute({
  method: 'get',
  path: '/api/v1/links/{id}/trace.txt',
  summary: 'Everything held of a line as text to save and send; it holds no secret',
  request: { params: z.object({ id: name }), query: textQuery },
  responses: { 200: { description: 'The text', content: { 'text/plain': { schema: z.string() } } }, ...refusals },
});

/** What went over a line, for those who are logged in. */
export function addTraceRoutes(app: OpenAPIHono<ApiEnvironment>, ports: HttpPorts): void {
  app.openapi(traceRoute, (context) => {
    const { id } = context.req.valid('param');
    const { limit, after } = context.req.valid('query');
    const trace = ports.trace(id, limit, after);
    return trace === null ? noSuch(context, 'link', id, ports.picture().links) : context.json(trace, 200);
  });

  app.openapi(textRoute, (context) => {
    const { id } = context.req.valid('param');
    const text = ports.traceText(id, context.req.valid('query').lang);
    if (text === null) return noSuch(context, 'link', id, ports.picture().links);
    const { gateway } = ports.picture();
    // Ids are fit for file names; the colons of a stamp are not, on every system.
    const file = `${gateway.id}-${id}-${gateway.now.slice(0, 19).replaceAll(':', '')}.txt`;
    context.header('content-disposition', `attachment; filename="${file}"`);
    return context.text(text, 200, { 'content-type': 'text/plain; charset=utf-8' });
  });
}
