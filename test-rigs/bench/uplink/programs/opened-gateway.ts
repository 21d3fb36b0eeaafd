import { factors } from '../../../../device-profiles/factors.ts';
import { LocalTime, systemClock } from '../../../../gateway/clock.ts';
import type { Birth } from '../../../../gateway/contract/birth.ts';
import { newSigningKey, readSigningKey } from '../../../../gateway/record/signature.ts';
import { openStore, type SqliteStore } from '../../../../gateway/store/sqlite-store.ts';
import { mqttJsBroker } from '../../../../gateway/uplink/mqtt-js-broker.ts';
import { MqttUplink } from '../../../../gateway/uplink/mqtt-uplink.ts';
import type { UplinkEvent } from '../../../../gateway/uplink/port.ts';
import { uplinkSettings } from '../../../../gateway/uplink/settings.ts';
import { birthOf } from '../../../surroundings/sample-records.ts';
import { SiteMinutes } from '../site-minutes.ts';

export interface GatewayPlan {
  readonly directory: string;
  readonly gateway: string;
  readonly url: string;
  readonly protocol: '3.1.1' | '5';
  readonly points: 8 | 10 | 50;
  /** A new minute of the site is committed every so many milliseconds. */
  readonly newMinuteEvery: number;
  /** The usual ones where there are none: seconds between two words of status, and of silence before a ping. */
  readonly statusEvery?: number;
  readonly keepalive?: number;
  /** Commit windows, milliseconds. */
  readonly windows?: { readonly records: number; readonly samples: number };
  /** A reading of every series every so many milliseconds goes to the samples; none without. */
  readonly readingsEvery?: number;
}

/** The store and the uplink of a gateway as they are; what they would be told by instruments comes from a made-up site. */
interface OpenedGateway {
  readonly store: SqliteStore;
  readonly uplink: MqttUplink;
  readonly uplinkId: string;
  readonly site: SiteMinutes;
}

export async function openGateway(plan: GatewayPlan, observe: (event: UplinkEvent) => void): Promise<OpenedGateway> {
  const { url, protocol, points, windows, statusEvery = 60, keepalive } = plan;
  const address = { area: '320404', gateway: plan.gateway };
  const localTime = new LocalTime('Asia/Shanghai');
  const key = readSigningKey(newSigningKey());
  const settings = uplinkSettings.parse({
    id: 'platform',
    kind: 'mqtt',
    url,
    protocol,
    statusEvery: `${statusEvery}s`,
    // The wait that keeps a region apart is no part of the speed; a second is the least.
    spreadBacklog: '1s',
  });
  const site = new SiteMinutes(points, 99, Date.now());
  const store = await openStore({
    ...{ directory: plan.directory, gateway: plan.gateway, site: '5a0d3c1be1f2a790', uplinks: [settings.id] },
    ...{ keepSamples: true, clock: systemClock, localTime, observe: () => undefined },
    ...(windows === undefined ? {} : { windows }),
  });
  if ('refusal' in store) throw new Error(store.message);
  const birth: Birth = { ...birthOf(key), ...address, ...described(site) };
  const broker = { url, protocol, clientId: `bench-${plan.gateway}`, clock: systemClock };
  const uplink = new MqttUplink({
    ...{ settings, gateway: address, key, store, clock: systemClock, localTime, observe },
    identity: { birth: () => birth, onChanged: () => () => undefined },
    broker: mqttJsBroker(keepalive === undefined ? broker : { ...broker, keepalive }),
  });
  return { store, uplink, uplinkId: settings.id, site };
}

/** What birth says of the site: its points, instruments and factors. */
function described({ series }: SiteMinutes): Pick<Birth, 'points' | 'instruments' | 'factors'> {
  const points = [...new Set(series.map(({ point }) => point))];
  return {
    points: points.map((id) => ({ id, place: id })),
    instruments: points.map((point) => ({ id: `instrument-${point}`, profile: 'jxct/jxbs-3001-pm', point })),
    factors: [...new Set(series.map(({ factor }) => factor))].map((factor) => {
      const { hj212, zh, en, unit, decimals } = factors[factor];
      return { factor, hj212, zh, en, unit, decimals };
    }),
  };
}
