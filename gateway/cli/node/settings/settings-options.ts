import { readFileSync } from 'node:fs';
import type { ParseArgsOptionsConfig } from 'node:util';
import { type NodeChanges, nodeSettings, nothingToRead } from '../../../driver/node/offers/node-configuration.ts';
import { BadInput } from '../../terminal.ts';

/** The options that say how a node is set. No secret is among them: what stands on a command line, everybody can read. */
export const settingsOptions = {
  wifi: { type: 'string' },
  'wifi-password-file': { type: 'string' },
  gateway: { type: 'string' },
  tls: { type: 'string' },
  sensor: { type: 'string' },
  adc: { type: 'string' },
  period: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

type Given = { readonly [Option in keyof typeof settingsOptions]?: string | undefined };

export const settingsHelp = `  --wifi SSID                 network of the gateway; its password is asked for, never echoed
  --wifi-password-file FILE   read it from the first line of a file instead; an empty one for an open network
  --gateway HOST[:PORT]       where the gateway listens for nodes; port 1883 without it
  --tls yes|no                yes needs an ESP32
  --sensor KIND               plantower, nova or none, on the UART
  --adc KIND                  none, loop (4-20 mA), clamp (CT clamp) or sharp, on the ADC
  --period SECONDS            averaging period: 10 to 3600, and an hour must be a multiple of it`;

/** What somebody said of a node's settings; the Wi-Fi password may be still to be asked for. */
export interface SaidSettings {
  readonly ssid?: string;
  /** Undefined where it was not said. */
  readonly password?: string;
  readonly others: Omit<NodeChanges, 'wifi'>;
}

/** Reads the options; whatever a node would refuse is refused here. */
export function saidSettings(given: Given): SaidSettings {
  const fields = nodeSettings.shape;
  const { wifi, 'wifi-password-file': file, period } = given;
  if (file !== undefined && wifi === undefined) throw new BadInput('--wifi-password-file goes with --wifi');
  if (wifi !== undefined) checked(fields.wifi, [wifi, ''], '--wifi');
  const password = file === undefined ? undefined : firstLineOf(file);
  if (password !== undefined) checked(fields.wifi, [wifi, password], '--wifi-password-file');
  if (given.sensor === 'none' && given.adc === 'none') throw new BadInput(`--sensor ${nothingToRead}`);
  const seconds = period === undefined ? undefined : Number(period);
  return {
    ...(wifi === undefined ? {} : { ssid: wifi }),
    ...(password === undefined ? {} : { password }),
    others: {
      ...field('gateway', fields.gateway, given.gateway === undefined ? undefined : placeOf(given.gateway)),
      ...field('tls', fields.tls, given.tls === undefined ? undefined : yesOrNo(given.tls)),
      ...field('sensor', fields.sensor, oneOf('sensor', fields.sensor.options, given.sensor, fields.adc.options)),
      ...field('adc', fields.adc, oneOf('adc', fields.adc.options, given.adc, fields.sensor.options)),
      ...field('period', fields.period, seconds),
    },
  };
}

type Schema<Value> = {
  safeParse(
    value: unknown,
  ): { success: true; data: Value } | { success: false; error: { issues: readonly { readonly message: string }[] } };
};

function field<Name extends string, Value>(name: Name, schema: Schema<Value>, value: unknown): { [N in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: checked(schema, value, `--${name}`) } as { [N in Name]?: Value });
}

/** The word, if it is one of those; else {@link BadInput} with all of them, and with the option to which it goes. */
function oneOf(
  name: 'sensor' | 'adc',
  words: readonly string[],
  word: string | undefined,
  ofTheOther: readonly string[],
): string | undefined {
  if (word === undefined || words.includes(word)) return word;
  const goes = ofTheOther.includes(word) ? `; ${word} goes to --${name === 'adc' ? 'sensor' : 'adc'}` : '';
  throw new BadInput(`--${name} takes ${words.slice(0, -1).join(', ')} or ${words.at(-1)}${goes}`);
}

/** The value as the schema has it; what is wrong is told without the value, which may be a secret. */
export function checked<Value>(schema: Schema<Value>, value: unknown, option: string): Value {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BadInput(`${option} ${parsed.error.issues[0]?.message ?? 'is not understood'}`);
}

/** `10.42.0.1`, `10.42.0.1:1883`, `[fd00::1]:1883`. */
export function placeIn(text: string): [string, number] | undefined {
  const found = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  return found ? [found[1] ?? found[2] ?? '', Number(found[3] ?? 1883)] : undefined;
}

function placeOf(text: string): [string, number] {
  const place = placeIn(text);
  if (place === undefined) throw new BadInput('--gateway takes a name or an address, and a port: 10.42.0.1:1883');
  return place;
}

function yesOrNo(text: string): boolean {
  if (text !== 'yes' && text !== 'no') throw new BadInput('--tls takes yes or no');
  return text === 'yes';
}

function firstLineOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/)[0] ?? '';
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BadInput(`--wifi-password-file: ${code === 'ENOENT' ? `${path} is not there` : message}`);
  }
}
