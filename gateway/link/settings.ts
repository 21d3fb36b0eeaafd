import { isIP } from 'node:net';
import * as z from 'zod';
import { type SerialSettings, serialSettingsSchema } from '../../device-profiles/serial-settings.ts';
import { duration } from '../duration.ts';
import { nodesLinkSettings } from './nodes/settings.ts';

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

/**
 * A host as the system is to be asked for it. Displays of devices write 192.168.001.020, where the system would take
 * 020 for an octal 16.
 */
function plainHost(written: string): string {
  const host = written
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
  return /^\d+(\.\d+){3}$/.test(host) ? host.split('.').map(Number).join('.') : host;
}

/** Labels of a name joined by dots; the last is no number, else it is meant for an address (RFC 1123, 2.1). */
const hostName = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*(?!\d+$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/;

const tcpFramings = ['modbus-tcp', 'modbus-rtu'] as const;
type TcpFraming = (typeof tcpFramings)[number];

/**
 * A device server, gateway or instrument on the network. A field that belongs to the other framing is an issue that has
 * `onlyWith` in its params.
 */
const tcpLinkSettings = z
  .strictObject({
    kind: z.literal('tcp'),
    host: z
      .string()
      .transform(plainHost)
      .refine((host) => isIP(host) !== 0 || hostName.test(host), 'must be a name or an address, without a port')
      .describe('Name or address of the device'),
    port: z.int().min(1).max(65535).describe('TCP port; 502 is the usual one for Modbus TCP'),
    framing: z
      .enum(tcpFramings)
      .describe('modbus-tcp, or modbus-rtu for a device server that passes serial bytes through unchanged'),
    serial: serialSettingsSchema
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
    const only = (field: string, onlyWith: TcpFraming): void =>
      context.addIssue({
        code: 'custom',
        path: [field],
        message: `has a meaning only with framing ${onlyWith}`,
        params: { onlyWith },
      });
    if (framing === 'modbus-rtu' && outstanding !== undefined) only('outstanding', 'modbus-tcp');
    if (framing === 'modbus-rtu') return;
    if (serial !== undefined) only('serial', 'modbus-rtu');
    if (listenFirst !== undefined) only('listenFirst', 'modbus-rtu');
    if (listen) only('listen', 'modbus-rtu');
  });

/** A port on which an instrument or logger connects to this gateway. */
const tcpServerLinkSettings = z.strictObject({
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

/** The port of an Arduino-class board on USB that runs StandardFirmata; what hangs on its pins is its profile's. */
const firmataLinkSettings = z.strictObject({
  kind: z.literal('firmata'),
  path: serialLinkSettings.shape.path,
});

/** One entry of `links` in the site file. */
export const linkSettings = z.discriminatedUnion('kind', [
  serialLinkSettings,
  tcpLinkSettings,
  tcpServerLinkSettings,
  nodesLinkSettings,
  firmataLinkSettings,
]);

export type SerialLinkSettings = z.output<typeof serialLinkSettings>;
export type TcpLinkSettings = z.output<typeof tcpLinkSettings>;
export type TcpServerLinkSettings = z.output<typeof tcpServerLinkSettings>;
export type FirmataLinkSettings = z.output<typeof firmataLinkSettings>;
type LinkSettings = z.output<typeof linkSettings>;
/** Of a link that is a line: bytes to and from instruments. */
export type LineLinkSettings = SerialLinkSettings | TcpLinkSettings | TcpServerLinkSettings;

/** True for a link that is a line; others bring messages, each in its own way. */
export function isLine(settings: LinkSettings): settings is LineLinkSettings {
  return settings.kind === 'serial' || settings.kind === 'tcp' || settings.kind === 'tcp-server';
}

/** Bits that one character takes on the wire: start, data, parity and stop bits. */
function characterBits(settings: Omit<SerialSettings, 'baudRate'>): number {
  return 1 + settings.dataBits + (settings.parity === 'none' ? 0 : 1) + settings.stopBits;
}

/** Milliseconds that one character takes on a line with these settings; 0 where they are not known. */
export function characterTimeOf(line: SerialSettings | undefined): number {
  return line === undefined ? 0 : (characterBits(line) * 1000) / line.baudRate;
}

/** The settings of the serial line that a link is, or that stands behind it; undefined where there is none or nobody said. */
export function lineOf(settings: LinkSettings): SerialSettings | undefined {
  if (settings.kind === 'serial') return settings;
  return settings.kind === 'tcp' ? settings.serial : undefined;
}

/** Where a device on the network is reached, as people write it: `192.168.1.20:502`, `[::1]:502`. */
export function addressText({ host, port }: Pick<TcpLinkSettings, 'host' | 'port'>): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Milliseconds that the line is listened to before the first request; 0 where nobody else can be heard. */
export function listenFirstOf(settings: LinkSettings): number {
  const canBeHeard = settings.kind === 'serial' || (settings.kind === 'tcp' && settings.framing === 'modbus-rtu');
  return canBeHeard ? (settings.listenFirst ?? listenFirstUnlessSaid) : 0;
}

/** True for a line on which nothing may be sent. */
export function isListenOnly(settings: LinkSettings): boolean {
  return (settings.kind === 'serial' || settings.kind === 'tcp') && settings.listen;
}
