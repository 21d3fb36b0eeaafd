import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import type { SwitchAnswer } from '../../command/port.ts';
import type { RelayOrder } from '../../driver/firmata/relays/relay.ts';
import { type Role, roles } from '../access/accounts.ts';
import { type ApiEnvironment, noSuch, refusal, refusalSchema } from '../faults.ts';
import type { Picture } from '../picture.ts';

const refused = (description: string) => ({ description, content: { 'application/json': { schema: refusalSchema } } });

/** How a relay stands once it was told. */
export const switchedSchema = z
  .object({
    state: z.enum(['off', 'warning', 'on', 'unknown']),
    /** During a warning: when it goes on. */
    next: z.string().nullable(),
    /** When it goes off by itself. */
    until: z.string().nullable(),
  })
  .meta({ id: 'Switched', description: 'How a relay stands once it was told' });

const relayRoute = createRoute({
  method: 'post',
  path: '/api/v1/instruments/{id}/relays/{relay}',
  summary: 'Switches a lamp or mist cannon of a board; for technicians, and where its profile says so administrators',
  description:
    'Only what the site allows. On is for a bounded time, after the warning, with the switch at the machine closed. Off is always obeyed. Who asked stands in the records.',
  request: {
    params: z.object({ id: z.string().min(1).max(64), relay: z.string().min(1).max(64) }),
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.discriminatedUnion('on', [
            z.strictObject({ on: z.literal(true), seconds: z.int().min(1).max(86_400) }),
            z.strictObject({ on: z.literal(false) }),
          ]),
        },
      },
    },
  },
  responses: {
    200: { description: 'It was told', content: { 'application/json': { schema: switchedSchema } } },
    400: refused('Malformed'),
    401: refused('Not logged in'),
    403: refused('Not from the page, or not for this role'),
    404: refused('No such board, or no relay of it that may be switched here'),
    409: refused('It cannot be switched now'),
  },
});

export interface RelayPorts {
  readonly picture: () => Picture;
  readonly switches: {
    /** Who may switch it; undefined for one that cannot be switched here. */
    roleFor(instrument: string, relay: string): Role | undefined;
    orderFromPage(instrument: string, relay: string, order: RelayOrder, account: string): Promise<SwitchAnswer>;
  };
}

/** Switching from the page. That it is at least a technician who asks is decided before. */
export function addRelayRoute(app: OpenAPIHono<ApiEnvironment>, { picture, switches }: RelayPorts): void {
  app.openapi(relayRoute, async (context) => {
    const { id, relay } = context.req.valid('param');
    const order = context.req.valid('json');
    const { instruments } = picture();
    if (!instruments.some((one) => one.id === id)) return noSuch(context, 'instrument', id, instruments);
    const least = switches.roleFor(id, relay);
    if (least === undefined) {
      const fault = `${relay} of ${id} cannot be switched: there is none, or the site does not allow it`;
      const remedy = 'list it under "commands" of the instrument in the site file';
      return refusal(context, 404, { field: 'relay', fault, remedy });
    }
    const { account, role } = context.get('session');
    if (order.on && roles.indexOf(role) < roles.indexOf(least)) {
      const fault = `${account} may not switch ${relay} on`;
      return refusal(context, 403, { field: 'role', fault, remedy: `log in as ${least}` });
    }
    const answer = await switches.orderFromPage(id, relay, order, account);
    if (answer.kind === 'done') {
      const { state, next, until } = answer;
      return context.json({ state, next, until }, 200);
    }
    return refusal(context, 409, { field: answer.reason, fault: answer.detail, remedy: answer.remedy });
  });
}
