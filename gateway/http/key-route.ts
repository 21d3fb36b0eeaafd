import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { type ApiEnvironment, refusal, refusalSchema } from './faults.ts';

/** The key that holds now, by its public half. */
export const keySchema = z
  .object({
    /** Raw Ed25519 public key, base64. */
    publicKey: z.string(),
    fingerprint: z.string(),
    /** How many keys the chain has, this one included. */
    keys: z.int().positive(),
  })
  .meta({ id: 'Key', description: 'The key that the gateway signs with' });
type KeyPicture = z.infer<typeof keySchema>;

export interface KeyPorts {
  /** Takes a new key into use; rejects with a RangeError where no more can be made. */
  readonly rotateKey: () => Promise<KeyPicture>;
}

const rotateRoute = createRoute({
  method: 'post',
  path: '/api/v1/key/rotate',
  summary: 'Takes a new signing key into use, which the old one vouches for; the old one is destroyed',
  responses: {
    200: { description: 'The new key', content: { 'application/json': { schema: keySchema } } },
    409: { description: 'Not possible', content: { 'application/json': { schema: refusalSchema } } },
  },
});

/** Rotation of the key. On the socket of the site directory only: whoever may open it may read the key as well. */
export function addKeyRoute(app: OpenAPIHono<ApiEnvironment>, { rotateKey }: KeyPorts): void {
  app.openapi(rotateRoute, async (context) => {
    try {
      return context.json(await rotateKey(), 200);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return refusal(context, 409, { field: 'key', fault: error.message, remedy: 'see fenceline key --help' });
    }
  });
}
