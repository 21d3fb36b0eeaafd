import { type Catalogue, loadCatalogue } from '../../device-profiles/catalogue.ts';
import { pointsOf } from '../../device-profiles/profile.ts';
import type { DriverEvent, Outcome } from '../../gateway/driver/events.ts';
import type { Line, LineOptions } from '../../gateway/driver/line/line.ts';
import type { InstrumentSettings } from '../../gateway/driver/settings.ts';
import type { Reading } from '../../gateway/reading/reading.ts';
import { type SimulatedInstrument, simulate } from '../instruments/from-profile/simulated-instrument.ts';
import { plausibleWorld, type World } from '../instruments/from-profile/world.ts';
import { SimulatedClock } from '../surroundings/simulated-clock.ts';
import { FaultyEnd } from './faulty-end.ts';
import { MemoryLink } from './memory-link.ts';
import { PacedLine } from './paced-line.ts';

/*
 * In three lines:
 *   const scene = new InstrumentScene((options) => new Line(options), 'eastron/sdm630');
 *   scene.end.choose = () => faults.truncated(5);
 *   await scene.clock.advance(15_000);
 */

const catalogue: Catalogue = loadCatalogue({ directories: [] });

/**
 * `maker/model` of every profile of the catalogue that can be read as it is on a line, and `maker/model@variant` of each
 * variant. What is on no line has rigs of its own.
 */
export const everyProfile: readonly string[] = catalogue.list().flatMap(({ id, protocol }) => {
  if (protocol === 'firmata' || protocol === 'node') return [];
  const whole = catalogue.find(id);
  const variants = whole?.profile.variants?.map((variant) => variant.id) ?? variantsIn(id);
  return [...(whole ? [id] : []), ...variants.map((variant) => `${id}@${variant}`)];
});

/** The variants of a profile that has no points without one: its fault names them. */
function variantsIn(id: string): string[] {
  const [fault] = catalogue.faults(`${id}@?`);
  return [...(fault?.remedy ?? '').matchAll(/[a-z0-9.-]+/g)].flatMap(([name]) =>
    catalogue.find(`${id}@${name}`) ? [name] : [],
  );
}

/** A world that stands still, so that what is shown and what is read are of one moment. */
const stillWorld: World = (factor) => plausibleWorld(factor, 1_000_000);

interface InstrumentScenePlan {
  readonly framing?: 'modbus-rtu' | 'modbus-tcp' | undefined;
  /** More of the instrument's settings in the site file. */
  readonly settings?: Partial<InstrumentSettings> | undefined;
}

/** One instrument of the catalogue, simulated by its profile in a still world, read by the product's loop. */
export class InstrumentScene {
  readonly clock = new SimulatedClock();
  readonly instrument: SimulatedInstrument;
  /** Where its answers can be made to suffer. */
  readonly end: FaultyEnd;
  readonly events: DriverEvent[] = [];
  readonly readings: Reading[] = [];
  readonly line: Line;

  constructor(
    make: (options: LineOptions) => Line,
    id: string,
    { framing = 'modbus-rtu', settings = {} }: InstrumentScenePlan = {},
  ) {
    const { clock } = this;
    const entry = catalogue.find(id);
    if (!entry) throw new RangeError(`there is no sound profile ${id}`);
    this.instrument = simulate(id, { clock, world: stillWorld });
    const isSerial = framing === 'modbus-rtu';
    const wires = new PacedLine({ clock, ...(isSerial && { baudRate: 115_200 }) });
    this.end = new FaultyEnd(wires.connect(), clock);
    this.instrument.serve(this.end, framing);
    const { characterTime } = wires;
    const { profile, choices } = entry;
    this.line = make({
      link: new MemoryLink({ id: 'wire', clock, end: wires.connect(), characterTime }),
      framing,
      instruments: [
        { settings: { ...settingsOf(id, this.instrument), ...settings }, profile, choices, origin: 'measured' },
      ],
      clock,
      observe: (event) => this.events.push(event),
      onReadings: (readings) => this.readings.push(...readings),
      listenFirst: 0,
      random: () => 0.5,
    });
    this.line.start();
  }

  get outcomes(): Outcome[] {
    return this.events.flatMap((event) => (event.kind === 'transaction' ? [event.outcome] : []));
  }

  async stop(): Promise<void> {
    await this.clock.during(this.line.stop());
  }
}

/** As a site would have it that wants everything the instrument has. */
function settingsOf(id: string, { address, parameters, fitted, profile }: SimulatedInstrument) {
  const channels = Object.fromEntries(
    pointsOf(profile).flatMap(({ channel }) => (channel === undefined ? [] : [[channel, channel] as const])),
  );
  const own =
    profile.protocol === 'dlt645'
      ? { meterAddress: address ?? '' }
      : address === null
        ? {}
        : { address: Number(address) };
  return {
    ...{
      id: 'instrument',
      profile: id,
      link: 'wire',
      point: 'here',
      every: profile.protocol === 'hj212' ? 5000 : 2000,
    },
    ...{ parameters: { ...parameters }, fitted: [...fitted], channels, mayStart: true },
    ...own,
  };
}
