import * as z from 'zod';

/** An own address and port: name, IPv4 or IPv6 address. */
export interface NodesListen {
  readonly host: string;
  readonly port: number;
}

const listen = z.string().transform((text, context): NodesListen => {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/@]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port };
  context.addIssue({ code: 'custom', message: `"${text}" is not address:port; write for example "10.42.0.1:1883"` });
  return z.NEVER;
});

/** Name of a file in the site's `secrets` directory: no path, so that it cannot point elsewhere. */
const secretName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, "the name of a file in the site's secrets directory");

const tls = z.strictObject({
  certificate: secretName
    .optional()
    .describe('With listen: certificate of this broker, with what leads up to its authority'),
  key: secretName.optional().describe('With listen: its private key, without a passphrase; mode 0600'),
  ca: secretName.optional().describe('With url: certificates of the authorities that the broker is known by'),
});

const fields = z.strictObject({
  kind: z.literal('nodes'),
  listen: listen
    .optional()
    .describe('Own address and port at which nodes connect to the broker within this gateway (MQTT 3.1.1)'),
  url: z
    .url({ protocol: /^mqtts?$/, error: 'mqtt://host:1883, or mqtts://host:8883 for TLS' })
    .refine((url) => new URL(url).username === '', 'user and password do not belong in the address')
    .optional()
    .describe("The site's own broker, where nodes connect to that instead"),
  username: z.string().min(1).optional().describe('With url: the user that this gateway is to the broker'),
  passwordFile: secretName.optional().describe('With url: its password, the name of a file in secrets'),
  tls: tls.optional(),
});

type Nodes = z.output<typeof fields>;
type Way = 'listen' | 'url';

/** What goes with the own broker, and what with another one. A field of the other way has `onlyBeside` in its params. */
function checkTogether({ listen, url, username, passwordFile, tls }: Nodes, context: z.RefinementCtx): void {
  const complain = (path: string[], message: string, params?: Record<string, unknown>): void =>
    context.addIssue({ code: 'custom', path, message, ...(params === undefined ? {} : { params }) });
  const only = (path: string[], onlyBeside: Way): void =>
    complain(path, `has a meaning only beside ${onlyBeside}`, { onlyBeside });
  if (listen === undefined && url === undefined) {
    complain(['listen'], 'an address of its own, or a url');
    return;
  }
  const isOwn = url === undefined;
  if (!isOwn && listen !== undefined) complain(['listen'], 'the own broker, or another one: not both');
  if (isOwn && username !== undefined) only(['username'], 'url');
  if (isOwn && passwordFile !== undefined) only(['passwordFile'], 'url');
  if (isOwn && tls?.ca !== undefined) only(['tls', 'ca'], 'url');
  if (!isOwn && tls?.certificate !== undefined) only(['tls', 'certificate'], 'listen');
  if (!isOwn && tls?.key !== undefined) only(['tls', 'key'], 'listen');
  if (!isOwn && tls !== undefined && !url.startsWith('mqtts:'))
    complain(['tls'], 'only an address with mqtts:// has TLS');
  if (isOwn && tls !== undefined && tls.certificate === undefined) complain(['tls', 'certificate'], 'TLS needs one');
  if (isOwn && tls !== undefined && tls.key === undefined) complain(['tls', 'key'], 'a certificate needs its key');
  if (!isOwn && passwordFile !== undefined && username === undefined) complain(['username'], 'a password needs a user');
}

/**
 * Sensor nodes behind one MQTT broker: this gateway's own (`listen`), or the site's (`url`). Exactly one of the two; TLS
 * of the own broker stands at a port of its own, since an ESP8266 has no room for it.
 */
export const nodesLinkSettings = fields.superRefine(checkTogether);

export type NodesLinkSettings = z.output<typeof nodesLinkSettings>;
