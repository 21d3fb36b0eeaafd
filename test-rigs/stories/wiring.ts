import type { Cancel, Clock } from '../../gateway/clock.ts';
import type { LinkEvent } from '../../gateway/link/link.ts';
import { SimulatedPlantower } from '../instruments/framed/simulated-plantower.ts';
import { jxctDust } from '../instruments/jxct-jxbs-3001.ts';
import { type Registers, SimulatedModbusSlave } from '../instruments/simulated-modbus-slave.ts';
import type { ByteEnd } from '../links/byte-end.ts';
import { FaultyEnd } from '../links/faulty-end.ts';
import { MemoryLink } from '../links/memory-link.ts';
import { PacedLine } from '../links/paced-line.ts';

/** One instrument of a story: how the site names it, and what answers in its place. */
export interface StoryInstrument {
  readonly id: string;
  readonly profile: string;
  readonly every: string;
  readonly link: string;
  /** Slave address; without it, it talks unasked. */
  readonly address?: number;
  /** What its registers hold; without it nothing answers, or a particle sensor talks. */
  readonly registers?: (clock: Clock) => Registers;
}

/** A dust meter for PM2.5 and PM10 on the line `rs485-1`. */
export function dustMeter(id: string, address: number, changes: Partial<StoryInstrument> = {}): StoryInstrument {
  const profile = 'jxct/jxbs-3001-pm';
  return { id, profile, every: '4s', link: 'rs485-1', address, registers: jxctDust, ...changes };
}

/** A particle sensor that talks by itself on the line `usb-1`. */
export function particleSensor(id: string, changes: Partial<StoryInstrument> = {}): StoryInstrument {
  return { id, profile: 'plantower/pms5003', every: '4s', link: 'usb-1', ...changes };
}

interface Wires {
  readonly line: PacedLine;
  readonly gatewayEnd: ByteEnd;
}

/** Lines at 9600 8N1 with instruments on them. What an instrument says goes through an end that can be made faulty. */
export class Wiring {
  readonly instruments: readonly StoryInstrument[];
  readonly #clock: Clock;
  readonly #wires = new Map<string, Wires>();
  readonly #slaves = new Map<string, SimulatedModbusSlave>();
  readonly #sensors = new Map<string, SimulatedPlantower>();
  readonly #ends = new Map<string, FaultyEnd>();
  readonly #silence: Cancel[] = [];

  constructor(clock: Clock, instruments: readonly StoryInstrument[]) {
    this.instruments = instruments;
    this.#clock = clock;
    for (const instrument of instruments) this.#connect(instrument);
  }

  /** The slave that stands for this instrument. */
  slave(id: string): SimulatedModbusSlave {
    return known(this.#slaves, id);
  }

  sensor(id: string): SimulatedPlantower {
    return known(this.#sensors, id);
  }

  /** Where this instrument's answers can be made to suffer. */
  end(id: string): FaultyEnd {
    return known(this.#ends, id);
  }

  /** The gateway's end of a line, as an adapter makes it. */
  link(id: string, observe: (event: LinkEvent) => void): MemoryLink {
    const { line, gatewayEnd } = known(this.#wires, id);
    return new MemoryLink({ id, clock: this.#clock, end: gatewayEnd, characterTime: line.characterTime, observe });
  }

  /** Whoever talks by itself stops. */
  finish(): void {
    for (const silence of this.#silence) silence();
  }

  #connect({ id, link, address, registers }: StoryInstrument): void {
    const clock = this.#clock;
    const line = this.#wires.get(link)?.line ?? new PacedLine({ clock, baudRate: 9600 });
    if (!this.#wires.has(link)) this.#wires.set(link, { line, gatewayEnd: line.connect() });
    const end = new FaultyEnd(line.connect(), clock);
    this.#ends.set(id, end);
    if (address === undefined) {
      const sensor = new SimulatedPlantower({ clock });
      this.#sensors.set(id, sensor);
      this.#silence.push(sensor.serve(end));
    } else if (registers !== undefined) {
      const slave = new SimulatedModbusSlave({ address, registers: registers(clock), clock, turnAround: 20 });
      this.#slaves.set(id, slave);
      this.#silence.push(slave.serveRtu(end));
    }
  }
}

function known<Thing>(things: ReadonlyMap<string, Thing>, id: string): Thing {
  const thing = things.get(id);
  if (thing === undefined) throw new RangeError(`this story has no ${id} (it has ${[...things.keys()].join(', ')})`);
  return thing;
}
