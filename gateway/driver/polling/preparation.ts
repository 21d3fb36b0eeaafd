import { type Raw, readModbus, unpackModbusData } from '../../../device-profiles/decode.ts';
import { fittingVariants, probeReadOf, type VariantChoice } from '../../../device-profiles/modbus/choose-variant.ts';
import { readsAtConnect } from '../../../device-profiles/modbus/reads.ts';
import type { Span } from '../../../device-profiles/plan/span.ts';
import { planRequests, spanOf } from '../../../device-profiles/plan.ts';
import { type ModbusRead, pointsOf } from '../../../device-profiles/profile.ts';
import { wantedPoints } from '../instrument.ts';
import type { ModbusResult } from '../modbus/modbus-exchange.ts';
import type { ModbusInstrument } from './poll-values.ts';

/** One request of the preparation. */
export interface PreparingRequest extends Span {
  /** `start`: for its effect; `probe`: to tell the variant; `once`: for values that hold as long as it is connected. */
  readonly purpose: 'start' | 'probe' | 'once';
  readonly reads: readonly ModbusRead[];
}

/** What the instrument was found to be: the one variant that fits; else those that do, none or several. */
type Found = { readonly chosen: VariantChoice } | { readonly fitting: readonly VariantChoice[] };

/**
 * What is asked of an instrument once it is connected, before anything it says can be understood: it is started, which
 * variant it is is found out, and what holds for long is read. Ends when every request was answered, be it with a refusal.
 */
export class Preparation {
  readonly #choices: readonly VariantChoice[];
  readonly #address: number;
  readonly #raws = new Map<string, Raw>();
  #instrument: ModbusInstrument;
  #waiting: PreparingRequest[];
  #found: Found | undefined;
  #isReadOnce = false;

  constructor(instrument: ModbusInstrument, choices: readonly VariantChoice[], address: number) {
    this.#instrument = instrument;
    this.#choices = choices;
    this.#address = address;
    const start = instrument.profile.start.map((span) => ({ ...plain(span), purpose: 'start' as const, reads: [] }));
    this.#waiting = [...start, ...choices.flatMap(probeOf)];
    this.#goOn();
  }

  /** The request to send now; undefined when all is done. */
  get next(): PreparingRequest | undefined {
    return this.#waiting[0];
  }

  /** Which variant it is; undefined before it is known, and where there is nothing to choose. */
  get found(): Found | undefined {
    return this.#found;
  }

  /** Raw values of the auxiliaries that are read once. */
  get auxiliaries(): ReadonlyMap<string, Raw> {
    return this.#raws;
  }

  /** The instrument answered the request that was next. */
  take({ outcome, data }: ModbusResult): void {
    const request = this.#waiting.shift();
    if (!request) return;
    const block = outcome === 'ok' && data ? unpackModbusData(request.functionCode, data, request.count) : undefined;
    if (block) for (const read of request.reads) this.#raws.set(read.id, readModbus(read, block, request.start));
    this.#goOn();
  }

  /** Chooses when everything was probed, and then reads what holds for the chosen one. */
  #goOn(): void {
    if (this.#waiting.length > 0) return;
    if (this.#choices.length > 0 && this.#found === undefined) {
      const fitting = fittingVariants(this.#choices, this.#address, this.#raws);
      const [chosen, ...others] = fitting;
      this.#found = chosen && others.length === 0 ? { chosen } : { fitting };
      this.#raws.clear();
      if (!('chosen' in this.#found)) return;
      this.#instrument = { ...this.#instrument, profile: this.#found.chosen.profile };
    }
    if (this.#isReadOnce) return;
    this.#isReadOnce = true;
    const { profile } = this.#instrument;
    const reads = readsAtConnect(profile, wantedPoints(this.#instrument, pointsOf(profile)));
    this.#waiting = planRequests(profile, reads).map((request) => ({ ...request, purpose: 'once' }));
  }
}

function probeOf(choice: VariantChoice): PreparingRequest[] {
  const read = probeReadOf(choice);
  return read === undefined ? [] : [{ ...plain(spanOf(read)), purpose: 'probe', reads: [read] }];
}

interface Place {
  readonly functionCode: Span['functionCode'];
  readonly start?: number;
  readonly register?: number;
  readonly count: number;
}

function plain({ functionCode, start, register = 0, count }: Place): Span {
  return { functionCode, start: start ?? register, count };
}
