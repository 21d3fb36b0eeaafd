import type { Core, Link } from '../core.ts';

/** Seconds in which a step of joining must be done; the client itself gives up after 60. */
const STEP = 75;
const LONGEST_WAIT = 300;
/** Seconds over which the nodes of a site spread when their network comes back. */
const SPREAD = 5;

/**
 * Without a connection: waits, connects, subscribes, one topic after the answer to the one before (an ESP32 takes no table
 * of them), and hands over.
 *
 * The wait is 2.5 to 7.5 s at first and twice that each time, never more than 7 min 30 s; by chance between half and one and
 * a half, so that the nodes of a site do not come all at once after an outage. The gateway's `have` alone brings it back to
 * the beginning (`connected.ts`): a broker that takes everybody and answers nobody would otherwise be asked without end.
 */
export function openAway(core: Core): Link {
  const { hardware, client, kinds } = core;
  const { uptime } = hardware;
  let isJoining = false;
  let next = 0;
  let subscribed = 0;

  const putOff = (): void => {
    isJoining = false;
    core.progress = uptime();
    next = core.progress + math.floor(core.wait * (0.5 + hardware.random()));
    core.wait = math.min(core.wait * 2, LONGEST_WAIT);
  };

  const fail = (): void => {
    if (!isJoining) return;
    putOff();
    pcall(() => client.close());
  };

  const subscribe = (): void => {
    if (!isJoining) return;
    const kind = kinds[subscribed];
    if (kind === undefined) {
      isJoining = false;
      core.turn(true);
      return;
    }
    core.progress = uptime();
    subscribed += 1;
    const [isTaken, result] = pcall(() => client.subscribe(core.prefix + kind, 1, subscribe));
    if (!isTaken || !result) fail();
  };

  const join = (): void => {
    const { gateway, tls } = core.configuration;
    isJoining = true;
    subscribed = 0;
    core.progress = uptime();
    // The client throws, or answers false, where it cannot even begin.
    const [isTaken, result] = pcall(() => client.connect(gateway[0], gateway[1], tls ? 1 : 0, subscribe, fail));
    if (!isTaken || result === false) fail();
  };

  putOff();
  return {
    lost: fail,
    take: () => undefined,
    pump: () => undefined,
    tick: () => {
      const now = uptime();
      if (isJoining) {
        if (now - core.progress >= STEP) fail();
      } else if (!core.isUp) {
        core.progress = now;
        next = now + math.floor(SPREAD * hardware.random());
      } else if (now >= next) join();
    },
  };
}
