import { profileSchema } from '../../device-profiles/profile.ts';
import type { DriverEvent, Transaction } from '../../gateway/driver/events.ts';
import type { Instrument } from '../../gateway/driver/instrument.ts';
import type { Line, LineOptions } from '../../gateway/driver/line/line.ts';
import type { Reading } from '../../gateway/reading/reading.ts';
import { counting, type Registers, SimulatedModbusSlave } from '../instruments/simulated-modbus-slave.ts';
import { SimulatedClock } from '../surroundings/simulated-clock.ts';
import { FaultyEnd } from './faulty-end.ts';
import { MemoryLink } from './memory-link.ts';
import { PacedLine } from './paced-line.ts';

/*
 * In three lines:
 *   const scene = new LineScene((options) => new Line(options), [{ every: 1000 }, { every: 4000 }]);
 *   scene.line.start();
 *   await scene.clock.advance(60_000);
 */

/** An instrument with `registers` holding registers of one request. */
export function profileWith(registers: number, more: object = {}): Instrument['profile'] {
  return profileSchema.parse({
    profile: 'test/registers',
    name: { zh: '测试', en: 'Test' },
    sources: ['made up for a test'],
    confidence: 'C',
    protocol: 'modbus',
    serial: { default: '9600-8N1' },
    address: { default: 1 },
    limits: { timeoutMs: 300, retries: 1 },
    points: Array.from({ length: registers }, (_, register) => ({
      id: `r${register}`,
      factor: 'current',
      functionCode: 3,
      register,
      type: 'u16',
    })),
    ...more,
  });
}

export interface ScenePlan {
  /** Milliseconds; 1000 without it. */
  readonly every?: number;
  readonly profile?: Instrument['profile'];
  /** What the slave holds; numbers that change with each request without it. */
  readonly registers?: Registers;
  /** More of the instrument's settings in the site file. */
  readonly settings?: Partial<Instrument['settings']>;
}

/** Instruments `i1`, `i2`, … at addresses 1, 2, … on a line at 9600 8N1 and a simulated clock, run by the product's loop. */
export class LineScene {
  readonly clock = new SimulatedClock();
  readonly events: DriverEvent[] = [];
  readonly readings: Reading[] = [];
  readonly slaves: readonly SimulatedModbusSlave[];
  /** Each slave's end of the line, where its answers can be made to suffer. */
  readonly ends: readonly FaultyEnd[];
  readonly link: MemoryLink;
  readonly line: Line;

  constructor(make: (options: LineOptions) => Line, plans: readonly ScenePlan[]) {
    const wires = new PacedLine({ clock: this.clock, baudRate: 9600 });
    this.ends = plans.map(() => new FaultyEnd(wires.connect(), this.clock));
    this.slaves = this.ends.map((end, index) => {
      const { registers = counting() } = plans[index] ?? {};
      const slave = new SimulatedModbusSlave({ address: index + 1, registers, clock: this.clock, turnAround: 10 });
      slave.serveRtu(end);
      return slave;
    });
    const { characterTime } = wires;
    this.link = new MemoryLink({ id: 'rs485-1', clock: this.clock, end: wires.connect(), characterTime });
    this.line = make({
      link: this.link,
      framing: 'modbus-rtu',
      instruments: plans.map((plan, index) => instrumentOf(plan, index + 1)),
      clock: this.clock,
      observe: (event) => this.events.push(event),
      onReadings: (readings) => this.readings.push(...readings),
      random: () => 0.5,
    });
  }

  /** The slave of instrument `i1`, `i2`, … */
  slave(instrument: string): SimulatedModbusSlave {
    const slave = this.slaves[Number(instrument.slice(1)) - 1];
    if (!slave) throw new RangeError(`there is no ${instrument} in the scene`);
    return slave;
  }

  /** The end of the line that instrument `i1`, `i2`, … sits on. */
  end(instrument: string): FaultyEnd {
    const end = this.ends[Number(instrument.slice(1)) - 1];
    if (!end) throw new RangeError(`there is no ${instrument} in the scene`);
    return end;
  }

  get transactions(): Transaction[] {
    return this.events.filter((event) => event.kind === 'transaction');
  }

  asked(instrument: string): Transaction[] {
    return this.transactions.filter((transaction) => transaction.instrument === instrument);
  }

  of(instrument: string): Reading[] {
    return this.readings.filter((reading) => reading.instrument === instrument);
  }

  /** Moments at which the instrument's readings were taken, or found missing. */
  polls(instrument: string): number {
    return new Set(this.of(instrument).map(({ at }) => at)).size;
  }

  /** Moments at which it gave values. */
  values(instrument: string): number {
    return new Set(this.of(instrument).flatMap(({ at, value }) => (value === null ? [] : [at]))).size;
  }

  /** Forgets what was told and read so far. */
  forget(): void {
    this.events.length = 0;
    this.readings.length = 0;
  }

  async stop(): Promise<void> {
    await this.clock.during(this.line.stop());
  }
}

function instrumentOf(
  { every = 1000, profile = profileWith(2), settings = {} }: ScenePlan,
  number: number,
): Instrument {
  const place = { id: `i${number}`, link: 'rs485-1', address: number, point: `p${number}` };
  return { settings: { ...place, profile: profile.profile, every, ...settings }, profile, origin: 'simulated' };
}
