import * as z from 'zod';
import {
  type NodeConfiguration,
  nodeConfiguration,
  nodeSettings,
} from '../../../driver/node/offers/node-configuration.ts';
import type { Questions } from './questions.ts';
import { checked, placeIn, type SaidSettings } from './settings-options.ts';

/** What of a document on a node is taken over, field by field; one that its rules refuse is left behind. */
export function knownOf(text: string | null): Partial<NodeConfiguration> {
  let raw: unknown;
  try {
    raw = JSON.parse(text ?? '');
  } catch {
    return {};
  }
  const whole = nodeConfiguration.safeParse(raw);
  if (whole.success) return whole.data;
  const fields = z.record(z.string(), z.unknown()).safeParse(raw);
  if (!fields.success) return {};
  const { version } = fields.data;
  const kept = Object.entries(nodeSettings.shape).flatMap(([name, schema]) => {
    const parsed = schema.safeParse(fields.data[name]);
    return parsed.success ? [[name, parsed.data]] : [];
  });
  return { ...Object.fromEntries(kept), ...(Number.isInteger(version) ? { version: Number(version) } : {}) };
}

/**
 * The document that a node is to have: what was said before what it has, and what nobody said is asked for. Its number
 * goes up where anything changed. Undefined when the questions were broken off.
 */
export async function newConfiguration(
  said: SaidSettings,
  known: Partial<NodeConfiguration>,
  questions: Questions,
): Promise<NodeConfiguration | undefined> {
  const wifi = await wifiOf(said, known, questions);
  if (wifi === undefined) return undefined;
  const gateway = said.others.gateway ?? known.gateway ?? (await gatewayAsked(questions));
  if (gateway === undefined) return undefined;
  const measured = await measuredOf(said, known, questions);
  if (measured === undefined) return undefined;
  const settings = {
    wifi,
    gateway,
    tls: said.others.tls ?? known.tls ?? false,
    ...measured,
    period: said.others.period ?? known.period ?? 60,
  };
  const { node, password } = known;
  const account = node === undefined || password === undefined ? {} : { node, password };
  const version = known.version ?? 0;
  const same = { version, ...account, ...settings };
  const isSame = version > 0 && JSON.stringify(sorted(same)) === JSON.stringify(sorted(known));
  return checked(nodeConfiguration, isSame ? same : { ...same, version: version + 1 }, 'the configuration');
}

const sorted = (fields: object): unknown[] => Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));

async function wifiOf(
  { ssid, password }: SaidSettings,
  known: Partial<NodeConfiguration>,
  questions: Questions,
): Promise<NodeConfiguration['wifi'] | undefined> {
  if (ssid === undefined && known.wifi !== undefined) return known.wifi;
  const name = ssid ?? (await networkAsked(questions));
  if (name === undefined) return undefined;
  const secret = password ?? (await passwordAsked(name, questions));
  return secret === undefined ? undefined : checked(nodeSettings.shape.wifi, [name, secret], '--wifi');
}

function networkAsked(questions: Questions): Promise<string | undefined> {
  return questions.askFor(
    { en: 'Wi-Fi network of the gateway (SSID):', zh: '采集网关所用的 Wi-Fi 名称（SSID）：' },
    (name) => (nodeSettings.shape.wifi.safeParse([name, '']).success ? name : undefined),
    { en: '1 to 32 bytes; a Chinese character takes 3', zh: '1 到 32 字节，一个汉字占 3 字节' },
  );
}

/** Asks for the password of a network, unseen. */
export function passwordAsked(ssid: string, questions: Questions): Promise<string | undefined> {
  const question = {
    en: `Password of ${ssid} (empty for an open network): `,
    zh: `${ssid} 的密码（开放网络留空）：`,
  };
  const wanted = { en: '8 to 63 characters, or nothing for an open network', zh: '8 到 63 个字符，开放网络则留空' };
  const isPassword = (text: string): boolean => nodeSettings.shape.wifi.safeParse([ssid, text]).success;
  return questions.askFor(question, (text) => (isPassword(text) ? text : undefined), wanted, true);
}

/** What the node measures; asked for where nobody said anything of it. */
async function measuredOf(
  { others }: SaidSettings,
  known: Partial<NodeConfiguration>,
  questions: Questions,
): Promise<Pick<NodeConfiguration, 'sensor' | 'adc'> | undefined> {
  const { sensor = known.sensor, adc = known.adc } = others;
  if (sensor !== undefined || adc !== undefined) return { sensor: sensor ?? 'none', adc: adc ?? 'none' };
  const question = {
    en: 'Sensor on its UART (plantower, nova or none):',
    zh: '串口上的传感器（plantower、nova 或 none）：',
  };
  const asked = await questions.askFor(question, (word) => nodeSettings.shape.sensor.safeParse(word).data, {
    en: 'plantower, nova or none',
    zh: '请输入 plantower、nova 或 none',
  });
  if (asked === undefined) return undefined;
  if (asked !== 'none') return { sensor: asked, adc: 'none' };
  const other = await questions.askFor(
    { en: 'What is on its ADC (loop, clamp or sharp):', zh: 'ADC 上接的是什么（loop、clamp 或 sharp）：' },
    (word) => (word === 'none' ? undefined : nodeSettings.shape.adc.safeParse(word).data),
    {
      en: 'loop, clamp or sharp; without it there is nothing to measure',
      zh: '请输入 loop、clamp 或 sharp；否则没有可测的',
    },
  );
  return other === undefined ? undefined : { sensor: asked, adc: other };
}

function gatewayAsked(questions: Questions): Promise<NodeConfiguration['gateway'] | undefined> {
  const question = {
    en: 'Address of the gateway on that network, and its port if it is not 1883:',
    zh: '采集网关在该网络中的地址（端口非 1883 时一并填写）：',
  };
  return questions.askFor(question, (text) => nodeSettings.shape.gateway.safeParse(placeIn(text)).data, {
    en: 'a name or an address, and a port where it is another one: 10.42.0.1:1883',
    zh: '请输入名称或地址，端口不同时加端口：10.42.0.1:1883',
  });
}
