import { setClock } from '../clock.ts';
import type { Hardware } from '../hardware.ts';
import type { Kept, Rows } from '../keeping/rows.ts';
import { section } from '../section.ts';
import type { Connection } from './connection.ts';

/**
 * What goes out, one message at a time: a refusal first, then `hello` (on every connect, every 5 min, and at once when the
 * boot was shifted), then what an update wants, then rows. Rows go only once a `have` was heard on this connection, so that
 * a gateway that does not answer gets nothing but its `hello`; and while they are not covered by a `have` they go again
 * every 20 s, from the oldest that was not had.
 *
 * @noSelf
 */
export interface Sending {
  /** A connection came about. */
  up(): void;
  message(kind: string, payload: string): void;
  /** Something new may be there to send, or there is room to send it. */
  pump(): void;
  /** To be called every few seconds. */
  tick(): void;
  /** Asks the gateway for this in the place of what was asked before; undefined for nothing more. */
  want(payload: string | undefined): void;
  refuse(what: string, why: string): void;
}

/** @noSelf */
export interface SendingPorts {
  hello(): string;
  /** The first `have` of a connection. */
  onHeard(): void;
  /** `configuration`, `update`, `chunk`. */
  onOffer(kind: string, payload: string): void;
}

const HELLO_EVERY = 300;
const AGAIN = 20;
/** Milliseconds between two looks for rows in flash. */
const SEARCH = 20;

export function openSending(
  hardware: Hardware,
  kept: Kept,
  rows: Rows,
  connection: Connection,
  ports: SendingPorts,
): Sending {
  const { publish } = connection;
  const { uptime } = hardware;
  /** Uptime at which each may be sent (again); rows and wants are in no hurry while they are under way. */
  let helloAt = 0;
  let rowsAt = 0;
  let wantAt = 0;
  let hasHeard = false;
  let refusal: string | undefined;
  let wanted: string | undefined;
  let isSearching = false;

  const sendRows = (now: number): void => {
    const message = rows.message();
    if (message !== undefined) {
      if (publish('rows', message)) rowsAt = now + AGAIN;
    } else if (rows.isSearching() && !isSearching) {
      isSearching = true;
      hardware.after(SEARCH, () => {
        isSearching = false;
        pump();
      });
    }
  };

  const pump = (): void => {
    if (!connection.isFree()) return;
    const now = uptime();
    if (refusal !== undefined) {
      if (publish('refused', refusal)) refusal = undefined;
    } else if (now >= helloAt) {
      if (publish('hello', ports.hello())) helloAt = now + HELLO_EVERY;
    } else if (wanted !== undefined && now >= wantAt) {
      if (publish('want', wanted)) wantAt = now + AGAIN;
    } else if (hasHeard && now >= rowsAt) sendRows(now);
  };

  const onHave = (payload: string): void => {
    const [first, second] = string.match(payload, '^%[(%d+),(%d+)%]$');
    const boot = tonumber(first);
    if (boot === undefined) return;
    const seq = tonumber(second) as number;
    if (boot > kept.boot + kept.shift || (boot === kept.boot + kept.shift && seq > rows.last())) {
      section<typeof import('../keeping/boots.ts')>('keeping/boots').shiftBoots(kept, boot);
      helloAt = 0;
      rowsAt = 0;
    } else rows.had(boot - kept.shift, seq);
    if (rows.isMessageHad()) rowsAt = 0;
    connection.prove();
    if (hasHeard) return;
    hasHeard = true;
    ports.onHeard();
  };

  return {
    pump,
    up: () => {
      helloAt = 0;
      rowsAt = 0;
      wantAt = 0;
      hasHeard = false;
      pump();
    },
    message: (kind, payload) => {
      if (kind === 'have') onHave(payload);
      else if (kind === 'time') setClock(kept, payload, uptime());
      else ports.onOffer(kind, payload);
      pump();
    },
    tick: pump,
    want: (payload) => {
      wanted = payload;
      wantAt = 0;
    },
    refuse: (what, why) => {
      refusal = `{"what":"${what}","why":"${why}"}`;
    },
  };
}
