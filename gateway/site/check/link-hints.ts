import { isIP } from 'node:net';
import { listenFirstOf } from '../../link/settings.ts';
import type { SiteLink } from '../site-schema.ts';
import type { Draft } from './draft.ts';
import type { Complain } from './fault.ts';
import { type ResolveDevice, thisMachine } from './links.ts';

/** A name that the system gives in the order in which adapters are found. */
const passingName = /^\/dev\/tty(?:USB|ACM)\d+$/;
/** A master that is heard at all is heard within so long, milliseconds; official loggers poll every few seconds. */
const longEnough = 10_000;

/** What works today and may not tomorrow: a port named by the order of plugging in, or open to all; a line hardly listened to. */
export function checkLinkHints(
  draft: Draft,
  resolve: ResolveDevice,
  lastingNames: readonly string[],
  addresses: readonly string[],
  warn: Complain,
): void {
  for (const [name, link] of draft.links) {
    if (link.kind === 'tcp-server') {
      checkListening(name, link, warn);
      continue;
    }
    if (link.kind === 'nodes') {
      checkNodesAddress(name, link, addresses, warn);
      continue;
    }
    if ((link.kind === 'serial' || link.kind === 'firmata') && passingName.test(link.path)) {
      const lasting = lastingNames.find((one) => resolve(one) === link.path);
      warn(
        ['links', name, 'path'],
        {
          en: `${link.path} may become another adapter when one is plugged in anew`,
          zh: `重新插拔后，${link.path} 可能变成另一个转换器`,
        },
        lasting === undefined
          ? {
              en: 'write its lasting name: see ls -l /dev/serial/by-id/ (by-path/ for two adapters of one name)',
              zh: '改用固定名称：见 ls -l /dev/serial/by-id/（两个转换器同名时见 by-path/）',
            }
          : { en: `write "${lasting}"`, zh: `改为 "${lasting}"` },
      );
    }
    if (link.kind === 'firmata') continue;
    const isHeard = link.kind === 'serial' || link.framing === 'modbus-rtu';
    if (!isHeard || link.listen || listenFirstOf(link) >= longEnough) continue;
    warn(
      ['links', name, 'listenFirst'],
      {
        en: 'another master on the line, such as an official data logger, may go unheard and be disturbed',
        zh: '线路上若有其他主站（如正式数采仪），可能来不及被发现而受到干扰',
      },
      {
        en: 'write "10s" or leave it out, unless nobody else can be on this line',
        zh: '改为 "10s" 或删去；确认线路上没有其他主站时才可更短',
      },
    );
  }
}

/** Whoever reaches an open port can send what looks like measurements. */
function checkListening(name: string, { host, senders }: SiteLink & { kind: 'tcp-server' }, warn: Complain): void {
  if (senders !== undefined || thisMachine.includes(host)) return;
  warn(
    ['links', name, 'senders'],
    {
      en: 'is missing: any device that reaches the port is believed',
      zh: '缺少此项：任何能连到该端口的设备都会被采信',
    },
    {
      en: 'write the address of the device, such as [ "192.168.1.20" ]',
      zh: '写设备的 IP 地址，如 [ "192.168.1.20" ]',
    },
  );
}

/** Where nodes connect: an address that is there, and of their own network, over which their passwords go as they are. */
function checkNodesAddress(
  name: string,
  { listen, tls }: SiteLink & { kind: 'nodes' },
  addresses: readonly string[],
  warn: Complain,
): void {
  if (listen === undefined || thisMachine.includes(listen.host)) return;
  const { host, port } = listen;
  const path = ['links', name, 'listen'];
  if (host === '0.0.0.0' || host === '::') {
    if (tls !== undefined) return;
    warn(
      path,
      {
        en: "is open on every network of this machine, and the nodes' passwords are sent unencrypted",
        zh: '在本机所有网络上开放，节点密码以明文传输',
      },
      {
        en: `write this machine's address on the nodes' own Wi-Fi, such as "10.42.0.1:${port}"`,
        zh: `写本机在节点专用 Wi-Fi 上的地址，如 "10.42.0.1:${port}"`,
      },
    );
  } else if (isIP(host) !== 0 && !addresses.includes(host)) {
    const own = addresses.length === 0 ? '-' : addresses.join(', ');
    warn(
      path,
      { en: `${host} is no address of this machine now; it has ${own}`, zh: `本机目前没有地址 ${host}；现有 ${own}` },
      {
        en: "write this machine's address on the nodes' network, or bring that network up",
        zh: '写本机在节点网络上的地址，或先启用该网络',
      },
    );
  }
}
