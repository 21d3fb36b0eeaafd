import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import type { TableQuestion } from '../export/table-process.ts';
import { type ApiEnvironment, refusal, refusalSchema } from './faults.ts';
import type { HttpPorts } from './server.ts';

/** Tables of what is kept. */
export interface TablePorts {
  /** A table as CSV, made beside the gateway; null while another one is under way. */
  table(question: TableQuestion): ReadableStream<Uint8Array> | null;
}

const table = z
  .string()
  .regex(/^(?:(?:minute|hour|day|samples)-[a-z0-9][a-z0-9.-]{0,59}|events)\.csv$/)
  .describe('minute-pm10.csv, hour-pm10.csv, day-pm10.csv, samples-pm10.csv or events.csv');
const day = z.iso.date().describe('A day of the site, 2026-11-24');

const query = z.strictObject({
  from: day.describe('The first day'),
  to: day.describe('The last day, which is included'),
  lang: z.enum(['zh', 'en']).default('en'),
});

const refused = (description: string) => ({ description, content: { 'application/json': { schema: refusalSchema } } });

const route = createRoute({
  method: 'get',
  path: '/api/v1/tables/{table}',
  summary: 'Minutes of one factor, or what happened, as CSV for a spreadsheet; one download at a time',
  request: { params: z.object({ table }), query },
  responses: {
    200: { description: 'The table', content: { 'text/csv': { schema: z.string() } } },
    400: refused('Malformed'),
    401: refused('Not logged in'),
    409: refused('Another download is under way'),
  },
});

/** What is kept, as tables to download, for those who are logged in. */
export function addTableRoute(app: OpenAPIHono<ApiEnvironment>, ports: TablePorts & Pick<HttpPorts, 'picture'>): void {
  app.openapi(route, (context) => {
    const { table: file } = context.req.valid('param');
    const { from, to, lang } = context.req.valid('query');
    if (from > to) {
      const remedy = 'send a first day that is not after the last';
      return refusal(context, 400, { field: 'from', fault: `${from} is after ${to}`, remedy });
    }
    const text = ports.table({ table: file.slice(0, -4), from, to, language: lang });
    if (text === null) {
      const remedy = 'wait until it has ended, and try again';
      return refusal(context, 409, { field: 'table', fault: 'another download is under way', remedy });
    }
    const name = `${ports.picture().gateway.id}-${from}-${to}-${file}`;
    context.header('content-disposition', `attachment; filename="${name}"`);
    return context.body(text, 200, { 'content-type': 'text/csv; charset=utf-8' }) as never;
  });
}
