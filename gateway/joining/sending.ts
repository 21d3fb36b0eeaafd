import type { Clock, LocalTime } from '../clock.ts';
import type { Birth } from '../contract/birth.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { GatewayEvent } from '../diagnosis/gateway-event.ts';
import type { KeyRing } from '../site/key-ring.ts';
import type { SiteDirectory } from '../site/site-directory.ts';
import type { Site, SiteUplink } from '../site/site-schema.ts';
import { TrafficFile } from '../site/traffic-file.ts';
import type { Store } from '../store/port.ts';
import type { Broker } from '../uplink/broker.ts';
import { MqttUplink } from '../uplink/mqtt-uplink.ts';
import type { Uplink, UplinkEvent } from '../uplink/port.ts';
import { hearsCommands } from './commands/commanding.ts';

/** How often the picture of store and backlog is brought up to date, milliseconds. */
const lookEvery = 2000;

interface SendingOptions {
  readonly site: Site;
  readonly directory: SiteDirectory;
  readonly store: Store;
  readonly clock: Clock;
  readonly localTime: LocalTime;
  readonly keys: KeyRing;
  readonly diagnosis: Diagnosis;
  readonly createBroker: (settings: SiteUplink, observe: (event: UplinkEvent) => void) => Broker;
  /** 0 up to 1, for jitter. */
  readonly random?: (() => number) | undefined;
  /** Whether an uplink still sends; one that its platform has retired does not. */
  readonly isSending: (uplink: string) => boolean;
  /** The birth document as it stands at a stamp. */
  readonly birth: (at: string) => Birth;
  /** Takes what comes on the command topic; null where nothing is obeyed. */
  readonly onCommand: ((uplink: string, payload: Uint8Array) => void) | null;
  readonly observe: (event: GatewayEvent) => void;
}

/** The ways to the platforms. */
interface Sending {
  readonly uplinks: readonly Uplink[];
  start(): void;
  /** Gives every uplink up to `drain` milliseconds to be rid of what is held. */
  stop(drain: number): Promise<void>;
}

/** Makes an uplink for every platform of the site that is to have data, and keeps the picture of what they hold. */
export async function openSending(options: SendingOptions): Promise<Sending> {
  const { site, directory, isSending, observe } = options;
  const traffic = await TrafficFile.open(directory.traffic, (message) => observe({ kind: 'traffic-fault', message }));
  const sending = site.uplinks.filter(({ id }) => isSending(id));
  const uplinks = sending.map((settings) => uplinkTo(settings, traffic, options));
  let stopLooking = (): void => undefined;
  return {
    uplinks,
    start() {
      for (const uplink of uplinks) uplink.start();
      stopLooking = lookRegularly(options, uplinks);
    },
    async stop(drain) {
      await Promise.all(uplinks.map((uplink) => uplink.stop(drain)));
      await traffic.close();
      stopLooking();
    },
  };
}

function uplinkTo(settings: SiteUplink, trafficBook: TrafficFile, options: SendingOptions): Uplink {
  const { site, store, clock, localTime, keys, createBroker, random, birth, onCommand, observe } = options;
  return new MqttUplink({
    ...{ settings, store, clock, localTime, observe, trafficBook },
    gateway: { area: site.gateway.area, gateway: site.gateway.id },
    identity: { birth: () => birth(localTime.stamp(clock.wall())), onChanged: (told) => keys.onChanged(told) },
    key: () => keys.privateKey,
    broker: createBroker(settings, observe),
    ...(hearsCommands(settings) && onCommand !== null
      ? { onCommand: (payload: Uint8Array) => onCommand(settings.id, payload) }
      : {}),
    ...(random === undefined ? {} : { random }),
  });
}

/** Keeps the picture of store and backlog up to date. */
function lookRegularly({ clock, diagnosis, store }: SendingOptions, uplinks: readonly Uplink[]): () => void {
  let stopped = false;
  let cancel = (): void => {};
  const look = async (): Promise<void> => {
    try {
      diagnosis.heads(await store.heads());
      for (const { id, pace } of uplinks) {
        diagnosis.backlog(await store.backlog(id));
        diagnosis.pace(id, pace);
      }
    } catch {
      // A store that does not answer has told so itself; the picture stays as it was last seen.
    }
    if (!stopped) cancel = clock.after(lookEvery, () => void look());
  };
  void look();
  return () => {
    stopped = true;
    cancel();
  };
}
