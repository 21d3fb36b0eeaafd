import type { Clock, LocalTime } from '../../clock.ts';
import type { Link } from '../../link/link.ts';
import type { Reading } from '../../reading/reading.ts';
import type { DriverEvent } from '../events.ts';
import type { Driver, Instrument } from '../instrument.ts';
import { SilentLine } from '../listening/silent-line.ts';
import type { ModbusConversation } from '../modbus/modbus-conversation.ts';
import { ModbusRtuConversation } from '../modbus/modbus-rtu-conversation.ts';
import { ModbusTcpConversation } from '../modbus/modbus-tcp-conversation.ts';
import { noMemory, type Tolerances } from '../polling/tolerances.ts';
import { driversOf } from './line-drivers.ts';
import { Turn } from './turn.ts';

export interface LineOptions {
  /** The link; this line is the only one that uses it. */
  readonly link: Link;
  readonly framing: 'modbus-rtu' | 'modbus-tcp';
  /** Every instrument behind the link. One that talks unasked must be alone on it. */
  readonly instruments: readonly Instrument[];
  readonly clock: Clock;
  readonly observe: (event: DriverEvent) => void;
  /** Every point of an instrument, each with a value or the reason for none, once in each of its `every`. */
  readonly onReadings: (readings: readonly Reading[]) => void;
  /** Requests that the device takes at once, for Modbus TCP; without it, what the profiles of all instruments allow. */
  readonly outstanding?: number;
  /** What is remembered of the instruments from earlier runs; nothing without it. */
  readonly tolerances?: Tolerances;
  /** How long the line is listened to before the first request, milliseconds; 0 without it. */
  readonly listenFirst?: number;
  /** Never send: take values from what another master is answered. */
  readonly listenOnly?: boolean;
  /** The zone in which the instruments' own clocks run; without it, their times are not believed. */
  readonly localTime?: LocalTime;
  /** 0 up to 1; spreads the attempts of many lines to open again. */
  readonly random?: () => number;
}

/** What a line consists of. */
interface LineAssembly {
  readonly conversation: ModbusConversation;
  readonly drivers: readonly Driver[];
  readonly turns: readonly Turn[];
  /** The line while nothing may be sent on it; undefined where nobody else can be heard. */
  readonly silent: SilentLine | undefined;
}

/** What the instruments behind one connection take at once, if each is the device itself: the least of them. */
function outstandingOf(instruments: readonly Instrument[]): number {
  const each = instruments.map(({ profile }) => (profile.protocol === 'modbus' ? profile.limits.outstanding : 1));
  return Math.min(...each, 16);
}

/** Puts the parts of a line together; the turns of its instruments are staggered. */
export function assembleLine(options: LineOptions): LineAssembly {
  const { link, framing, instruments, clock, observe, onReadings, outstanding, random = Math.random } = options;
  const { listenFirst = 0, listenOnly = false, localTime, tolerances = noMemory } = options;
  const parts = { link, clock, observe };
  let silent: SilentLine | undefined;
  const conversation =
    framing === 'modbus-tcp'
      ? new ModbusTcpConversation({ ...parts, outstanding: outstanding ?? outstandingOf(instruments) })
      : new ModbusRtuConversation({ ...parts, onStray: (...heard) => silent?.stray(...heard) });
  const drivers = driversOf(instruments, { ...parts, conversation, tolerances, random, localTime });
  // Who talks unasked owns its line, and a Modbus TCP connection is ours alone.
  if (framing === 'modbus-rtu' && !drivers.some(({ talksUnasked }) => talksUnasked)) {
    silent = new SilentLine({ ...parts, drivers, onReadings, listenFirst, listenOnly });
  }
  const now = clock.monotonic();
  const turns = drivers.flatMap((driver, index) => {
    const due = now + (driver.instrument.settings.every * index) / drivers.length;
    return driver.cadences.map((cadence) => new Turn(driver, cadence, due));
  });
  return { conversation, drivers, turns, silent };
}
