import type { Clock } from '../clock.ts';
import type { Hardware } from '../hardware.ts';
import type { Batch, Keeping } from '../keeping/keeping.ts';
import type { Session } from './session.ts';

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
  refuse(what: string, why: string): void;
}

/** @noSelf */
export interface SendingPorts {
  hardware: Hardware;
  clock: Clock;
  keeping: Keeping;
  session: Session;
  hello(): string;
  /** What an update wants next; undefined if nothing. */
  want(): string | undefined;
  /** The first `have` of a connection. */
  onHeard(): void;
  /** `configuration`, `update`, `chunk`. */
  onOffer(kind: string, payload: string): void;
}

const HELLO_EVERY = 300;
const AGAIN = 20;
/** Milliseconds between two looks for rows in flash. */
const SEARCH = 20;

export function openSending(ports: SendingPorts): Sending {
  const { hardware, clock, keeping, session } = ports;
  let helloDue = false;
  let helloAt = 0;
  let hasHeard = false;
  let refusal: string | undefined;
  let wanted: string | undefined;
  let wantedAt = 0;
  /** Rows that are under way, and since when. */
  let underWay: Batch | undefined;
  let sentAt = 0;
  let isSearching = false;

  const sendRows = (): void => {
    const batch = keeping.batch(hardware.uptime());
    if (batch === undefined) {
      if (!keeping.isSearching() || isSearching) return;
      isSearching = true;
      hardware.after(SEARCH, () => {
        isSearching = false;
        pump();
      });
    } else if (session.publish('rows', batch.payload)) {
      underWay = batch;
      sentAt = hardware.uptime();
    }
  };

  const pump = (): void => {
    if (!session.isFree()) return;
    const want = ports.want();
    if (refusal !== undefined) {
      if (session.publish('refused', refusal)) refusal = undefined;
    } else if (helloDue) {
      if (session.publish('hello', ports.hello())) {
        helloDue = false;
        helloAt = hardware.uptime();
      }
    } else if (want !== undefined && want !== wanted) {
      if (session.publish('want', want)) {
        wanted = want;
        wantedAt = hardware.uptime();
      }
    } else if (hasHeard && underWay === undefined) sendRows();
  };

  const onHave = (payload: string): void => {
    const isShifted = keeping.had(payload);
    if (isShifted === undefined) return;
    session.proven();
    if (!hasHeard) {
      hasHeard = true;
      ports.onHeard();
    }
    if (isShifted) helloDue = true;
    if (isShifted || (underWay !== undefined && keeping.isHad(underWay))) underWay = undefined;
  };

  return {
    pump,
    up: () => {
      helloDue = true;
      hasHeard = false;
      underWay = undefined;
      wanted = undefined;
      pump();
    },
    message: (kind, payload) => {
      if (kind === 'have') onHave(payload);
      else if (kind === 'time') {
        if (clock.set(payload)) keeping.clockMoved();
      } else ports.onOffer(kind, payload);
      pump();
    },
    tick: () => {
      const now = hardware.uptime();
      if (underWay !== undefined && now - sentAt >= AGAIN) underWay = undefined;
      if (wanted !== undefined && now - wantedAt >= AGAIN) wanted = undefined;
      if (session.isUp() && now - helloAt >= HELLO_EVERY) helloDue = true;
      pump();
    },
    refuse: (what, why) => {
      refusal = `{"what":"${what}","why":"${why}"}`;
    },
  };
}
