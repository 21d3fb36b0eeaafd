import { dlt645FrameLength } from '../../device-profiles/dlt645.ts';
import type { ModbusProfile } from '../../device-profiles/profile.ts';
import { type Dlt645Instrument, plansOf } from './dlt645/dlt645-poll.ts';
import { type Instrument, pointOf } from './instrument.ts';
import { dataLength, silenceOf } from './modbus/modbus-framing.ts';
import { requestsOf } from './polling/read-plan.ts';
import { periodOf } from './settings.ts';

/** What a set of instruments asks of their line. */
export interface LineDemand {
  /** Share of the line's time that is asked for; above 1 it cannot be carried. */
  readonly needed: number;
  readonly instruments: readonly InstrumentDemand[];
}

export interface InstrumentDemand {
  readonly instrument: string;
  /** Requests of one poll. */
  readonly requests: number;
  /** Registers and bits of one poll that the site wants. */
  readonly points: number;
  /** Line time in one `every`, milliseconds; what is read less often counts by its share. */
  readonly milliseconds: number;
  /** The site's `every`, milliseconds. */
  readonly every: number;
}

/** How long an instrument thinks before it answers, milliseconds; field instruments take 20 to 150. */
const assumedTurnAround = 20;
const requestBytes = 8;
const answerOverhead = 5;

/**
 * The line time that these instruments need at their cadence: bytes at the line's speed, the silence around every
 * frame, and a turn-around. `characterTime` in milliseconds, 0 for TCP, where only the turn-around counts.
 */
export function estimateLine(characterTime: number, instruments: readonly Instrument[]): LineDemand {
  const demands = instruments.map((instrument) => demandOf(characterTime, instrument));
  return {
    needed: demands.reduce((sum, { milliseconds, every }) => sum + milliseconds / every, 0),
    instruments: demands,
  };
}

function demandOf(characterTime: number, instrument: Instrument): InstrumentDemand {
  const { settings, profile } = instrument;
  const base = { instrument: settings.id, every: settings.every };
  if (profile.protocol === 'dlt645') return { ...base, ...meterDemand(characterTime, { ...instrument, profile }) };
  if (!isModbus(instrument)) {
    const points = profile.points.filter((point) => pointOf(instrument, point) !== undefined).length;
    return { ...base, requests: 0, points, milliseconds: 0 };
  }
  const requests = requestsOf(instrument);
  const silence = silenceOf(characterTime);
  const silences = silence + Math.max(silence, instrument.profile.limits.turnAroundMs);
  const milliseconds = requests.reduce((sum, { functionCode, start, count, cadence }) => {
    const bytes = requestBytes + answerOverhead + dataLength({ address: 0, functionCode, start, count });
    const share = settings.every / periodOf(cadence, settings.every);
    return sum + (bytes * characterTime + silences + assumedTurnAround) * share;
  }, 0);
  return { ...base, requests: requests.length, points: requests.flatMap(({ reads }) => reads).length, milliseconds };
}

/** Bytes FE before a meter's answer, as most of them send. */
const wakeBytesOfMeters = 4;

function meterDemand(
  characterTime: number,
  instrument: Dlt645Instrument,
): Pick<InstrumentDemand, 'requests' | 'points' | 'milliseconds'> {
  const { settings, profile } = instrument;
  const identifier = profile.edition === 2007 ? 4 : 2;
  const envelopes = profile.wakeBytes + wakeBytesOfMeters + 2 * dlt645FrameLength(identifier);
  const demand = { requests: 0, points: 0, milliseconds: 0 };
  for (const [cadence, { points, requests }] of plansOf(instrument)) {
    const share = settings.every / periodOf(cadence, settings.every);
    const bytes = requests.reduce((sum, { length }) => sum + envelopes + length, 0);
    const silences = requests.length * (2 * profile.limits.turnAroundMs + assumedTurnAround);
    demand.requests += requests.length;
    demand.points += points.length;
    demand.milliseconds += (bytes * characterTime + silences) * share;
  }
  return demand;
}

function isModbus(instrument: Instrument): instrument is Instrument & { readonly profile: ModbusProfile } {
  return instrument.profile.protocol === 'modbus';
}
