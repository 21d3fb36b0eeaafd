import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { type ApiContext, type ApiEnvironment, noSuch, refusal, refusalSchema } from '../faults.ts';
import type { InstrumentPicture, Picture } from '../picture.ts';
import { type DemandedReads, longestWait, mostWaiting, type ReadAnswer } from './demanded-reads.ts';
import { readSchema } from './read-picture.ts';

const refused = (description: string) => ({ description, content: { 'application/json': { schema: refusalSchema } } });

const readRoute = createRoute({
  method: 'post',
  path: '/api/v1/instruments/{id}/read',
  summary: 'Reads an instrument now, through its line’s schedule; for technicians and administrators',
  description:
    'Whoever asks while it is being read gets the same answer. A line that was read like this rests as long as it took.',
  request: { params: z.object({ id: z.string().min(1).max(64) }) },
  responses: {
    200: { description: 'What it said', content: { 'application/json': { schema: readSchema } } },
    400: refused('Malformed'),
    401: refused('Not logged in'),
    403: refused('Not from the page, or not for this role'),
    404: refused('No such instrument'),
    409: refused('The instrument is left out'),
    429: refused('Too many wait already'),
    503: refused('The line does not run'),
    504: refused('The line had no time for it'),
  },
});

export interface ReadPorts {
  readonly picture: () => Picture;
  readonly reads: DemandedReads;
}

/** Reading an instrument on demand. Who may do so is decided before. */
export function addReadRoute(app: OpenAPIHono<ApiEnvironment>, { picture, reads }: ReadPorts): void {
  app.openapi(readRoute, async (context) => {
    const { id } = context.req.valid('param');
    const { instruments } = picture();
    const found = instruments.find((one) => one.id === id);
    if (found === undefined) return noSuch(context, 'instrument', id, instruments);
    if (found.condition === 'left-out') return leftOut(context, found);
    const answer = await reads.ask(id, found.link);
    return answer.kind === 'read' ? context.json(answer.read, 200) : notRead(context, id, answer);
  });
}

function leftOut(context: ApiContext, { id, faults }: InstrumentPicture) {
  const fault = `${id} is left out, because the site file does not allow it to run`;
  const what = faults.map(({ field, remedy }) => `${field}: ${remedy.en}`).join('; ');
  return refusal(context, 409, { field: 'id', fault, remedy: what || 'correct the site file and restart the gateway' });
}

function notRead(context: ApiContext, id: string, { kind }: Exclude<ReadAnswer, { kind: 'read' }>) {
  switch (kind) {
    case 'too-many': {
      context.header('retry-after', '5');
      const fault = { field: 'id', fault: `${mostWaiting} wait for a reading already`, remedy: 'try again in 5 s' };
      return context.json({ faults: [fault], wait: 5 }, 429);
    }
    case 'no-time': {
      const fault = `the line had no time for ${id} within ${longestWait / 1000} s`;
      const remedy = 'look at the line: it may be overloaded, or be listening only; then try again';
      return refusal(context, 504, { field: 'id', fault, remedy });
    }
    case 'not-running': {
      const fault = `the line of ${id} does not run; the gateway is stopping`;
      return refusal(context, 503, { field: 'id', fault, remedy: 'try again once it has been started' });
    }
  }
}
