import { seekAdoption } from './adoption.ts';
import { openClock } from './clock.ts';
import type { Configuration } from './configuration.ts';
import { confirmConfiguration, loadConfiguration, takeConfiguration } from './configuration-files.ts';
import { renameOver } from './files.ts';
import { type Guard, openGuard } from './guard.ts';
import type { Hardware } from './hardware.ts';
import { type Blocks, openBlocks } from './keeping/blocks.ts';
import { addReason, type Boots, readBoots, writeBoots } from './keeping/boots.ts';
import { openKeeping } from './keeping/keeping.ts';
import { columns, type Measuring, startMeasuring } from './measuring.ts';
import { helloOf } from './sending/hello.ts';
import { openSending, type Sending } from './sending/sending.ts';
import { openSession } from './sending/session.ts';
import { openUpdating } from './update.ts';

/** Blocks of 72 rows: 4,608 rows, 3 days and 4 hours of a row a minute. */
const BLOCKS = 64;
/** Milliseconds between two looks at what is due. */
const TICK = 5000;
/** Milliseconds between two blocks that are counted after a start. */
const COUNT = 20;
/** Milliseconds in which the gateway must be heard under a new configuration or firmware before the next boot of its trial. */
const TRIAL = 600000;

/** Starts the firmware on this chip. */
export function start(hardware: Hardware): void {
  const loaded = loadConfiguration(hardware.secure);
  if (loaded === undefined) {
    print('fenceline: no sound node.json; write one with "fenceline node configure"');
  } else if (loaded.configuration.node === undefined) {
    seekAdoption(hardware, loaded.configuration);
  } else {
    run(hardware, loaded.configuration, loaded.isOnTrial || file.exists('update.go'));
  }
}

function run(hardware: Hardware, configuration: Configuration, isOnTrial: boolean): void {
  const { sensor, adc, period, wifi, gateway, node } = configuration;
  const clock = openClock(hardware.uptime);
  const blocks = openBlocks(BLOCKS);
  const boots = countBoot(hardware, blocks);
  const keeping = openKeeping(boots, blocks, columns(sensor, adc), clock);
  let measuring: Measuring;
  let guard: Guard;
  let sending: Sending;
  let isProven = !isOnTrial;

  const restart = (why: string): void => {
    measuring.finish();
    keeping.spill();
    boots.why = why;
    writeBoots(boots);
    hardware.restart();
  };

  const session = openSession({
    hardware,
    account: { id: hardware.id(), user: node as string, password: configuration.password },
    wifi,
    host: gateway[0],
    port: gateway[1],
    isSecure: configuration.tls,
    prefix: `fenceline-node/v1/${node}/`,
    kinds: ['have', 'time', 'configuration', 'update', 'chunk'],
    // An ESP32 cuts the topic of its will at 32 characters; the gateway sees the connection end in any case.
    hasWill: hardware.chip === 'esp8266',
    onUp: () => sending.up(),
    onMessage: (kind, payload) => sending.message(kind, payload),
    onFree: () => sending.pump(),
  });
  const updating = openUpdating({
    hardware,
    refuse: (why) => sending.refuse('update', why),
    onComplete: () => restart('update'),
  });

  sending = openSending({
    hardware,
    clock,
    keeping,
    session,
    hello: () => helloOf({ hardware, configuration, boots, keeping, blocks, guard, measuring }),
    want: updating.want,
    onHeard: () => {
      if (isProven) return;
      isProven = true;
      confirmConfiguration(hardware.secure);
      if (!file.exists('update.go')) return;
      // init.lua puts it in force.
      renameOver('update.go', 'update.done');
      restart('update');
    },
    onOffer: (kind, payload) => {
      if (kind === 'chunk') return updating.chunk(payload);
      let why: string | undefined;
      if (kind === 'update') why = updating.offered(payload);
      else if (kind === 'configuration') {
        why = takeConfiguration(payload, hardware.secure, configuration);
        if (why === undefined) return restart('configuration');
      }
      if (why !== undefined && why !== '') sending.refuse(kind, why);
    },
  });
  measuring = startMeasuring({
    hardware,
    sensor,
    adc,
    period,
    epoch: clock.epoch,
    row: (s, d, nf, na, values) => {
      keeping.add(s, d, nf, na, values);
      sending.pump();
    },
  });
  guard = openGuard({ hardware, period, measured: measuring.progress, sent: session.progress, restart });
  const count = (): void => {
    if (blocks.count()) hardware.after(COUNT, count);
  };
  count();

  hardware.every(TICK, () => {
    session.tick();
    sending.tick();
    guard.tick();
  });
  if (isOnTrial) {
    hardware.after(TRIAL, () => {
      if (!isProven) restart('trial');
    });
  }
}

/** This boot has its number in flash before its first row is made. */
function countBoot(hardware: Hardware, blocks: Blocks): Boots {
  const boots = readBoots();
  const newest = blocks.newestBoot();
  if (newest > boots.boot) boots.boot = newest;
  boots.boot += 1;
  const reason = hardware.bootReason();
  addReason(boots, reason === 'software' && boots.why !== '' ? boots.why : reason);
  boots.why = '';
  writeBoots(boots);
  return boots;
}
