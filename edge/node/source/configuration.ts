/**
 * What a node is told about its place: `node.json`, at most 1,024 bytes. Good as a whole or not at all.
 */
export interface Configuration {
  /** 1 to 999,999. The gateway tells by it whether the node has what it was sent. */
  version: number;
  /** Both absent: the node is not adopted. */
  node?: string;
  password?: string;
  /** Name of the network, and its password; empty for an open one. */
  wifi: string[];
  /** Host and port of the broker. */
  gateway: [string, number];
  tls: boolean;
  /** Not both `none`. */
  sensor: 'plantower' | 'nova' | 'none';
  adc: 'none' | 'loop' | 'clamp' | 'sharp';
  /** Seconds of a measuring period: 10 to 3,600, such that an hour is whole periods. */
  period: number;
}

const FIELDS = ',version,node,password,wifi,gateway,tls,sensor,adc,period,';

/** The first field that a configuration cannot have so; undefined if it is good. */
export function faultyField(document: { [field: string]: unknown }, isSecure: boolean): string | undefined {
  for (const field in document) {
    const [place] = string.find(FIELDS, `,${field},`, 1, true);
    if (place === undefined) return string.sub(field, 1, 24);
  }
  const { node, password, wifi, gateway, tls, sensor, adc, period } = document;
  if (!isWhole(document.version, 1, 999999)) return 'version';
  if (node !== undefined || password !== undefined) {
    if (!isText(node, '^[a-z0-9-]+$', 1, 24) || node === 'new') return 'node';
    if (!isText(password, '^[!-~]+$', 1, 64)) return 'password';
  }
  if (!isPair(wifi) || !isText(wifi[0], '^[^%c]+$', 1, 32)) return 'wifi';
  if (wifi[1] !== '' && !isText(wifi[1], '^[ -~]+$', 8, 63)) return 'wifi';
  if (!isPair(gateway) || !isText(gateway[0], '^[%w.:-]+$', 1, 64) || !isWhole(gateway[1], 1, 65535)) return 'gateway';
  if (tls !== false && (tls !== true || !isSecure)) return 'tls';
  if (sensor !== 'plantower' && sensor !== 'nova' && sensor !== 'none') return 'sensor';
  if (adc !== 'none' && adc !== 'loop' && adc !== 'clamp' && adc !== 'sharp') return 'adc';
  if (sensor === 'none' && adc === 'none') return 'sensor';
  if (!isWhole(period, 10, 3600) || 3600 % period !== 0) return 'period';
  return undefined;
}

function isWhole(value: unknown, least: number, most: number): value is number {
  // Lua 5.3 reads 60.0 as a float: reckoned with, it would make 32-bit floats of epoch seconds, and rows say "60.0".
  return typeof value === 'number' && value >= least && value <= most && isText(tostring(value), '^%d+$', 1, 6);
}

function isText(value: unknown, pattern: string, least: number, most: number): boolean {
  if (typeof value !== 'string' || value.length < least || value.length > most) return false;
  const [match] = string.match(value, pattern);
  return match !== undefined;
}

function isPair(value: unknown): value is unknown[] {
  return typeof value === 'object' && (value as unknown[]).length === 2;
}
