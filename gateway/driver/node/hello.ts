import * as z from 'zod';

const small = z.string().regex(/^[a-z0-9-]{1,24}$/);
const whole = z.int().min(0).max(4_294_967_295);

const message = z.object({
  l: z.literal(1),
  b: z.int().min(1).max(4_294_967_295),
  u: whole,
  version: z.string().regex(/^[0-9A-Za-z.-]{1,32}$/),
  chip: z.enum(['esp8266', 'esp32']),
  reason: small,
  rssi: z.int().min(-128).max(127).optional(),
  heap: z.int(),
  lowest: z.int(),
  held: whole,
  flash: z.tuple([whole, whole]),
  dropped: whole,
  torn: whole.default(0),
  frames: z.tuple([whole, whole]),
  silent: whole.optional(),
  configuration: z.int().min(0).max(999_999),
  boots: z.array(z.union([small, z.literal('')])).max(8),
  sensor: small,
});

/** What a node says of itself, at every connection and every 5 min. */
export interface NodeHello {
  /** Counter of its starts. */
  readonly boot: number;
  /** Seconds since this start. */
  readonly uptime: number;
  /** Of the firmware. */
  readonly version: string;
  readonly chip: 'esp8266' | 'esp32';
  /** Why it started: `power`, `watchdog`, … */
  readonly reason: string;
  /** Received signal strength of the access point, dBm; null where it does not know. */
  readonly rssi: number | null;
  /** Free heap now and at its lowest since the start, bytes. */
  readonly heap: number;
  readonly lowest: number;
  /** Rows that wait on it. */
  readonly held: number;
  /** Blocks of its flash that hold rows, of so many it may use. */
  readonly flashUsed: number;
  readonly flashAllowed: number;
  /** Rows that it ever dropped because it was full, and blocks that a power cut tore. */
  readonly dropped: number;
  readonly torn: number;
  /** Frames of its sensor since the start. */
  readonly goodFrames: number;
  readonly badFrames: number;
  /** Seconds since the last good frame; null without a sensor that sends frames. */
  readonly silent: number | null;
  /** Number of the configuration in force. */
  readonly configuration: number;
  /** Reasons of its last starts, the newest last. */
  readonly boots: readonly string[];
  readonly sensor: string;
}

/** Reads a `hello`; else what is wrong with it, cut to what a log line takes. */
export function readHello(payload: Uint8Array): NodeHello | { readonly fault: string } {
  let raw: unknown;
  try {
    raw = JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return { fault: 'hello is no JSON' };
  }
  const parsed = message.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { fault: `hello: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not understood'}`.slice(0, 160) };
  }
  const { b, u, rssi, flash, frames, silent, boots, l: _, ...others } = parsed.data;
  return {
    ...others,
    boot: b,
    uptime: u,
    // Above 0 the chip says that it has none (31 without a connection).
    rssi: rssi === undefined || rssi > 0 ? null : rssi,
    flashUsed: flash[0],
    flashAllowed: flash[1],
    goodFrames: frames[0],
    badFrames: frames[1],
    silent: silent ?? null,
    boots: boots.filter((reason) => reason !== ''),
  };
}
