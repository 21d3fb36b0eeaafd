import type { ModbusProfile } from '../../../device-profiles/profile.ts';
import type { Cancel, Clock } from '../../../gateway/clock.ts';
import type { ByteEnd } from '../../links/byte-end.ts';
import { type Registers, SimulatedModbusSlave } from '../simulated-modbus-slave.ts';
import { type Picture, registersOf } from './encoding/modbus-simulation.ts';
import type { Part } from './part.ts';

const illegalValue = 3;

/** A Modbus slave whose registers show the picture. */
export class ModbusPart implements Part {
  readonly #slave: SimulatedModbusSlave;

  constructor(profile: ModbusProfile, address: number, clock: Clock, picture: () => Picture) {
    const { limits, quirks, holes, start } = profile;
    let file = registersOf(profile, picture());
    const registers: Registers = (table, register) => {
      const isHole = holes.some((hole) => hole.functionCode === table && register >= hole.from && register <= hole.to);
      if (isHole) return undefined;
      return file.get(table, register) ?? (isBetween(file, table, register, limits.maxHole) ? 0 : undefined);
    };
    // Taken once for each request, so that the words of one quantity belong together.
    registers.onRequest = () => {
      file = registersOf(profile, picture());
    };
    this.#slave = new SimulatedModbusSlave({
      ...{ address, registers, clock, turnAround: 20, answersNone: start.some(({ count }) => count === 0) },
      ...{ swapsCheckSums: quirks.crcSwapped, refusesSilently: quirks.silentRefusal },
    });
    this.#slave.refuses = (table, _, count) =>
      count > (table <= 2 ? limits.maxBits : limits.maxRegisters) ? illegalValue : null;
  }

  get on(): boolean {
    return this.#slave.on;
  }

  set on(on: boolean) {
    this.#slave.on = on;
  }

  serve(end: ByteEnd, framing: 'modbus-rtu' | 'modbus-tcp'): Cancel {
    return framing === 'modbus-tcp' ? this.#slave.serveModbusTcp(end) : this.#slave.serveRtu(end);
  }
}

/** True within a gap between two registers that there are, no longer than the profile says one may read through. */
function isBetween(
  file: ReturnType<typeof registersOf>,
  table: 1 | 2 | 3 | 4,
  register: number,
  most: number,
): boolean {
  const reach = (step: 1 | -1): number | undefined => {
    for (let away = 1; away <= most; away += 1) if (file.get(table, register + step * away) !== undefined) return away;
    return undefined;
  };
  const [before, behind] = [reach(-1), reach(1)];
  return before !== undefined && behind !== undefined && before + behind - 1 <= most;
}
