import type { LineSilence } from '../../gateway/driver/events.ts';
import type { Line, LineOptions } from '../../gateway/driver/line/line.ts';
import type { ScanEvent, ScanReport } from '../../gateway/scan/report.ts';
import type { Scan, ScanOptions } from '../../gateway/scan/scan.ts';
import { type Registers, SimulatedModbusSlave } from '../instruments/simulated-modbus-slave.ts';
import { SimulatedClock } from '../surroundings/simulated-clock.ts';
import type { ByteEnd } from './byte-end.ts';
import { FaultyEnd } from './faulty-end.ts';
import { MemoryLink } from './memory-link.ts';
import { PacedLine } from './paced-line.ts';

/*
 * In three lines:
 *   const scene = new ScanScene((options) => new Line(options));
 *   scene.add(17, new Sdm630(scene.clock).registers);
 *   const report = await scene.search((options) => new Scan(options), [1, 2, 17], candidates);
 */

export interface ScanScenePlan {
  /** A connection on the network in place of a serial line. */
  readonly framing?: 'modbus-rtu' | 'modbus-tcp';
  /** How bytes are handed over; one by one, two slaves that talk at once garble each other. */
  readonly grain?: 'character' | 'burst';
  /** How long the line is listened to first, milliseconds; 0 without it. */
  readonly listenFirst?: number;
}

/** A line at 9600 8N1 without instruments of a site, on a simulated clock, and slaves that a search may find. */
export class ScanScene {
  readonly clock = new SimulatedClock();
  readonly link: MemoryLink;
  readonly line: Line;
  readonly silences: LineSilence[] = [];
  readonly events: ScanEvent[] = [];
  readonly stop = new AbortController();
  /** Every byte that the search sent. */
  readonly sent: number[] = [];
  readonly #wires: PacedLine;
  readonly #framing: 'modbus-rtu' | 'modbus-tcp';

  constructor(
    make: (options: LineOptions) => Line,
    { grain = 'burst', listenFirst = 0, framing = 'modbus-rtu' }: ScanScenePlan = {},
  ) {
    const { clock } = this;
    this.#framing = framing;
    this.#wires = new PacedLine({ clock, grain, ...(framing === 'modbus-rtu' ? { baudRate: 9600 } : {}) });
    const { characterTime } = this.#wires;
    const own = this.#wires.connect();
    const end: ByteEnd = {
      send: (bytes) => {
        this.sent.push(...bytes);
        own.send(bytes);
      },
      onBytes: (listener) => own.onBytes(listener),
    };
    this.link = new MemoryLink({ id: 'rs485-1', clock, end, characterTime });
    this.line = make({
      link: this.link,
      framing,
      instruments: [],
      clock,
      listenFirst,
      observe: (event) => {
        if (event.kind === 'line-silence') this.silences.push(event);
      },
      onReadings: () => undefined,
      random: () => 0.5,
    });
    this.line.start();
  }

  /** One more slave on the line. */
  add(address: number, registers: Registers, turnAround = 20): { slave: SimulatedModbusSlave; end: FaultyEnd } {
    const slave = new SimulatedModbusSlave({ address, registers, clock: this.clock, turnAround });
    const end = new FaultyEnd(this.#wires.connect(), this.clock);
    if (this.#framing === 'modbus-tcp') slave.serveModbusTcp(end);
    else slave.serveRtu(end);
    return { slave, end };
  }

  /** An end of the line for something else, such as another master. */
  connect(): ByteEnd {
    return this.#wires.connect();
  }

  /** Searches these addresses and tells what was found. */
  async search(
    make: (options: ScanOptions) => Scan,
    addresses: readonly number[],
    candidates: ScanOptions['candidates'],
  ): Promise<ScanReport> {
    const scan = make({
      ask: (question) => this.line.explore({ ...question, instrument: null }),
      clock: this.clock,
      candidates,
      addresses,
      framing: this.#framing,
      characterTime: this.link.characterTime,
      observe: (event) => this.events.push(event),
      signal: this.stop.signal,
    });
    return this.clock.during(scan.run());
  }
}
