import type { BoardFault, BoardOptions, BoardPort, OpenBoard } from './board.ts';
import { type Arduino, type FirmataIo, modes } from './firmata/arduino.ts';
import { FirmataBoard } from './firmata/firmata-board.ts';
import { Wire } from './firmata/wire.ts';

/**
 * Milliseconds that a board is given to say what it is. Opening the port resets an Uno: its boot loader listens for a
 * new sketch for up to two seconds, and StandardFirmata blinks for another two before it tells its version. One that began
 * to say it then, on a machine with too much to do, is given as much once more.
 */
const startPatience = 8000;
/** Milliseconds after which it is asked for the first time, since not every board is reset by opening its port. */
const askFirst = 50;
/** Milliseconds after which it is asked again. A boot loader takes the question for an error, and starts the firmware sooner. */
const askAgain = 500;

/** REPORT_VERSION, and QUERY_FIRMWARE (Firmata protocol 2.4). */
const versionAndFirmware = Uint8Array.of(0xf9, 0xf0, 0x79, 0xf7);

const remedy = 'flash StandardFirmata onto it (Arduino IDE: File > Examples > Firmata; edge/site-io/README.md)';

/** A board that runs StandardFirmata on a serial port that is open already, through johnny-five and firmata-io. */
export const openBoard: OpenBoard = async (options) => {
  const { port } = options;
  if (!(options.samplingInterval >= 10 && options.samplingInterval <= 1000)) {
    await port.close();
    return { kind: 'refused', message: `${port.name}: a sampling interval is 10 to 1000 ms` };
  }
  const { Firmata, johnnyFive } = await libraries();
  const wire = new Wire(port);
  const io = new Firmata(wire, { reportVersionTimeout: startPatience });
  // It is asked here, by our clock.
  clearTimeout(io.reportVersionTimeoutId);
  const fault = await said(io, wire, options);
  if (fault) {
    io.removeAllListeners();
    await port.close();
    return fault;
  }
  const arduino = new johnnyFive.Board({ io, repl: false, debug: false, sigint: false });
  // What goes wrong is told by the wire; without a listener an error event would end the process.
  arduino.on('error', () => undefined);
  await new Promise<void>((resolve) => arduino.once('ready', resolve));
  return begun(arduino, wire, options);
};

/** Brings it into a known state, whatever it was told before: all pins as after a reset, nothing reported. */
async function begun(arduino: Arduino, wire: Wire, options: BoardOptions): Promise<FirmataBoard | BoardFault> {
  const { io } = arduino;
  let isBegun = false;
  const onLost = (fault: BoardFault): void => {
    if (isBegun) options.onLost(fault);
  };
  // From 2.5 on, a pin whose pull-up was on would be an output that is driven high after a reset, against a closed contact.
  for (const [pin, { supportedModes }] of io.pins.entries()) {
    if (supportedModes.includes(modes.output)) arduino.pinMode(pin, modes.input);
  }
  io.reset();
  io.setSamplingInterval(options.samplingInterval);
  await new Promise<void>((resolve) => {
    const enough = options.clock.after(askAgain, resolve);
    const done = (): void => {
      enough();
      resolve();
    };
    // Answers to what it was asked while it started come before the answer to this.
    arduino.queryPinState(2, done);
    wire.onGone = done;
  });
  const board = new FirmataBoard({ arduino, port: options.port, clock: options.clock, onLost });
  wire.onGone = (message) => board.loseWith({ kind: 'lost', message });
  wire.isStrict = true;
  if (wire.gone !== undefined) board.loseWith({ kind: 'lost', message: wire.gone });
  else await board.confirm(2, () => undefined);
  isBegun = true;
  return board.over ?? board;
}

/** Null once the board has told what it is, and it is what it should be. */
function said(io: FirmataIo, wire: Wire, { port, clock }: BoardOptions): Promise<BoardFault | null> {
  return new Promise((resolve) => {
    const finish = (result: BoardFault | null): void => {
      again();
      tooLate();
      io.off('queryfirmware', look);
      wire.onGone = () => undefined;
      resolve(result);
    };
    const ask = (): void => {
      // Not by firmata-io, which leaves two listeners behind for every question that nobody answers.
      wire.write(versionAndFirmware);
      again = clock.after(askAgain, ask);
    };
    let again = clock.after(askFirst, ask);
    const late = (): void => {
      if (isSpeakingFirmata(wire)) tooLate = clock.after(startPatience, () => finish(unended(port)));
      else finish(silence(port, wire));
    };
    let tooLate = clock.after(startPatience, late);
    const look = (): void => {
      const wrong = wrongFirmware(io, port);
      if (wrong) finish(wrong);
    };
    io.on('queryfirmware', look);
    io.once('ready', () => finish(null));
    wire.onGone = (message) => finish({ kind: 'lost', message });
    wire.listen(io);
  });
}

function wrongFirmware(
  { firmware: { name = '', version } }: FirmataIo,
  { name: port }: BoardPort,
): BoardFault | undefined {
  const { major = 0, minor = 0 } = version ?? {};
  // 2.4 is the oldest that was tried, and the one that is known to report a level at once when it is asked to watch it.
  if (/^StandardFirmata(\.|$)/.test(name) && (major > 2 || (major === 2 && minor >= 4))) return undefined;
  return { kind: 'wrong-firmware', message: `${port}: it runs ${name} ${major}.${minor}; ${remedy}` };
}

/** Whether the first that it sent has the beginning of its firmware's name in it. */
function isSpeakingFirmata({ first }: Wire): boolean {
  return first.some((byte, index) => byte === 0xf0 && first[index + 1] === 0x79);
}

function unended({ name }: BoardPort): BoardFault {
  const within = (2 * startPatience) / 1000;
  const message = `${name}: it speaks Firmata, and had not said all of what it is in ${within} s; it is opened again by itself`;
  return { kind: 'lost', message };
}

function silence({ name }: BoardPort, wire: Wire): BoardFault {
  if (wire.first.length === 0) {
    const message = `${name}: nothing came from it in ${startPatience / 1000} s: it has no firmware, or is no Arduino board; ${remedy}`;
    return { kind: 'no-firmware', message };
  }
  const text = Buffer.from(wire.first)
    .toString('latin1')
    .replace(/[^ -~]/g, '.');
  return { kind: 'wrong-firmware', message: `${name}: it sends "${text}", which is not Firmata; ${remedy}` };
}

interface Libraries {
  readonly Firmata: typeof import('firmata-io')['default']['Firmata'];
  readonly johnnyFive: typeof import('johnny-five')['default'];
}

/**
 * Pins of the channels, capabilities, state of a pin, text, I2C, firmware: what is asked for here. The other ones firmata-io
 * knows would be read also when nobody asked, and one that is broken is written to the terminal.
 */
const longMessages: readonly number[] = [0x6a, 0x6c, 0x6e, 0x71, 0x77, 0x79];

let loaded: Promise<Libraries> | undefined;

/** Loaded with the first board: johnny-five takes 17 MB and loads node:repl, which listens to the process. */
function libraries(): Promise<Libraries> {
  loaded ??= leavingNoListeners(async () => {
    const [{ default: johnnyFive }, { default: firmata }] = await Promise.all([
      import('johnny-five'),
      import('firmata-io'),
    ]);
    const { Firmata } = firmata;
    for (const kind of Object.keys(Firmata.SYSEX_RESPONSE)) {
      if (!longMessages.includes(Number(kind))) delete Firmata.SYSEX_RESPONSE[kind];
    }
    return { Firmata, johnnyFive };
  });
  return loaded;
}

/** What node:domain, which node:repl loads, hears of the process; it serves only domains, which nobody here uses. */
const listening = ['newListener', 'removeListener'];

/** Takes away the listeners of the process that came while something was loaded. */
async function leavingNoListeners<Result>(load: () => Promise<Result>): Promise<Result> {
  const before = new Set(listening.flatMap((name) => process.rawListeners(name)));
  const result = await load();
  for (const name of listening) {
    for (const listener of process.rawListeners(name)) {
      if (!before.has(listener)) process.removeListener(name, listener as () => void);
    }
  }
  return result;
}
