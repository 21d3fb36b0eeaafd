import { loadCatalogue } from '../../device-profiles/catalogue.ts';
import type { DriverEvent, Transaction } from '../../gateway/driver/events.ts';
import type { Instrument } from '../../gateway/driver/instrument.ts';
import type { Line, LineOptions } from '../../gateway/driver/line/line.ts';
import type { Reading } from '../../gateway/reading/reading.ts';
import { SimulatedDlt645Meter } from '../instruments/simulated-dlt645-meter.ts';
import { SimulatedClock } from '../surroundings/simulated-clock.ts';
import { FaultyEnd } from './faulty-end.ts';
import { MemoryLink } from './memory-link.ts';
import { PacedLine } from './paced-line.ts';

/*
 * In three lines:
 *   const scene = new MeterScene((options) => new Line(options), [{ address: '000000000161' }]);
 *   scene.meters[0]?.values.set('02010100', 'absent');
 *   await scene.clock.advance(60_000);
 */

const catalogue = loadCatalogue({ directories: [] });

export interface MeterPlan {
  /** What stands on the meter's plate. */
  readonly address: string;
  readonly profile?: string;
  /** What the site says its address is; the same without it. */
  readonly meterAddress?: string;
  /** Milliseconds; 10 s without it. */
  readonly every?: number;
  /** What the site states of it, such as the ratio of its transformers. */
  readonly parameters?: Readonly<Record<string, number>>;
  /** How the line hands bytes over, by the first meter. */
  readonly grain?: 'character' | 'burst';
}

/** DL/T 645 meters `m1`, `m2`, … on a line at 2400 8E1 and a simulated clock, read by the product's loop. */
export class MeterScene {
  readonly clock = new SimulatedClock();
  readonly events: DriverEvent[] = [];
  readonly readings: Reading[] = [];
  readonly meters: SimulatedDlt645Meter[] = [];
  /** Each meter's end of the line, where its answers can be made to suffer. */
  readonly ends: FaultyEnd[] = [];
  readonly link: MemoryLink;
  readonly line: Line;

  constructor(make: (options: LineOptions) => Line, plans: readonly MeterPlan[]) {
    const { clock } = this;
    const grain = plans[0]?.grain ?? 'burst';
    const wires = new PacedLine({ clock, baudRate: 2400, characterBits: 11, grain });
    const instruments = plans.map((plan, index): Instrument => {
      const { address, profile = 'dlt645/meter-2007', every = 10_000, meterAddress = address, parameters = {} } = plan;
      const end = new FaultyEnd(wires.connect(), clock);
      const meter = new SimulatedDlt645Meter({ address, clock, edition: profile.includes('1997') ? 1997 : 2007 });
      meter.serve(end);
      this.meters.push(meter);
      this.ends.push(end);
      const found = catalogue.find(profile)?.profile;
      if (!found) throw new RangeError(`there is no profile ${profile}`);
      const given = { id: `m${index + 1}`, profile, link: 'rs485', meterAddress, every, point: `p${index}` };
      return { settings: { ...given, parameters: { ...parameters } }, profile: found, origin: 'measured' };
    });
    const { characterTime } = wires;
    this.link = new MemoryLink({ id: 'rs485', clock, end: wires.connect(), characterTime });
    this.line = make({
      link: this.link,
      framing: 'modbus-rtu',
      instruments,
      clock,
      observe: (event) => this.events.push(event),
      onReadings: (readings) => this.readings.push(...readings),
      random: () => 0.5,
    });
    this.line.start();
  }

  get transactions(): Transaction[] {
    return this.events.filter((event) => event.kind === 'transaction');
  }

  get outcomes(): Set<string> {
    return new Set(this.transactions.map(({ outcome }) => outcome));
  }

  /** The latest reading of a factor. */
  last(factor: string, instrument = 'm1'): Reading | undefined {
    return this.readings.findLast((one) => one.factor === factor && one.instrument === instrument);
  }

  /** Forgets what was told, read and asked so far. */
  forget(): void {
    this.events.length = 0;
    this.readings.length = 0;
    for (const meter of this.meters) meter.asked.length = 0;
  }

  async stop(): Promise<void> {
    await this.clock.during(this.line.stop());
  }
}
