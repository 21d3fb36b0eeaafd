import { loadCatalogue } from '../../device-profiles/catalogue.ts';
import type { DriverEvent, Transaction } from '../../gateway/driver/events.ts';
import type { Instrument } from '../../gateway/driver/instrument.ts';
import type { Line, LineOptions } from '../../gateway/driver/line/line.ts';
import type { LinkEvent } from '../../gateway/link/link.ts';
import type { Reading } from '../../gateway/reading/reading.ts';
import { SimulatedHj212Logger } from '../instruments/simulated-hj212-logger.ts';
import { SimulatedClock } from '../surroundings/simulated-clock.ts';
import type { ByteEnd } from './byte-end.ts';
import { MemoryLink } from './memory-link.ts';
import { PacedLine } from './paced-line.ts';

/*
 * In three lines:
 *   const scene = new Hj212Scene((options) => new Line(options));
 *   scene.logger.serve(scene.end);
 *   await scene.clock.advance(100_000);
 */

const catalogue = loadCatalogue({ directories: [] });

export interface Hj212ScenePlan {
  /** A dust station without it. */
  readonly profile?: string;
  /** More of the instrument's settings in the site file. */
  readonly settings?: Partial<Instrument['settings']>;
  /** True for TCP; a serial line at 9600 without it. */
  readonly network?: boolean;
}

/** One source of HJ 212 that sends each 30 s, heard by the product's loop on a simulated clock. */
export class Hj212Scene {
  readonly clock = new SimulatedClock();
  readonly events: DriverEvent[] = [];
  readonly links: LinkEvent[] = [];
  readonly readings: Reading[] = [];
  readonly logger: SimulatedHj212Logger;
  readonly end: ByteEnd;
  readonly link: MemoryLink;
  readonly line: Line;

  constructor(make: (options: LineOptions) => Line, plan: Hj212ScenePlan = {}) {
    const { profile: name = 'hj212/dust-station', settings = {}, network = false } = plan;
    const { clock } = this;
    const wires = new PacedLine({ clock, ...(network ? {} : { baudRate: 9600 }), grain: 'character' });
    this.end = wires.connect();
    this.logger = new SimulatedHj212Logger({ clock, interval: 30_000 });
    const { characterTime } = wires;
    const observe = (event: LinkEvent): void => void this.links.push(event);
    this.link = new MemoryLink({ id: 'logger', clock, end: wires.connect(), characterTime, observe });
    const profile = catalogue.find(name)?.profile;
    if (!profile) throw new RangeError(`there is no profile ${name}`);
    const fitted = ['temperature', 'noise'];
    const given = { id: 'station', profile: name, link: 'logger', every: 30_000, point: 'gate', fitted };
    this.line = make({
      link: this.link,
      framing: 'modbus-rtu',
      instruments: [{ settings: { ...given, ...settings }, profile, origin: 'measured' }],
      clock,
      observe: (event) => this.events.push(event),
      onReadings: (readings) => this.readings.push(...readings),
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
