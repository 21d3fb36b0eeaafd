import type { Configuration } from './configuration.ts';
import type { Hardware } from './hardware.ts';
import { openRows } from './keeping/rows.ts';
import { type Measuring, startMeasuring } from './measuring.ts';
import { section, sectionsIn } from './section.ts';
import { openConnection } from './sending/connection.ts';
import { openSending, type Sending } from './sending/sending.ts';
import type { Started } from './starting/starting.ts';
import type { Updating } from './updating/updating.ts';

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

/**
 * Starts the firmware on this chip.
 *
 * @param name of the file it was loaded from
 */
export function start(hardware: Hardware, name: string): void {
  sectionsIn(name);
  const started = section<typeof import('./starting/starting.ts')>('starting/starting').prepare(hardware);
  if (started === undefined) {
    print('fenceline: no sound node.json; write one with "fenceline node configure"');
  } else if (started.configuration.node === undefined) {
    section<typeof import('./adoption.ts')>('adoption').seekAdoption(hardware, started.configuration, openConnection);
  } else run(hardware, started.configuration, started);
}

function run(hardware: Hardware, configuration: Configuration, started: Started): void {
  const { kept } = started;
  const { uptime } = hardware;
  const prefix = `fenceline-node/v1/${configuration.node}/`;
  let isProven = !started.isOnTrial;
  let lowest = node.heap();
  const isSecure = hardware.chip === 'esp32';
  let seen = 0;
  let seenAt = 0;
  let updating: Updating | undefined;
  let sending: Sending;
  let measuring: Measuring;

  const rows = openRows(kept, uptime);
  const epoch = (): number | undefined => (kept.zero === undefined ? undefined : kept.zero + uptime());

  const restart = (why: string): void => {
    measuring.finish();
    rows.spill();
    section<typeof import('./keeping/boots.ts')>('keeping/boots').keepReason(why);
    node.restart();
  };

  const onOffer = (kind: string, payload: string): void => {
    if (kind === 'configuration') {
      const files = section<typeof import('./configuration-files.ts')>('configuration-files');
      const why = files.takeConfiguration(payload, isSecure, configuration);
      if (why === undefined) restart(kind);
      else if (why !== '') sending.refuse(kind, why);
      return;
    }
    if (updating === undefined) {
      updating = section<typeof import('./updating/updating.ts')>('updating/updating').openUpdating(
        hardware,
        sending,
        restart,
      );
    }
    updating(kind, payload);
  };

  const client = mqtt.Client(hardware.id(), 30, configuration.node, configuration.password, 1, 1200);
  // An ESP32 cuts the topic of its will at 32 characters; the gateway sees the connection end in any case.
  if (hardware.chip === 'esp8266') client.lwt(`${prefix}gone`, '1', 0, 0);
  const connection = openConnection(
    hardware,
    client,
    configuration,
    prefix,
    ['have', 'time', 'configuration', 'update', 'chunk'],
    {
      onUp: () => sending.up(),
      onMessage: (kind, payload) => sending.message(kind, payload),
      onFree: () => sending.pump(),
    },
  );

  sending = openSending(hardware, kept, rows, connection, {
    hello: () =>
      section<typeof import('./sending/hello.ts')>('sending/hello').helloOf(
        hardware,
        configuration,
        kept,
        measuring,
        rows.inRam(),
        lowest,
      ),
    onHeard: () => {
      if (isProven) return;
      isProven = true;
      if (section<typeof import('./starting/trial.ts')>('starting/trial').confirm(isSecure)) restart('update');
    },
    onOffer,
  });
  measuring = startMeasuring(
    hardware,
    configuration.sensor,
    configuration.adc,
    configuration.period,
    epoch,
    (s, d, nf, na, values) => {
      rows.add(s, d, nf, na, values);
      sending.pump();
    },
  );

  hardware.every(TICK, () => {
    const now = uptime();
    connection.tick();
    sending.pump();
    if (measuring.rows !== seen) {
      seen = measuring.rows;
      seenAt = now;
    }
    // One that stands still takes the other with it: the watchdog is fed only while both get on.
    if (now - seenAt <= 2 * configuration.period + FED && now - connection.progress() <= SENDING)
      hardware.keepAlive(FED);
    let heap = node.heap();
    if (heap < lowest) lowest = heap;
    if (heap < FLOOR) {
      collectgarbage('collect');
      heap = node.heap();
      // Before the interpreter fails in the middle of something.
      if (heap < FLOOR) restart('heap');
    }
    if (!isProven && now > TRIAL) restart('trial');
  });
}
