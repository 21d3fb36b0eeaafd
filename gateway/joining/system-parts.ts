import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { GatewayOptions } from '../gateway.ts';
import type { NodesLinkSettings } from '../link/nodes/settings.ts';
import type { SiteBroker } from '../link/nodes/site-broker/site-node-link.ts';
import type { NodeAccounts } from '../site/node-accounts.ts';
import { readIfThere, type SiteDirectory } from '../site/site-directory.ts';
import type { Site } from '../site/site-schema.ts';

/** The machine's own lines. A library is loaded only where the site needs it: on a small box memory is what it costs. */
export async function systemLinks(site: Pick<Site, 'links'>, clock: Clock): Promise<GatewayOptions['createLink']> {
  const kinds = new Set(Object.values(site.links).map(({ kind }) => kind));
  const serial = kinds.has('serial') ? await import('../link/serialport-link.ts') : undefined;
  const tcp = kinds.has('tcp') ? await import('../link/tcp-link.ts') : undefined;
  const server = kinds.has('tcp-server') ? await import('../link/tcp-server-link.ts') : undefined;
  return (id, settings, observe) => {
    if (settings.kind === 'serial' && serial) return new serial.SerialportLink({ id, settings, clock, observe });
    if (settings.kind === 'tcp' && tcp) return new tcp.TcpLink({ id, settings, clock, observe });
    if (settings.kind === 'tcp-server' && server) {
      return new server.TcpServerLink({ id, settings, clock, observe });
    }
    throw new RangeError(`${id}: there is no link of kind ${settings.kind}`);
  };
}

/** Bits per second of StandardFirmata 2.4 (`Firmata.begin(57600)`), eight bits, no parity. */
export const firmataLine = { baudRate: 57_600, parity: 'none', dataBits: 8, stopBits: 1, listen: false } as const;

/** Boards on the machine's own ports. Opening the port resets an Uno, so that every board begins with its relays off. */
export async function systemBoards(
  site: Pick<Site, 'links'>,
  clock: Clock,
): Promise<NonNullable<GatewayOptions['createBoard']>> {
  const hasBoards = Object.values(site.links).some(({ kind }) => kind === 'firmata');
  if (!hasBoards) return () => Promise.reject(new RangeError('the site has no board')) as never;
  const { SerialportLink } = await import('../link/serialport-link.ts');
  const { streamOf } = await import('../link/streamed-link.ts');
  const { openBoard } = await import('../../edge/site-io/johnny-five-board.ts');
  return (id, { path }) =>
    async (options) => {
      const settings = { kind: 'serial', path, ...firmataLine } as const;
      const link = new SerialportLink({ id, settings, clock, observe: () => undefined });
      const fault = await link.open();
      if (fault !== null) return fault;
      return openBoard({ ...options, port: streamOf(link, `${id}: ${path}`), clock });
    };
}

/** Brokers over the network, each with the login and the certificates that its files hold at the time. */
export async function systemBrokers(
  site: Site,
  directory: SiteDirectory,
  clock: Clock,
): Promise<GatewayOptions['createBroker']> {
  if (site.uplinks.length === 0) return () => Promise.reject(new RangeError('the site has no uplink')) as never;
  const { mqttJsBroker } = await import('../uplink/mqtt-js-broker.ts');
  const { SecuredBroker } = await import('../uplink/connecting/secured-broker.ts');
  const { area, id: gateway } = site.gateway;
  return (settings, observe) => {
    const { id, url, protocol, answerWithin, keepAlive } = settings;
    const clientId = `fenceline-${area}-${gateway}-${id}`;
    const how = { url, protocol, clientId, clock, answerTimeout: answerWithin * 1000, keepalive: keepAlive };
    return new SecuredBroker({
      ...{ uplink: id, files: { secrets: directory.secrets, settings }, clock, observe },
      open: (credentials) => mqttJsBroker({ ...how, ...credentials }),
    });
  };
}

/** Where the site's nodes connect: a broker within this process, or one of the site's. */
export async function systemNodeLinks(
  site: Pick<Site, 'links' | 'gateway'>,
  directory: SiteDirectory,
  accounts: NodeAccounts,
  clock: Clock,
): Promise<GatewayOptions['createNodeLink']> {
  const nodes = Object.values(site.links).filter((link) => link.kind === 'nodes');
  if (nodes.length === 0) return undefined;
  const own = nodes.some(({ listen }) => listen !== undefined)
    ? await import('../link/nodes/own-broker/aedes-node-link.ts')
    : undefined;
  const other = nodes.some(({ url }) => url !== undefined)
    ? await siteBrokers(site.gateway, directory, clock)
    : undefined;
  return (id, settings, observe) => {
    const { listen, tls } = settings;
    if (listen !== undefined && own) {
      const certificate = tls && (() => readCertificate(directory, tls));
      return new own.AedesNodeLink({ id, listen, certificate, accounts, clock, observe });
    }
    if (other === undefined) throw new RangeError(`${id}: neither an address nor a broker`);
    const knows = (node: string): boolean => accounts.list().some((one) => one.node === node);
    return new other.SiteNodeLink({ id, broker: other.brokerOf(id, settings), knows, clock, observe });
  };
}

/** The site's own brokers, each with the login and the authority that their files hold at the time. */
async function siteBrokers({ area, id: gateway }: Site['gateway'], { secrets }: SiteDirectory, clock: Clock) {
  const { mqttJsBroker } = await import('../uplink/mqtt-js-broker.ts');
  const { readCredentials } = await import('../uplink/connecting/credentials.ts');
  const { SiteNodeLink } = await import('../link/nodes/site-broker/site-node-link.ts');
  const brokerOf = (id: string, { url = '', username, passwordFile, tls }: NodesLinkSettings): SiteBroker => ({
    async connect(how) {
      const settings = { url, username, passwordFile, tls: tls?.ca === undefined ? undefined : { ca: tls.ca } };
      const { credentials, findings } = await readCredentials({ secrets, settings }, clock.wall());
      const grave = findings.find(({ isGrave }) => isGrave);
      if (credentials === null) return { kind: 'denied', message: `${grave?.fault.en}; ${grave?.remedy.en}` };
      const clientId = `fenceline-${area}-${gateway}-${id}`;
      return mqttJsBroker({ url, protocol: '3.1.1', clientId, clock, ...credentials }).connect(how);
    },
  });
  return { SiteNodeLink, brokerOf };
}

/** Certificate and key as their files in `secrets` hold them now. */
async function readCertificate(
  { secrets }: SiteDirectory,
  { certificate = '', key = '' }: { readonly certificate?: string | undefined; readonly key?: string | undefined },
): Promise<{ cert: string; key: string } | { fault: string }> {
  const read = async (name: string): Promise<string> => {
    const text = await readIfThere(join(secrets, name));
    if (text === undefined) throw new Error(`secrets/${name} is not there; put it there, mode 0600`);
    return text;
  };
  try {
    return { cert: await read(certificate), key: await read(key) };
  } catch (error) {
    return { fault: `has no certificate: ${(error as Error).message}` };
  }
}
