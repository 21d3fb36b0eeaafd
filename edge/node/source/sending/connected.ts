import type { Core, Link } from '../core.ts';
import type { Fetching } from '../updating/fetching.ts';
import { type Batch, messageOf } from './message.ts';

/** Seconds after which a PUBACK does not come any more; and publishes without one, or refused, until it is given up. */
const ANSWER = 20;
const FAILURES = 3;
const HELLO_EVERY = 300;
/** Seconds after which rows that were not had, and what an update wants, go again. */
const AGAIN = 20;
const FIRST_WAIT = 5;
/** Milliseconds between two looks for rows in flash. */
const SEARCH = 20;
/** Milliseconds between what was had and the next rows: a backlog must not look like a flood to the broker. */
const BREATH = 200;

/**
 * With a connection: one message at a time, since NodeMCU's client has one place for the callback of a PUBACK and gives it
 * no number. A refusal goes first, then `hello` (at once, every 5 min, and when the boot was shifted), then what an update
 * wants, then rows. Rows go only once a `have` was heard on this connection, so that a gateway that does not answer gets
 * nothing but its `hello`; and until a `have` covers them they go again every 20 s, from the oldest that was not had. A
 * PUBACK only makes room for the next message.
 */
export function openConnected(core: Core): Link {
  const { hardware, kept, client } = core;
  const { uptime } = hardware;
  /** Uptime at which each may be sent (again). */
  let helloAt = 0;
  let rowsAt = 0;
  let wantAt = 0;
  let isInFlight = false;
  let sentAt = 0;
  let failures = 0;
  let hasHeard = false;
  let isResting = false;
  let isOver = false;
  let refusal: string | undefined;
  let wanted: string | undefined;
  let batch: Batch | undefined;
  let fetching: Fetching | undefined;
  let version = '';

  const lost = (): void => {
    if (isOver) return;
    isOver = true;
    pcall(() => client.close());
    core.turn(false);
  };

  const miss = (): void => {
    isInFlight = false;
    failures += 1;
    if (failures >= FAILURES) lost();
  };

  const publish = (kind: string, payload: string): boolean => {
    isInFlight = true;
    sentAt = uptime();
    const [isTaken, result] = pcall(() =>
      client.publish(core.prefix + kind, payload, 1, 0, () => {
        isInFlight = false;
        failures = 0;
        core.progress = uptime();
        pump();
      }),
    );
    if (isTaken && result) return true;
    miss();
    return false;
  };

  /** No rows for so many milliseconds. */
  const rest = (milliseconds: number): void => {
    isResting = true;
    hardware.after(milliseconds, () => {
      isResting = false;
      pump();
    });
  };

  /** The next rows to send: the oldest, those in flash before those in RAM. Flash is searched a block at a time. */
  const nextBatch = (): Batch | undefined => {
    if (kept.oldest > kept.newest) return messageOf(kept, uptime(), kept.boot, kept.zero, kept.columns, kept.ring);
    const found = section<typeof import('../keeping/recalling.ts')>('keeping/recalling').recall(kept);
    if (found !== undefined) return messageOf(kept, uptime(), found.boot, found.zero, found.columns, found.rows);
    rest(SEARCH);
    return undefined;
  };

  const pump = (): void => {
    if (isOver || isInFlight) return;
    const now = uptime();
    if (refusal !== undefined) {
      if (publish('refused', refusal)) refusal = undefined;
    } else if (now >= helloAt) {
      if (publish('hello', section<typeof import('./hello.ts')>('sending/hello').helloOf(core)))
        helloAt = now + HELLO_EVERY;
    } else if (wanted !== undefined && now >= wantAt) {
      if (publish('want', wanted)) wantAt = now + AGAIN;
    } else if (hasHeard && !isResting && now >= rowsAt) {
      batch = nextBatch();
      if (batch === undefined) return;
      if (batch.boot === kept.boot && batch.last > kept.sent) kept.sent = batch.last;
      if (publish('rows', batch.payload)) rowsAt = now + AGAIN;
    }
  };

  const onHave = (payload: string): void => {
    const [first, second] = string.match(payload, '^%[(%d+),(%d+)%]$');
    const told = tonumber(first);
    const seq = tonumber(second);
    if (told === undefined || seq === undefined) return;
    const boot = told - kept.shift;
    if (boot > kept.boot || (boot === kept.boot && seq > kept.sent)) {
      section<typeof import('../keeping/boots-writing.ts')>('keeping/boots-writing').shiftBoots(kept, told);
      helloAt = 0;
      rowsAt = 0;
    } else {
      // One that tells nothing new does not help what waits: the gateway may not get it onto its disk.
      if (boot > kept.hadBoot || (boot === kept.hadBoot && seq > kept.hadSeq)) kept.waiting = uptime();
      kept.hadBoot = boot;
      kept.hadSeq = seq;
      while (kept.ring.length > 0 && boot === kept.boot && kept.seq - kept.ring.length < seq)
        table.remove(kept.ring, 1);
      if (batch !== undefined && (batch.boot < boot || (batch.boot === boot && batch.last <= seq))) {
        batch = undefined;
        rowsAt = 0;
        rest(BREATH);
      }
    }
    core.wait = FIRST_WAIT;
    if (!hasHeard && core.isOnTrial) section<typeof import('../starting/trial.ts')>('starting/trial').confirm(core);
    hasHeard = true;
  };

  const onUpdate = (payload: string): void => {
    const offer = section<typeof import('../updating/offering.ts')>('updating/offering').takeOffer(
      payload,
      hardware.chip,
    );
    if (typeof offer === 'string') {
      if (offer !== '') refuse('update', offer);
    } else if (fetching === undefined || offer.version !== version) {
      if (fetching !== undefined) fetching(undefined);
      version = offer.version;
      fetching = section<typeof import('../updating/fetching.ts')>('updating/fetching').openFetching(
        core,
        offer,
        want,
        refuse,
      );
    }
  };

  const take = (kind: string, payload: string): void => {
    if (kind === 'have') onHave(payload);
    else if (kind === 'time') section<typeof import('./clock.ts')>('sending/clock').setClock(kept, payload, uptime());
    else if (kind === 'update') onUpdate(payload);
    else if (kind === 'configuration') {
      const files = section<typeof import('../configuration-files.ts')>('configuration-files');
      const why = files.takeConfiguration(payload, hardware.chip === 'esp32', core.configuration);
      if (why === undefined) core.restart(kind);
      else if (why !== '') refuse(kind, why);
    } else if (fetching !== undefined) fetching(payload);
    pump();
  };

  const want = (payload: string | undefined): void => {
    wanted = payload;
    wantAt = 0;
  };

  const refuse = (what: string, why: string): void => {
    // What was being fetched is not any more; the gateway may offer it again.
    if (what === 'update') fetching = undefined;
    refusal = `{"what":"${what}","why":"${why}"}`;
  };

  pump();
  return {
    lost,
    take,
    pump: () => {
      // A row was added: it goes at once, behind those that wait to be had, since the gateway waits 8 s for those of a minute.
      rowsAt = 0;
      pump();
    },
    tick: () => {
      if (isInFlight && uptime() - sentAt >= ANSWER) miss();
      pump();
    },
  };
}
