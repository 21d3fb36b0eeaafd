import type { Configuration } from './configuration.ts';
import type { Core, Link } from './core.ts';
import type { Hardware } from './hardware.ts';

/** Milliseconds between two looks at what is due. */
const TICK = 5000;
/** Bytes of heap below which there is trouble: a message, its copy in the client and a section want about 6 KB. */
const FLOOR = 6144;
/** Seconds the chip restarts after without being fed. */
const FED = 60;
/** Seconds that sending may stand still: `hello` and its PUBACK come every 5 min, an attempt to connect every 7.5. */
const SENDING = 900;
/** Seconds in which the gateway must be heard under a new configuration or firmware before the next boot of its trial. */
const TRIAL = 600;
/** Rows in RAM that go to flash together, and seconds after which fewer do: power may go at any time. */
const RING = 12;
const WAITED = 120;

/**
 * Starts the firmware on this chip.
 *
 * @param name of the file it was loaded from, in which its sections stand
 */
export function start(hardware: Hardware, name: string): void {
  const load_ = (at: number, length: number): unknown => {
    const open = (file.open || (io as NonNullable<typeof io>).open) as (this: void, name: string) => OpenFile;
    const opened = open(name);
    opened.seek('set', at);
    const [chunk] = load(() => {
      const piece = length > 0 ? opened.read(length < 256 ? length : 256) : undefined;
      length -= 256;
      return piece;
    });
    opened.close();
    return (chunk as (this: void) => unknown)();
  };
  section = load_ as unknown as typeof section;
  section<typeof import('./starting/starting.ts')>('starting/starting').begin(hardware, run);
}

function run(core: Core, configuration: Configuration): void {
  const { hardware, kept, client } = core;
  let rows = 0;
  let rowsAt = 0;
  let link: Link;

  core.turn = (isJoined) => {
    link = isJoined
      ? section<typeof import('./sending/connected.ts')>('sending/connected').openConnected(core)
      : section<typeof import('./sending/away.ts')>('sending/away').openAway(core);
  };
  core.turn(false);
  client.on('offline', () => link.lost());
  client.on('message', (_, topic, payload) => {
    const [kind] = string.match(topic, '[^/]+$');
    link.take(kind as string, payload || '');
  });
  hardware.wifi(configuration.wifi[0] as string, configuration.wifi[1] as string, (isUp) => {
    core.isUp = isUp;
    link.lost();
  });

  core.restart = (why) => {
    section<typeof import('./starting/restarting.ts')>('starting/restarting').restart(core, why);
  };
  // What is called once is let go of.
  hardware.id = hardware.bootReason = hardware.wifi = undefined as never;

  const measuring = section<typeof import('./measuring.ts')>('measuring');
  kept.columns = measuring.columns(configuration.sensor, configuration.adc);
  core.measuring = measuring.startMeasuring(
    hardware,
    configuration.sensor,
    configuration.adc,
    configuration.period,
    (now) => (kept.zero === undefined ? undefined : kept.zero + now),
    (s, d, good, samples, values) => {
      kept.seq += 1;
      if (kept.ring.length === 0) kept.waiting = s + d;
      kept.ring[kept.ring.length] = `${kept.seq},${s},${d},${good},${samples},${values}`;
      link.pump();
    },
  );

  hardware.every(TICK, () => {
    const now = hardware.uptime();
    link.tick();
    if (kept.ring.length >= RING || (kept.ring.length > 0 && now - kept.waiting >= WAITED)) {
      section<typeof import('./keeping/spilling.ts')>('keeping/spilling').spill(kept);
      kept.waiting = now;
    }
    if (core.isOnTrial && now > TRIAL) core.restart('trial');
    // One that stands still takes the other with it: the watchdog is fed only while both get on.
    if (now - rowsAt <= 2 * configuration.period + FED && now - core.progress <= SENDING) hardware.keepAlive(FED);
    if (kept.seq === rows) return;
    rows = kept.seq;
    rowsAt = now;
    collectgarbage('collect');
    const heap = node.heap();
    if (heap < core.lowest) core.lowest = heap;
    // Before the interpreter fails in the middle of something.
    if (heap < FLOOR) core.restart('heap');
  });
}
