import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { type ApiEnvironment, noSuch, refusal, refusalSchema } from '../faults.ts';
import { pictureSchema } from '../picture.ts';
import type { HttpPorts } from '../server.ts';
import { instrument } from './instrument-picture.ts';
import type { PictureStream } from './picture-stream.ts';
import { profileSchema } from './profile-picture.ts';

const name = z.string().min(1).max(64);

const recordsQuery = z.strictObject({
  point: name.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

const recordsSchema = z
  .object({
    records: z.array(
      z.object({
        key: z.object({ stream: z.string(), epoch: z.string(), seq: z.int(), hash: z.string() }),
        /** As the uplink contract describes it, by `kind`. */
        entry: z.object({ kind: z.string() }).meta({ additionalProperties: true }),
      }),
    ),
  })
  .meta({ id: 'Records', description: 'Period records, newest first, with their place in the chain' });

const healthSchema = z
  .object({ ok: z.boolean(), faults: z.array(z.string()) })
  .meta({ id: 'Health', description: 'Whether the gateway does its work; if not, why and what to do' });

const content = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
const malformed = content(refusalSchema, 'Malformed');
const notLoggedIn = content(refusalSchema, 'Not logged in');

const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Whether the gateway does its work; needs no login',
  responses: { 200: content(healthSchema, 'It does'), 503: content(healthSchema, 'It does not, or not all of it') },
});

const pictureRoute = createRoute({
  method: 'get',
  path: '/api/v1/picture',
  summary: 'Everything the gateway knows about itself now',
  responses: { 200: content(pictureSchema, 'The picture'), 401: notLoggedIn },
});

const instrumentRoute = createRoute({
  method: 'get',
  path: '/api/v1/instruments/{id}',
  summary: 'One instrument of the picture',
  request: { params: z.object({ id: name }) },
  responses: {
    200: content(instrument, 'The instrument'),
    400: malformed,
    401: notLoggedIn,
    404: content(refusalSchema, 'No such instrument'),
  },
});

const profileRoute = createRoute({
  method: 'get',
  path: '/api/v1/instruments/{id}/profile',
  summary: 'Where the facts come from by which an instrument is understood, and what surprises people with it',
  request: { params: z.object({ id: name }) },
  responses: {
    200: content(profileSchema, 'Its profile'),
    400: malformed,
    401: notLoggedIn,
    404: content(refusalSchema, 'No such instrument, or its profile is not known'),
  },
});

const recordsRoute = createRoute({
  method: 'get',
  path: '/api/v1/records',
  summary: 'The newest period records',
  request: { query: recordsQuery },
  responses: { 200: content(recordsSchema, 'The records'), 400: malformed, 401: notLoggedIn },
});

const eventsRoute = createRoute({
  method: 'get',
  path: '/api/v1/events',
  summary: 'Server-sent events `picture`, at most one a second, each a whole picture',
  responses: {
    200: { description: 'The stream', content: { 'text/event-stream': { schema: z.string() } } },
    401: notLoggedIn,
    503: content(refusalSchema, 'Too many streams at once'),
  },
});

/** Health without a login. */
export function addHealthRoute(app: OpenAPIHono<ApiEnvironment>, ports: HttpPorts): void {
  app.openapi(healthRoute, (context) => {
    const { ok, faults } = ports.healthy();
    return ok ? context.json({ ok, faults: [...faults] }, 200) : context.json({ ok, faults: [...faults] }, 503);
  });
}

/** What there is to see, for those who are logged in. */
export function addPictureRoutes(app: OpenAPIHono<ApiEnvironment>, ports: HttpPorts, stream: PictureStream): void {
  app.openapi(pictureRoute, (context) => context.json(ports.picture(), 200));

  app.openapi(instrumentRoute, (context) => {
    const { id } = context.req.valid('param');
    const { instruments } = ports.picture();
    const found = instruments.find((one) => one.id === id);
    return found === undefined ? noSuch(context, 'instrument', id, instruments) : context.json(found, 200);
  });

  app.openapi(profileRoute, (context) => {
    const { id } = context.req.valid('param');
    const profile = ports.profile(id);
    return profile === undefined
      ? noSuch(context, 'instrument', id, ports.picture().instruments)
      : context.json(profile, 200);
  });

  app.openapi(recordsRoute, async (context) => {
    const { limit, point } = context.req.valid('query');
    const found = await ports.recent(limit, point);
    return context.json({ records: [...found] }, 200);
  });

  app.openapi(eventsRoute, (context) => {
    const body = stream.open(context.get('stillAllowed'));
    if (body === null) {
      const remedy = 'close the page in other browsers, or ask /api/v1/picture now and then';
      return refusal(context, 503, { field: 'events', fault: 'too many streams at once', remedy });
    }
    return context.body(body, 200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
  });
}
