import mqtt from 'mqtt';
import { type Clock, pause } from '../../gateway/clock.ts';
import { everyGateway } from '../../gateway/contract/topics.ts';
import type { Broker } from '../../gateway/uplink/broker.ts';

/** What the platform hears and says. A line reconnects by itself. */
export interface PlatformLine {
  start(onMessage: (topic: string, payload: Uint8Array) => void, onConnected: () => void): void;
  /** Says it when connected, else not at all: the next full picture makes up for it. */
  publish(topic: string, payload: Uint8Array): void;
  stop(): Promise<void>;
}

const heard = [everyGateway('birth'), everyGateway('status'), everyGateway('data'), everyGateway('reply')];

/** Over MQTT by mqtt.js, independent of the gateway's own use of it. */
export function mqttLine(options: {
  readonly url: string;
  readonly protocol?: '3.1.1' | '5';
  readonly username?: string;
  readonly password?: string;
  /** PEM of the authority by which the broker is known. */
  readonly ca?: string;
}): PlatformLine {
  const { url, protocol = '5', ...login } = options;
  const protocolVersion = protocol === '5' ? 5 : 4;
  const client = mqtt.connect(url, { protocolVersion, reconnectPeriod: 250, manualConnect: true, ...login });
  return {
    start(onMessage, onConnected) {
      client.on('error', () => {});
      client.on('message', onMessage);
      client.on('connect', () => {
        client.subscribe(heard, { qos: 1 }, (error) => {
          if (!error) onConnected();
        });
      });
      client.connect();
    },
    publish(topic, payload) {
      if (client.connected) client.publish(topic, Buffer.from(payload), { qos: 1 });
    },
    stop: () => client.endAsync(true),
  };
}

/** Over any broker behind the gateway's port, such as the one in memory. */
export function brokerLine(broker: Broker, clock: Clock): PlatformLine {
  const stopped = new AbortController();
  let publish: (topic: string, payload: Uint8Array) => void = () => {};
  let running: Promise<void> = Promise.resolve();
  const will = { topic: 'platform/gone', payload: new Uint8Array(), retain: false, contentType: 'text/plain' };
  return {
    start(onMessage, onConnected) {
      const once = async (): Promise<void> => {
        let onClosed = (): void => {};
        const closed = new Promise<void>((resolve) => {
          onClosed = resolve;
        });
        const connection = await broker.connect({ will, onMessage, onClosed });
        if ('kind' in connection) return;
        stopped.signal.addEventListener('abort', () => onClosed(), { once: true });
        for (const topic of heard) await connection.subscribe(topic);
        publish = (topic, payload) => {
          void connection.publish({ topic, payload, retain: false, contentType: 'application/json' });
        };
        onConnected();
        await closed;
        publish = () => {};
        await connection.close();
      };
      running = (async () => {
        while (!stopped.signal.aborted) {
          await once();
          await pause(clock, 1000, stopped.signal);
        }
      })();
    },
    publish: (topic, payload) => publish(topic, payload),
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
