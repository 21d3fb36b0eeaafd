import * as z from 'zod';

/** A serial port of the site file. */
export const serialLinkSettings = z.strictObject({
  kind: z.literal('serial'),
  path: z
    .string()
    .startsWith('/', 'must be a whole path, best one of /dev/serial/by-id, which keeps its name')
    .describe('The port; /dev/serial/by-id/… stays the same when the adapter is plugged in again'),
  baudRate: z.int().min(300).max(1_000_000).describe('Bits per second, as set in the instrument'),
  parity: z.enum(['none', 'even', 'odd']).default('none').describe('Parity, as set in the instrument'),
  dataBits: z
    .union([z.literal(7), z.literal(8)])
    .default(8)
    .describe('Data bits; 8 for Modbus RTU'),
  stopBits: z
    .union([z.literal(1), z.literal(2)])
    .default(1)
    .describe('Stop bits'),
});

/** A device server, gateway or instrument on the network. */
export const tcpLinkSettings = z.strictObject({
  kind: z.literal('tcp'),
  host: z.string().min(1).describe('Name or address of the device'),
  port: z.int().min(1).max(65535).describe('TCP port; 502 is the usual one for Modbus TCP'),
  framing: z
    .enum(['modbus-tcp', 'modbus-rtu'])
    .describe('modbus-tcp, or modbus-rtu for a device server that passes serial bytes through unchanged'),
});

/** One entry of `links` in the site file. */
export const linkSettings = z.discriminatedUnion('kind', [serialLinkSettings, tcpLinkSettings]);

export type SerialLinkSettings = z.output<typeof serialLinkSettings>;
export type TcpLinkSettings = z.output<typeof tcpLinkSettings>;
export type LinkSettings = z.output<typeof linkSettings>;

/** Bits that one character takes on the wire: start, data, parity and stop bits. */
export function characterBits(settings: Pick<SerialLinkSettings, 'dataBits' | 'parity' | 'stopBits'>): number {
  return 1 + settings.dataBits + (settings.parity === 'none' ? 0 : 1) + settings.stopBits;
}

/** Milliseconds that one character takes on the wire; 0 where no baud rate is known. */
export function characterTimeOf(settings: LinkSettings): number {
  return settings.kind === 'serial' ? (characterBits(settings) * 1000) / settings.baudRate : 0;
}
