import type { Clock } from './clock.ts';
import type { GatewayOptions } from './gateway.ts';
import type { SiteDirectory } from './site/site-directory.ts';
import type { Site } from './site/site-schema.ts';

/** The machine's own lines. A library is loaded only where the site needs it: on a small box memory is what it costs. */
export async function systemLinks(site: Pick<Site, 'links'>, clock: Clock): Promise<GatewayOptions['createLink']> {
  const kinds = new Set(Object.values(site.links).map(({ kind }) => kind));
  const serial = kinds.has('serial') ? await import('./link/serialport-link.ts') : undefined;
  const tcp = kinds.has('tcp') ? await import('./link/tcp-link.ts') : undefined;
  const server = kinds.has('tcp-server') ? await import('./link/tcp-server-link.ts') : undefined;
  return (id, settings, observe) => {
    if (settings.kind === 'serial' && serial) return new serial.SerialportLink({ id, settings, clock, observe });
    if (settings.kind === 'tcp' && tcp) return new tcp.TcpLink({ id, settings, clock, observe });
    if (settings.kind === 'tcp-server' && server) {
      return new server.TcpServerLink({ id, settings, clock, observe });
    }
    throw new RangeError(`${id}: there is no link of kind ${settings.kind}`);
  };
}

/** Brokers over the network, each with the login and the certificates that its files hold at the time. */
export async function systemBrokers(
  site: Site,
  directory: SiteDirectory,
  clock: Clock,
): Promise<GatewayOptions['createBroker']> {
  if (site.uplinks.length === 0) return () => Promise.reject(new RangeError('the site has no uplink')) as never;
  const { mqttJsBroker } = await import('./uplink/mqtt-js-broker.ts');
  const { SecuredBroker } = await import('./uplink/connecting/secured-broker.ts');
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
