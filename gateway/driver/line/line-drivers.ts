import { isHeard } from '../../../device-profiles/framed/messages.ts';
import type { Profile } from '../../../device-profiles/profile.ts';
import type { Clock, LocalTime } from '../../clock.ts';
import type { Link } from '../../link/link.ts';
import { Dlt645Conversation } from '../dlt645/dlt645-conversation.ts';
import { Dlt645Driver } from '../dlt645/dlt645-driver.ts';
import type { DriverEvent } from '../events.ts';
import { AskedDriver } from '../framed/asked-driver.ts';
import { HeardDriver } from '../framed/heard-driver.ts';
import { Hj212Driver } from '../hj212/hj212-driver.ts';
import type { Driver, Instrument } from '../instrument.ts';
import type { ModbusConversation } from '../modbus/modbus-conversation.ts';
import { ModbusDriver } from '../modbus/modbus-driver.ts';
import type { Tolerances } from '../polling/tolerances.ts';
import { longestProbeWithin } from '../settings.ts';

interface LineParts {
  readonly link: Link;
  /** What Modbus instruments are asked through. */
  readonly conversation: ModbusConversation;
  readonly clock: Clock;
  readonly observe: (event: DriverEvent) => void;
  /** What instruments were found to refuse. */
  readonly tolerances: Tolerances;
  readonly random: () => number;
  /** The site's time zone, for instruments that say a time of their own. */
  readonly localTime?: LocalTime | undefined;
}

/** What attempts at silent instruments take at most of the line's time, if all of them are: less than their polls did. */
const probesShare = 0.1;

/**
 * The driver of each instrument of one line, by its protocol. Throws a RangeError where one that talks unasked is not
 * alone: its bytes would fall between a question and its answer.
 */
export function driversOf(instruments: readonly Instrument[], parts: LineParts): Driver[] {
  const allSilent = instruments.reduce(
    (sum, { profile }) => sum + ('limits' in profile ? profile.limits.timeoutMs : 0),
    0,
  );
  const probeWithin = Math.min(longestProbeWithin, allSilent / probesShare);
  const options = { ...parts, probeWithin, meters: new Dlt645Conversation(parts) };
  const drivers = instruments.map((instrument) => driverOf(instrument, options));
  if (drivers.length > 1 && drivers.some(({ talksUnasked }) => talksUnasked)) {
    throw new RangeError(`${parts.link.id}: an instrument that talks unasked must be alone on its line`);
  }
  return drivers;
}

interface DriverParts extends LineParts {
  readonly meters: Dlt645Conversation;
  readonly probeWithin: number;
}

function driverOf(instrument: Instrument, parts: DriverParts): Driver {
  const { profile } = instrument;
  switch (profile.protocol) {
    case 'modbus':
      return new ModbusDriver({ ...parts, instrument: { ...instrument, profile } });
    case 'dlt645':
      return new Dlt645Driver({ ...parts, instrument: { ...instrument, profile }, conversation: parts.meters });
    case 'framed': {
      const options = { ...parts, instrument: { ...instrument, profile } };
      return isHeard(profile) ? new HeardDriver(options) : new AskedDriver(options);
    }
    case 'hj212':
      return new Hj212Driver({ ...parts, instrument: { ...instrument, profile } });
    case 'firmata':
    case 'node':
      throw new RangeError(`${parts.link.id}: ${profile.profile} is on no line`);
  }
}

/** True for an instrument beside which Modbus may be spoken: it speaks Modbus itself, or was seen to leave it alone. */
export function bearsModbus(profile: Profile): boolean {
  return profile.protocol === 'modbus' || (profile.protocol === 'dlt645' && profile.besideModbus);
}
