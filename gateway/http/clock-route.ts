import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import type { JudgedTime } from '../clock/trust.ts';
import type { WallTime } from '../clock.ts';
import { type ApiEnvironment, refusal, refusalSchema } from './faults.ts';

const refused = (description: string) => ({ description, content: { 'application/json': { schema: refusalSchema } } });

const timeRoute = createRoute({
  method: 'post',
  path: '/api/v1/clock/time',
  summary: 'Says what time it is now; for technicians and administrators',
  description: 'Taken only while nothing better vouches for the time. Whatever becomes of it stands in the records.',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({
            /** The present moment, with its offset: `2026-11-24T11:45:00.000+08:00`. */
            time: z.iso.datetime({ offset: true }),
          }),
        },
      },
    },
  },
  responses: {
    200: {
      description: 'Whether it was taken, and why not',
      content: {
        'application/json': {
          schema: z.object({ taken: z.boolean(), why: z.object({ zh: z.string(), en: z.string() }) }),
        },
      },
    },
    400: refused('Malformed'),
    401: refused('Not logged in'),
    403: refused('Not from the page, or not for this role'),
  },
});

export interface TimePorts {
  /** A technician says what time it is now. */
  readonly offerTime: (time: WallTime) => Pick<JudgedTime, 'taken' | 'said'>;
}

/** The time by the word of a person. Who may say it is decided before. */
export function addClockRoute(app: OpenAPIHono<ApiEnvironment>, { offerTime }: TimePorts): void {
  app.openapi(timeRoute, (context) => {
    const time = Date.parse(context.req.valid('json').time);
    if (!Number.isFinite(time)) {
      return refusal(context, 400, { field: 'time', fault: 'is no moment', remedy: 'send ISO 8601 with an offset' });
    }
    const { taken, said } = offerTime(time as WallTime);
    return context.json({ taken, why: { ...said } }, 200);
  });
}
