import { parentPort, workerData } from 'node:worker_threads';
import { Bme280Device } from './bme280-device.ts';
import type { FromUno, ToUno } from './tty-uno.ts';
import { Uno } from './uno.ts';
import { voltageOf } from './wave.ts';

/** An Uno that runs at the speed of the real one, in a thread of its own; see {@link TtyUno}. */

/** Milliseconds from one turn to the next. */
const turn = 2;
/** A machine that stood still for longer does not make the chip catch up: its time then simply passed. */
const mostAtOnce = 100;

const port = parentPort as NonNullable<typeof parentPort>;
const uno = new Uno(workerData as Uint8Array);
let isPowered = true;
let ran = performance.now();

const tell = (message: FromUno): void => port.postMessage(message);

uno.line.onBytes((bytes) => tell({ kind: 'bytes', bytes }));

const does: { readonly [Kind in ToUno['kind']]: (message: Extract<ToUno, { kind: Kind }>) => void } = {
  bytes: ({ bytes }) => isPowered && uno.line.send(bytes),
  power: ({ on }) => {
    isPowered = on;
    if (on) uno.reset();
  },
  reset: ({ bootLoader }) => uno.reset(bootLoader),
  pin: ({ pin, wired }) => uno.setPin(pin, wired),
  bounce: ({ pin, from, to, changes }) => uno.bounce(pin, from, to, changes),
  analogue: ({ channel, wave }) => uno.setAnalogue(channel, voltageOf(wave)),
  climate: ({ raw }) => {
    if (raw === null) return void uno.i2c.delete(0x76);
    const device = new Bme280Device();
    device.raw = raw;
    uno.i2c.set(0x76, device);
  },
  driven: ({ pin, question }) => tell({ kind: 'driven', question, level: isPowered ? uno.driven(pin) : undefined }),
};

port.on('message', (message: ToUno) => (does[message.kind] as (message: ToUno) => void)(message));

function run(): void {
  const now = performance.now();
  if (isPowered) uno.run(Math.min(now - ran, mostAtOnce));
  ran = now;
  setTimeout(run, turn);
}
run();
