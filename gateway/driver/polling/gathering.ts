import { unpackModbusData } from '../../../device-profiles/decode.ts';
import type { ModbusRequest, ReadUnit } from '../../../device-profiles/plan.ts';
import type { ModbusRead } from '../../../device-profiles/profile.ts';
import type { Mark } from '../../reading/reading.ts';
import type { Moment } from '../instrument.ts';
import type { ModbusResult } from '../modbus/modbus-exchange.ts';
import type { PollValues } from './poll-values.ts';

export type PointUnit = ReadUnit<ModbusRead>;
export type PointRequest = ModbusRequest<ModbusRead>;

/** Sees that one poll brings of every unit once its values, or why there are none. */
export class Gathering {
  readonly #values: PollValues;
  readonly #unread: Set<PointUnit>;

  constructor(values: PollValues, units: readonly PointUnit[]) {
    this.#values = values;
    this.#unread = new Set(units);
  }

  /** The values of those units of the request that have none yet. */
  take({ functionCode, start, count, units }: PointRequest, result: ModbusResult): void {
    const block = unpackModbusData(functionCode, result.data ?? new Uint8Array(0), count);
    if (!block) throw new RangeError(`${start}: the conversation let an answer of a wrong length through`);
    for (const unit of units) {
      if (this.#unread.delete(unit)) this.#values.take(unit.reads, block, start, result);
    }
  }

  /** Those of the units that have nothing yet have no value. */
  miss(units: Iterable<PointUnit>, mark: Mark, moment: Moment): void {
    for (const unit of units) {
      if (this.#unread.delete(unit)) this.#values.miss(unit.reads, mark, moment);
    }
  }

  /** Everything that has nothing yet has no value. */
  missRest(mark: Mark, moment: Moment): void {
    this.miss([...this.#unread], mark, moment);
  }
}
