import { decodeModbus, unpackModbusData } from '../../../device-profiles/decode.ts';
import type { ModbusRequest, ReadUnit } from '../../../device-profiles/plan.ts';
import type { ModbusPoint, ModbusProfile } from '../../../device-profiles/profile.ts';
import type { Mark, Reading } from '../../reading/reading.ts';
import { type Instrument, type Moment, missing, readingOf } from '../instrument.ts';
import type { ModbusResult } from '../modbus-exchange.ts';

export type ModbusInstrument = Instrument & { readonly profile: ModbusProfile };
export type PointUnit = ReadUnit<ModbusPoint>;
export type PointRequest = ModbusRequest<ModbusPoint>;

/** The readings of one poll: of every unit once, its values or why there are none. */
export class Gathering {
  readonly readings: Reading[] = [];
  readonly #instrument: ModbusInstrument;
  readonly #unread: Set<PointUnit>;

  constructor(instrument: ModbusInstrument, units: readonly PointUnit[]) {
    this.#instrument = instrument;
    this.#unread = new Set(units);
  }

  /** The values of those units of the request that have none yet. */
  take({ functionCode, start, count, units }: PointRequest, result: ModbusResult): void {
    const { profile } = this.#instrument;
    const block = unpackModbusData(functionCode, result.data ?? new Uint8Array(0), count);
    if (!block) throw new RangeError(`${profile.profile}: the conversation let an answer of a wrong length through`);
    for (const unit of units) {
      if (!this.#unread.delete(unit)) continue;
      for (const point of unit.reads) {
        const decoded = decodeModbus(profile, point, block, start);
        this.readings.push(...readingOf(this.#instrument, point, decoded, result));
      }
    }
  }

  /** Those of the units that have nothing yet have no value. */
  miss(units: Iterable<PointUnit>, mark: Mark, moment: Moment): void {
    for (const unit of units) {
      if (!this.#unread.delete(unit)) continue;
      for (const point of unit.reads) this.readings.push(...missing(this.#instrument, point, mark, moment));
    }
  }

  /** Everything that has nothing yet has no value. */
  missRest(mark: Mark, moment: Moment): void {
    this.miss([...this.#unread], mark, moment);
  }
}
