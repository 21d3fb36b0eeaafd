import * as z from 'zod';

export const duration = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|min|h)$/)
  .transform((text) => {
    const unit = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 }[/[a-z]+$/.exec(text)?.[0] ?? 'ms'] ?? 1;
    return Number.parseFloat(text) * unit;
  });

export const linkSettings = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('serial'),
    path: z.string().min(1),
    baudRate: z.int().min(300).max(921_600).default(9600),
    dataBits: z.union([z.literal(7), z.literal(8)]).default(8),
    parity: z.enum(['none', 'even', 'odd']).default('none'),
    stopBits: z.union([z.literal(1), z.literal(2)]).default(1),
    listen: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('tcp'),
    host: z.string().min(1),
    port: z.int().min(1).max(65_535),
    framing: z.enum(['modbus-tcp', 'modbus-rtu']),
    listen: z.boolean().default(false),
  }),
]);

export const instrumentSettings = z.strictObject({
  id: z.string(),
  profile: z.string(),
  serial: z.string().min(1).optional(),
  link: z.string(),
  address: z.int().min(0).max(255).optional(),
  every: duration.prefault('4s'),
  point: z.string().optional(),
  channels: z.record(z.string(), z.string()).optional(),
});
