import type { Configuration } from '../configuration.ts';
import type { Hardware } from '../hardware.ts';
import { section } from '../section.ts';

/**
 * The connection to the broker, with exactly one message in flight: NodeMCU's client has one place for the callback of a
 * PUBACK and gives it no number. What it cannot do is tried again by whoever wanted it, after `onFree`.
 *
 * After a failure of any kind it waits before it tries again: 2.5 to 7.5 s at first, twice that each time, never more than
 * 7 min 30 s; by chance between half and one and a half, so that the nodes of a site do not come all at once after an
 * outage. The gateway's `have` alone (`prove`) brings it back to the beginning: a broker that takes everybody and answers
 * nobody would otherwise be asked without end.
 *
 * @noSelf
 */
export interface Connection {
  /** Sends with QoS 1: false if it is not connected, another message is in flight, or the client refuses. */
  publish(kind: string, payload: string): boolean;
  isFree(): boolean;
  /** The gateway answered. */
  prove(): void;
  /** To be called every few seconds. */
  tick(): void;
  /** Uptime at which it last got further in any way; also while there is no network to get on with. */
  progress(): number;
}

/** @noSelf */
export interface ConnectionEvents {
  onUp(): void;
  onMessage(kind: string, payload: string): void;
  /** Another message may be sent. */
  onFree(): void;
}

/** No network; until the next attempt; CONNECT and SUBSCRIBE; connected. */
const DOWN = 0;
const WAITING = 1;
const JOINING = 2;
const UP = 3;

/** Seconds after which a PUBACK does not come any more, and a step of joining (the client itself gives up after 60). */
const ANSWER = 20;
const STEP = 75;
/** Publishes without a PUBACK, or refused, before the connection is given up. */
const FAILURES = 3;
const FIRST_WAIT = 5;
const LONGEST_WAIT = 300;

export function openConnection(
  hardware: Hardware,
  client: MqttClient,
  configuration: Configuration,
  prefix: string,
  kinds: string[],
  events: ConnectionEvents,
): Connection {
  let phase = DOWN;
  let since = 0;
  let wait = FIRST_WAIT;
  let nextAttempt = 0;
  let isInFlight = false;
  let failures = 0;

  const turn = (to: number): void => {
    phase = to;
    since = hardware.uptime();
    isInFlight = false;
  };

  const fail = (): void => {
    if (phase < JOINING) return;
    turn(WAITING);
    nextAttempt = since + math.floor(wait * (0.5 + hardware.random()));
    wait = math.min(wait * 2, LONGEST_WAIT);
  };

  const giveUp = (): void => {
    fail();
    pcall(() => client.close());
  };

  const miss = (): void => {
    isInFlight = false;
    failures += 1;
    if (failures >= FAILURES) giveUp();
  };

  const onPuback = (): void => {
    if (!isInFlight) return;
    turn(UP);
    failures = 0;
    events.onFree();
  };

  client.on('offline', fail);
  client.on('message', (_, topic, payload) => {
    const [kind] = string.match(topic, '[^/]+$');
    if (phase === UP) events.onMessage(kind as string, payload || '');
  });
  hardware.wifi(configuration.wifi[0] as string, configuration.wifi[1] as string, (isUp) => {
    if (!isUp) {
      giveUp();
      turn(DOWN);
    } else if (phase === DOWN) {
      turn(WAITING);
      nextAttempt = since + math.floor(FIRST_WAIT * hardware.random());
    }
  });

  return {
    publish: (kind, payload) => {
      if (phase !== UP || isInFlight) return false;
      isInFlight = true;
      since = hardware.uptime();
      const [isTaken, result] = pcall(() => client.publish(prefix + kind, payload, 1, 0, onPuback));
      if (isTaken && result) return true;
      miss();
      return false;
    },
    isFree: () => phase === UP && !isInFlight,
    prove: () => {
      wait = FIRST_WAIT;
    },
    tick: () => {
      const now = hardware.uptime();
      if (phase === WAITING && now >= nextAttempt) {
        turn(JOINING);
        failures = 0;
        section<typeof import('./joining.ts')>('sending/joining').join({
          client,
          host: configuration.gateway[0],
          port: configuration.gateway[1],
          isSecure: configuration.tls,
          prefix,
          kinds,
          onStep: () => {
            since = hardware.uptime();
          },
          onJoined: () => {
            turn(UP);
            events.onUp();
          },
          onFailure: giveUp,
        });
      } else if (phase === JOINING && now - since >= STEP) giveUp();
      else if (isInFlight && now - since >= ANSWER) miss();
    },
    progress: () => (phase === DOWN ? hardware.uptime() : since),
  };
}
