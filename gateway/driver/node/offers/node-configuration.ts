import * as z from 'zod';

/** Longest configuration document that a node takes, bytes. */
export const longestConfiguration = 1024;

const plain = z.string().regex(/^[ -~]*$/, 'must be letters, digits and signs of ASCII');

/** Node id: what a technician chooses, else `esp-` and the chip id. */
export const nodeId = z
  .string()
  .regex(/^[a-z0-9-]{1,24}$/, 'must be 1 to 24 of a-z, 0-9 and -')
  .refine((id) => id !== 'new', 'must not be new');

const ssid = z
  .string()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  .regex(/^[^\x00-\x1f\x7f]+$/, 'must not be empty or hold control characters')
  .refine(
    (text) => Buffer.byteLength(text) <= 32,
    'must be at most 32 bytes, a Chinese character takes 3 (IEEE 802.11, 9.4.2.2)',
  );
const passphrase = plain.refine(
  (text) => text === '' || (text.length >= 8 && text.length <= 63),
  'must be 8 to 63 characters, or empty for an open network (IEEE 802.11, J.4.1)',
);
const host = z.string().regex(/^[A-Za-z0-9.:-]{1,64}$/, 'must be a name or an address');

/** What of a node's configuration somebody may choose; the same rules as the firmware's own. */
export const nodeSettings = z.strictObject({
  wifi: z.tuple([ssid, passphrase]),
  gateway: z.tuple([host, z.int().min(1).max(65_535)]),
  tls: z.boolean(),
  sensor: z.enum(['plantower', 'nova', 'none']),
  adc: z.enum(['none', 'loop', 'clamp', 'sharp']),
  period: z
    .int()
    .refine(
      (seconds) => seconds >= 10 && seconds <= 3600 && 3600 % seconds === 0,
      'must be 10 to 3600 and divide an hour, such as 10, 60 or 300',
    ),
});

/** A node with neither has nothing to measure. */
export const nothingToRead = 'and adc must not both be none: the node would have nothing to measure';

/** The whole document, `node.json` on the node. Without `node` and `password` it is not adopted yet. */
export const nodeConfiguration = nodeSettings
  .extend({
    version: z.int().min(1).max(999_999),
    node: nodeId.optional(),
    password: z
      .string()
      .regex(/^[!-~]{1,64}$/)
      .optional(),
  })
  .refine(({ node, password }) => (node === undefined) === (password === undefined), {
    path: ['node'],
    message: 'goes with password: neither is written by hand, adoption gives both',
  })
  .refine(({ sensor, adc }) => sensor !== 'none' || adc !== 'none', { path: ['sensor'], message: nothingToRead })
  .refine((document) => Buffer.byteLength(JSON.stringify(document)) <= longestConfiguration, {
    message: `must be at most ${longestConfiguration} bytes`,
  });

/** What is to change; what is left out stays as the node has it. */
export const nodeChanges = nodeSettings
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, 'must change something');

export type NodeSettings = z.output<typeof nodeSettings>;
export type NodeConfiguration = z.output<typeof nodeConfiguration>;
export type NodeChanges = z.output<typeof nodeChanges>;
