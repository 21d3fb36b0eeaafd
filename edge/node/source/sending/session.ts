import type { Hardware } from '../hardware.ts';

/**
 * The connection to the broker, with exactly one message in flight: NodeMCU's client has one place for the callback of a
 * PUBACK and gives it no number. What it cannot do is tried again by whoever wanted it, after `onFree`.
 *
 * After a failure of any kind it waits before it tries again: 2.5 to 7.5 s at first, twice that each time, never more than
 * 7 min 30 s; by chance between half and one and a half, so that the nodes of a site do not come all at once after an
 * outage. The gateway's `have` alone (`proven`) brings it back to the beginning: a broker that takes everybody and answers
 * nobody would otherwise be asked without end.
 *
 * @noSelf
 */
export interface Session {
  /** Sends with QoS 1: false if it is not connected, another message is in flight, or the client refuses. */
  publish(kind: string, payload: string): boolean;
  isFree(): boolean;
  isUp(): boolean;
  /** The gateway answered. */
  proven(): void;
  /** To be called every few seconds. */
  tick(): void;
  /** Ends the connection and tries again after the wait. */
  again(): void;
  /** Uptime at which the session last got further in any way; also while there is no network to get on with. */
  progress(): number;
}

/** @noSelf */
export interface SessionPorts {
  hardware: Hardware;
  account: { id: string; user: string; password: string | undefined };
  wifi: string[];
  host: string;
  port: number;
  isSecure: boolean;
  /** Topics begin with it: `fenceline-node/v1/esp-7f3a12/`. */
  prefix: string;
  /** Kinds to listen to. */
  kinds: string[];
  hasWill: boolean;
  onUp(): void;
  onMessage(kind: string, payload: string): void;
  /** Another message may be sent. */
  onFree(): void;
}

const KEEP_ALIVE = 30;
/** Longer than a configuration of 1,024 bytes and a chunk with their topics. */
const LONGEST = 1200;
/** Seconds after which a PUBACK or SUBACK does not come any more, and a CONNACK (the client itself gives up after 60). */
const ANSWER = 20;
const CONNECT = 75;
/** Publishes without a PUBACK, or refused, before the connection is given up. */
const FAILURES = 3;
const FIRST_WAIT = 5;
const LONGEST_WAIT = 300;

export function openSession(ports: SessionPorts): Session {
  const { hardware, account, kinds } = ports;
  const client = mqtt.Client(account.id, KEEP_ALIVE, account.user, account.password, 1, LONGEST);
  /** `down`: no network. `waiting` for the next attempt. `joining`: CONNECT and SUBSCRIBE. `up`. */
  let state = 'down';
  let since = 0;
  let wait = FIRST_WAIT;
  let nextAttempt = 0;
  let isInFlight = false;
  let sentAt = 0;
  let failures = 0;
  let subscribed = 0;

  const turn = (to: string): void => {
    state = to;
    since = hardware.uptime();
    isInFlight = false;
    failures = 0;
  };

  const fail = (): void => {
    if (state !== 'joining' && state !== 'up') return;
    turn('waiting');
    nextAttempt = since + math.ceil(wait * (0.5 + hardware.random()));
    wait = math.min(wait * 2, LONGEST_WAIT);
  };

  const again = (): void => {
    if (state !== 'joining' && state !== 'up') return;
    fail();
    pcall(() => client.close());
  };

  /** ESP32 takes one topic at a time, each after the answer to the one before. */
  const subscribe = (): void => {
    since = hardware.uptime();
    const kind = kinds[subscribed];
    if (kind === undefined) {
      turn('up');
      ports.onUp();
      return;
    }
    const [isTaken, result] = pcall(() =>
      client.subscribe(ports.prefix + kind, 1, () => {
        if (state !== 'joining') return;
        subscribed += 1;
        subscribe();
      }),
    );
    if (!isTaken || !result) again();
  };

  const connect = (): void => {
    turn('joining');
    subscribed = 0;
    const [isTaken, result] = pcall(() =>
      client.connect(ports.host, ports.port, ports.isSecure, () => subscribe(), () => fail()),
    );
    if (!isTaken || result === false) again();
  };

  const count = (): void => {
    failures += 1;
    if (failures >= FAILURES) again();
  };

  if (ports.hasWill) client.lwt(`${ports.prefix}gone`, '1', 0, 0);
  client.on('offline', () => fail());
  client.on('message', (_, topic, payload) => {
    const [kind] = string.match(topic, '([^/]+)$');
    since = hardware.uptime();
    ports.onMessage(kind as string, payload || '');
  });
  hardware.wifi(ports.wifi[0] as string, ports.wifi[1] as string, (isUp) => {
    if (isUp && state === 'down') {
      turn('waiting');
      nextAttempt = since + math.floor(FIRST_WAIT * hardware.random());
    } else if (!isUp) {
      again();
      turn('down');
    }
  });

  return {
    publish: (kind, payload) => {
      if (state !== 'up' || isInFlight) return false;
      isInFlight = true;
      sentAt = hardware.uptime();
      const [isTaken, result] = pcall(() =>
        client.publish(ports.prefix + kind, payload, 1, 0, () => {
          if (!isInFlight) return;
          turn('up');
          ports.onFree();
        }),
      );
      if (isTaken && result) return true;
      isInFlight = false;
      count();
      return false;
    },
    isFree: () => state === 'up' && !isInFlight,
    isUp: () => state === 'up',
    proven: () => {
      wait = FIRST_WAIT;
    },
    tick: () => {
      const now = hardware.uptime();
      if (state === 'waiting' && now >= nextAttempt) connect();
      else if (state === 'joining' && now - since >= CONNECT) again();
      else if (isInFlight && now - sentAt >= ANSWER) {
        isInFlight = false;
        count();
      }
    },
    again,
    progress: () => (state === 'down' ? hardware.uptime() : since),
  };
}
