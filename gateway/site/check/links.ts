import { serialSettingsText } from '../../../device-profiles/serial-settings.ts';
import { addressText, lineOf } from '../../link/settings.ts';
import type { SiteLink } from '../site-schema.ts';
import type { Draft } from './draft.ts';
import type { Complain } from './fault.ts';

/** Finds the device that a path stands for: two by-id links may be one adapter. A path that leads nowhere stands for itself. */
export type ResolveDevice = (path: string) => string;

/** Names of this machine itself. */
export const thisMachine: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/** What a link occupies: one serial port, one address on the network, or one port of this machine. */
function endpointOf(link: SiteLink, resolve: ResolveDevice): string {
  if (link.kind === 'serial' || link.kind === 'firmata') return resolve(link.path);
  if (link.kind === 'tcp-server') return `port ${link.port}`;
  if (link.kind === 'nodes') return link.listen === undefined ? `broker ${link.url}` : `port ${link.listen.port}`;
  return addressText(thisMachine.includes(link.host) ? { ...link, host: '127.0.0.1' } : link);
}

/** The line settings of a link, and the framing where there is a network between. */
export function settingsText(link: SiteLink): string {
  const line = lineOf(link);
  return [
    ...(link.kind === 'tcp' ? [link.framing] : []),
    ...(line === undefined ? [] : [serialSettingsText(line)]),
  ].join(' ');
}

/** Two links must not share a port or an address: each would take the other's answers for its own, and many devices serve one connection only. */
export function checkLinks(draft: Draft, resolve: ResolveDevice, complain: Complain): void {
  const holders = new Map<string, { name: string; link: SiteLink }>();
  for (const [name, link] of draft.links) {
    const endpoint = endpointOf(link, resolve);
    const holder = holders.get(endpoint);
    if (holder === undefined) holders.set(endpoint, { name, link });
    else if (link.kind === 'tcp-server') checkSharedPort(name, 'port', link.port, holder.name, complain);
    else if (link.kind === 'nodes') checkSharedBroker(name, link, holder.name, complain);
    else if (link.kind === 'tcp') checkSharedAddress(name, link, endpoint, holder, complain);
    else {
      const via = link.path === endpoint ? '' : ` (${link.path})`;
      complain(
        ['links', name, 'path'],
        {
          en: `${endpoint}${via} is already used by the link ${holder.name}`,
          zh: `${endpoint}${via} 已被链路 ${holder.name} 占用`,
        },
        link.kind === 'firmata' ? oneBoard(name) : oneLink(holder.name, name),
      );
      checkSameAddress(draft, name, link, holder, endpoint, complain);
    }
  }
}

/** Two links at one broker would take every message of a node twice. */
function checkSharedBroker(
  name: string,
  { listen, url }: SiteLink & { kind: 'nodes' },
  holder: string,
  complain: Complain,
): void {
  if (listen !== undefined) {
    checkSharedPort(name, 'listen', listen.port, holder, complain);
    return;
  }
  complain(
    ['links', name, 'url'],
    { en: `${url} is already used by the link ${holder}`, zh: `${url} 已被链路 ${holder} 使用` },
    {
      en: `give the instruments of ${name} "link": "${holder}" and delete the link ${name}`,
      zh: `把 ${name} 的仪器改为 "link": "${holder}" 并删去链路 ${name}`,
    },
  );
}

function checkSharedPort(
  name: string,
  field: 'port' | 'listen',
  port: number,
  holder: string,
  complain: Complain,
): void {
  complain(
    ['links', name, field],
    { en: `port ${port} is already listened on by the link ${holder}`, zh: `端口 ${port} 已由链路 ${holder} 监听` },
    { en: 'give each device a port of its own', zh: '为每台设备使用不同端口' },
  );
}

function oneLink(first: string, second: string) {
  return {
    en: `give the instruments of ${second} "link": "${first}" and delete the link ${second}, or correct the path`,
    zh: `把 ${second} 的仪器改为 "link": "${first}" 并删去链路 ${second}，或改正路径`,
  };
}

/** A board has its port, and its instrument, for itself. */
function oneBoard(second: string) {
  return {
    en: `correct the path, or delete the link ${second} and the instrument on it`,
    zh: `改正路径，或删去链路 ${second} 及其仪器`,
  };
}

function checkSharedAddress(
  name: string,
  link: SiteLink & { kind: 'tcp' },
  endpoint: string,
  holder: { name: string; link: SiteLink },
  complain: Complain,
): void {
  const framing = holder.link.kind === 'tcp' ? holder.link.framing : settingsText(holder.link);
  if (framing !== link.framing) {
    complain(
      ['links', name, 'framing'],
      {
        en: `${endpoint} is asked in ${link.framing} here and in ${framing} by the link ${holder.name}`,
        zh: `${endpoint} 在此使用 ${link.framing}，链路 ${holder.name} 却使用 ${framing}`,
      },
      {
        en: 'keep one link with the framing that the device is set to',
        zh: '只保留一个链路，帧格式与设备设置一致',
      },
    );
  } else {
    complain(
      ['links', name, 'port'],
      { en: `${endpoint} is already used by the link ${holder.name}`, zh: `${endpoint} 已被链路 ${holder.name} 占用` },
      oneLink(holder.name, name),
    );
  }
}

/** The same slave, asked with two line settings: one of them cannot be right. */
function checkSameAddress(
  draft: Draft,
  name: string,
  link: SiteLink,
  holder: { name: string; link: SiteLink },
  endpoint: string,
  complain: Complain,
): void {
  if (settingsText(link) === settingsText(holder.link)) return;
  for (const { index, fields } of draft.instruments.filter((one) => one.fields.link === name)) {
    const other = draft.instruments.find(
      (one) =>
        one.fields.link === holder.name && one.fields.address !== undefined && one.fields.address === fields.address,
    );
    if (other === undefined) continue;
    const [here, there] = [settingsText(link), settingsText(holder.link)];
    complain(
      ['instruments', index, 'address'],
      {
        en: `address ${fields.address} on ${endpoint} is asked with ${here} here and with ${there} by instruments[${other.index}]`,
        zh: `${endpoint} 上的地址 ${fields.address} 在此用 ${here}，instruments[${other.index}] 却用 ${there}`,
      },
      {
        en: 'all instruments on a line have the same line settings: set them so and keep one link',
        zh: '同一线路上所有仪器的串口参数必须一致：统一设置，只保留一个链路',
      },
      [index, other.index],
    );
  }
}
