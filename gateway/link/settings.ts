import * as z from 'zod';
import { duration } from '../duration.ts';

/** How long a line is listened to before the first request, unless the site says otherwise, milliseconds. */
const listenFirstUnlessSaid = 10_000;

const listenFirst = duration
  .refine((ms) => ms <= 600_000, 'must be from 0s to 10min')
  .optional()
  .describe(
    'How long the line is listened to before the first request; without it 10s. Less only where no other master can be on it',
  );
const listen = z
  .boolean()
  .default(false)
  .describe('Never send: take the values from what another master asks and is answered');

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
  listenFirst,
  listen,
});

const parities = { N: 'none', E: 'even', O: 'odd' } as const;

/** Settings of the serial line behind a device server, written the usual way. */
const lineBehindServer = z
  .string()
  .regex(/^\d{3,7}-[78][NEO][12]$/, 'must be written like 9600-8N1')
  .transform((text) => {
    const [speed = '', frame = ''] = text.split('-');
    return {
      baudRate: Number(speed),
      dataBits: frame[0] === '7' ? 7 : 8,
      parity: parities[frame[1] as keyof typeof parities],
      stopBits: frame[2] === '2' ? 2 : 1,
    } as const;
  });

/** A device server, gateway or instrument on the network. */
export const tcpLinkSettings = z
  .strictObject({
    kind: z.literal('tcp'),
    host: z.string().min(1).describe('Name or address of the device'),
    port: z.int().min(1).max(65535).describe('TCP port; 502 is the usual one for Modbus TCP'),
    framing: z
      .enum(['modbus-tcp', 'modbus-rtu'])
      .describe('modbus-tcp, or modbus-rtu for a device server that passes serial bytes through unchanged'),
    serial: lineBehindServer
      .optional()
      .describe('Only with modbus-rtu: settings of the serial line behind the device server, such as 9600-8N1'),
    outstanding: z
      .int()
      .min(1)
      .max(16)
      .optional()
      .describe(
        'Only with modbus-tcp: requests that the device or gateway takes at once; without it, as the profiles say',
      ),
    listenFirst,
    listen,
  })
  .superRefine(({ framing, serial, outstanding, listenFirst, listen }, context) => {
    const only = (field: string, other: string): void =>
      context.addIssue({ code: 'custom', path: [field], message: `has a meaning only with framing ${other}` });
    if (framing === 'modbus-rtu' && outstanding !== undefined) only('outstanding', 'modbus-tcp');
    if (framing === 'modbus-rtu') return;
    if (serial !== undefined) only('serial', 'modbus-rtu');
    if (listenFirst !== undefined) only('listenFirst', 'modbus-rtu');
    if (listen) only('listen', 'modbus-rtu');
  });

/** A port on which an instrument or logger connects to this gateway. */
export const tcpServerLinkSettings = z.strictObject({
  kind: z.literal('tcp-server'),
  host: z.string().min(1).describe('Own address that is listened on; 0.0.0.0 for every one this machine has'),
  port: z.int().min(1).max(65535).describe('TCP port that the device is told to connect to'),
  senders: z
    .array(z.union([z.ipv4(), z.ipv6()]))
    .min(1)
    .max(32)
    .optional()
    .describe('Addresses that may connect; without it, any that reaches the port'),
});

/** One entry of `links` in the site file. */
export const linkSettings = z.discriminatedUnion('kind', [serialLinkSettings, tcpLinkSettings, tcpServerLinkSettings]);

export type SerialLinkSettings = z.output<typeof serialLinkSettings>;
export type TcpLinkSettings = z.output<typeof tcpLinkSettings>;
export type TcpServerLinkSettings = z.output<typeof tcpServerLinkSettings>;
export type LinkSettings = z.output<typeof linkSettings>;

/** How bytes travel on a serial line. */
export type LineSettings = Pick<SerialLinkSettings, 'baudRate' | 'dataBits' | 'parity' | 'stopBits'>;

/** Bits that one character takes on the wire: start, data, parity and stop bits. */
export function characterBits(settings: Omit<LineSettings, 'baudRate'>): number {
  return 1 + settings.dataBits + (settings.parity === 'none' ? 0 : 1) + settings.stopBits;
}

/** Milliseconds that one character takes on a line with these settings; 0 where they are not known. */
export function characterTimeOf(line: LineSettings | undefined): number {
  return line === undefined ? 0 : (characterBits(line) * 1000) / line.baudRate;
}

/** The settings of the serial line that a link is, or that stands behind it; undefined where there is none or nobody said. */
export function lineOf(settings: LinkSettings): LineSettings | undefined {
  if (settings.kind === 'tcp-server') return undefined;
  return settings.kind === 'serial' ? settings : settings.serial;
}

/** Milliseconds that the line is listened to before the first request; 0 where nobody else can be heard. */
export function listenFirstOf(settings: LinkSettings): number {
  if (settings.kind === 'tcp-server' || (settings.kind === 'tcp' && settings.framing === 'modbus-tcp')) return 0;
  return settings.listenFirst ?? listenFirstUnlessSaid;
}
