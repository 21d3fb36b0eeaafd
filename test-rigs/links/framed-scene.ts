import { loadCatalogue } from '../../device-profiles/catalogue.ts';
import type { Profile } from '../../device-profiles/profile.ts';
import type { DriverEvent, Transaction } from '../../gateway/driver/events.ts';
import type { Instrument } from '../../gateway/driver/instrument.ts';
import type { Line, LineOptions } from '../../gateway/driver/line/line.ts';
import type { Reading } from '../../gateway/reading/reading.ts';
import { SimulatedClock } from '../surroundings/simulated-clock.ts';
import type { ByteEnd } from './byte-end.ts';
import { MemoryLink } from './memory-link.ts';
import { PacedLine } from './paced-line.ts';

/*
 * In three lines:
 *   const scene = new FramedScene((options) => new Line(options), { profile: 'sensirion/sps30', settings: { mayStart: true } });
 *   sps30(scene.clock, () => masses).serve(scene.end);
 *   await scene.clock.advance(10_000);
 */

const catalogue = loadCatalogue({ directories: [] });

export interface FramedScenePlan {
  /** A profile of the catalogue, or one that a test wrote. */
  readonly profile: string | Profile;
  /** More of the instrument's settings in the site file. */
  readonly settings?: Partial<Instrument['settings']>;
  readonly baudRate?: number;
  /** `network`: behind a device server; a wire without it. */
  readonly medium?: 'wire' | 'network';
}

/** One instrument with frames of its own on a paced line, read every second by the product's loop on a simulated clock. */
export class FramedScene {
  readonly clock = new SimulatedClock();
  readonly events: DriverEvent[] = [];
  readonly readings: Reading[] = [];
  /** Where the simulated instrument sits. */
  readonly end: ByteEnd;
  readonly link: MemoryLink;
  readonly line: Line;

  constructor(
    make: (options: LineOptions) => Line,
    { profile: which, settings = {}, baudRate = 9600, medium = 'wire' }: FramedScenePlan,
  ) {
    const { clock } = this;
    const wires = new PacedLine({ clock, baudRate, grain: 'character' });
    this.end = wires.connect();
    const { characterTime } = wires;
    this.link = new MemoryLink({ id: 'uart', clock, end: wires.connect(), characterTime, medium });
    const profile = typeof which === 'string' ? catalogue.find(which)?.profile : which;
    if (!profile) throw new RangeError(`there is no sound profile ${which}`);
    const given = { id: 'instrument', profile: profile.profile, link: 'uart', every: 1000, point: 'gate' };
    this.line = make({
      link: this.link,
      framing: 'modbus-rtu',
      instruments: [{ settings: { ...given, ...settings }, profile, origin: 'measured' }],
      clock,
      observe: (event) => this.events.push(event),
      onReadings: (readings) => this.readings.push(...readings),
      listenFirst: 0,
      random: () => 0.5,
    });
    this.line.start();
  }

  get transactions(): Transaction[] {
    return this.events.filter((event) => event.kind === 'transaction');
  }

  get outcomes(): string[] {
    return this.transactions.map(({ outcome }) => outcome);
  }

  of(factor: string): Reading[] {
    return this.readings.filter((reading) => reading.factor === factor);
  }

  values(factor: string): (number | null)[] {
    return this.of(factor).map(({ value }) => value);
  }

  async stop(): Promise<void> {
    await this.clock.during(this.line.stop());
  }
}
