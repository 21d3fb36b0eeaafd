import { execFile } from 'node:child_process';
import type { Cancel, Clock } from './clock.ts';

/** Of the time that systemd allows, from one sign of life to the next: two may be missed. */
const share = 1 / 3;

interface WatchdogOptions {
  readonly clock: Clock;
  readonly environment: { readonly [name: string]: string | undefined };
  /** A sign of life could not be given: English, with what to do. Told when it begins. */
  readonly complain: (message: string) => void;
}

/**
 * Gives systemd a sign of life for as long as the event loop runs, where the service asks for it (WatchdogSec): a gateway that
 * hangs is then killed, started anew, and `relays-off` runs in between. A datagram socket is not to be had in Node, so
 * systemd-notify sends it; systemd must take it from a child (NotifyAccess=all), and it waits until systemd has
 * (systemd-notify(1), sd_notify(3), from systemd 246 on). Elsewhere nothing is done.
 */
export function feedWatchdog({ clock, environment, complain }: WatchdogOptions): Cancel {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: allowed = '', WATCHDOG_PID: asked } = environment;
  const every = (Number(allowed) / 1000) * share;
  const isAsked = asked === undefined || Number(asked) === process.pid;
  if (socket === undefined || !(every > 0) || !isAsked) return () => undefined;
  let isFailing = false;
  let next: Cancel;
  const feed = (): void => {
    next = clock.after(every, feed);
    execFile('systemd-notify', ['WATCHDOG=1'], { timeout: every, env: environment }, (error) => {
      if (error !== null && !isFailing)
        complain(`systemd-notify: ${error.message}; install it, or take WatchdogSec away`);
      isFailing = error !== null;
    });
  };
  feed();
  return () => next();
}
