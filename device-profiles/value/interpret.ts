import { type ComputedPoint, isComputed, isSlot, type Profile, type ProfilePoint } from '../profile.ts';
import { decodeRaw } from './decode-raw.ts';
import { type Decoded, type Known, type LookUp, nothingKnown, type Raw } from './decoded.ts';
import { partsOf, statusesOf } from './leaning.ts';
import { operate, operatorOf } from './operators.ts';
import { decodeSlot } from './slots.ts';
import { inState, stateNotRead, stateOf } from './state.ts';

/**
 * What these points mean, from what was read of them and of the auxiliaries they lean on: the one way from raw values to
 * values, for every protocol. `raws` by id. A point whose own raw value is not among them was not read and is not in the
 * result; one whose scale, unit or condition is not known is there and has no value.
 */
export function interpret(
  profile: Profile,
  points: readonly ProfilePoint[],
  raws: ReadonlyMap<string, Raw>,
  known: Known = nothingKnown,
): Map<string, Decoded> {
  const interpretation = new Interpretation(profile, raws, known);
  const result = new Map<string, Decoded>();
  for (const point of points) {
    const decoded = interpretation.of(point);
    if (decoded) result.set(point.id, decoded);
  }
  return result;
}

/** How deep computed points may be made of computed points; the check refuses circles, this holds where it was not asked. */
const deepest = 8;

class Interpretation {
  readonly #profile: Profile;
  readonly #raws: ReadonlyMap<string, Raw>;
  readonly #known: Known;
  readonly #done = new Map<string, Decoded | undefined>();
  readonly #allZero: boolean;
  #depth = 0;

  constructor(profile: Profile, raws: ReadonlyMap<string, Raw>, known: Known) {
    this.#profile = profile;
    this.#raws = raws;
    this.#known = known;
    this.#allZero = profile.allZero?.every((id) => Number(raws.get(id)) === 0) ?? false;
  }

  of(point: ProfilePoint): Decoded | undefined {
    if (this.#done.has(point.id)) return this.#done.get(point.id);
    if (this.#depth > deepest) return undefined;
    this.#depth += 1;
    const decoded = this.#decode(point);
    this.#depth -= 1;
    const told = decoded && this.#withState(point, decoded);
    this.#done.set(point.id, told);
    return told;
  }

  /** The number of a parameter or an auxiliary value. */
  readonly #lookUp: LookUp = (name) => {
    const stated = this.#known.parameters[name];
    if (stated !== undefined) return stated;
    const auxiliary = partsOf(this.#profile).auxiliaries.get(name);
    const raw = this.#raws.get(name) ?? this.#known.auxiliaries.get(name);
    if (auxiliary === undefined || raw === undefined) return this.#profile.parameters[name]?.default;
    return decodeRaw(auxiliary, raw, this.#lookUp).value ?? undefined;
  };

  #decode(point: ProfilePoint): Decoded | undefined {
    if (isComputed(point)) return this.#compute(point);
    if (isSlot(point)) return decodeSlot(this.#profile, point, this.#raws, this.#lookUp);
    const raw = this.#raws.get(point.id);
    if (raw === undefined) return undefined;
    if (this.#allZero && this.#profile.allZero?.includes(point.id)) return { raw: 0, value: null, reason: 'warm-up' };
    return decodeRaw(point, raw, this.#lookUp);
  }

  #compute(point: ComputedPoint): Decoded | undefined {
    const inputs = new Map<string, Decoded>();
    for (const id of [...operatorOf(point).inputs, ...(point.when ?? []).map(({ value }) => value)]) {
      const input = this.#input(id);
      if (input === undefined) return undefined;
      inputs.set(id, input);
    }
    const state = [...inputs.values()].find((input) => input.state !== undefined)?.state;
    const marked = (decoded: Decoded): Decoded => (state === undefined ? decoded : { ...decoded, state });
    for (const input of inputs.values()) {
      if (input.value === null) return marked({ raw: null, value: null, reason: input.reason });
    }
    const numberOf = (id: string): number => inputs.get(id)?.value ?? Number.NaN;
    const holds = (point.when ?? []).every(({ value, atLeast, atMost }) => {
      const number = numberOf(value);
      return number >= (atLeast ?? Number.NEGATIVE_INFINITY) && number <= (atMost ?? Number.POSITIVE_INFINITY);
    });
    const result = holds ? operate(point, numberOf) : undefined;
    if (result === undefined) return marked({ raw: null, value: null, reason: 'not-applicable' });
    return marked(decodeRaw(point, result, this.#lookUp));
  }

  /** What a computed point is made of: a point, an auxiliary value or a parameter; `undefined` if it was not read. */
  #input(id: string): Decoded | undefined {
    const { points, auxiliaries } = partsOf(this.#profile);
    const point = points.get(id);
    if (point) return this.of(point);
    const auxiliary = auxiliaries.get(id);
    const raw = this.#raws.get(id) ?? this.#known.auxiliaries.get(id);
    if (auxiliary && raw !== undefined) return decodeRaw(auxiliary, raw, this.#lookUp);
    const stated = auxiliary ? undefined : this.#lookUp(id);
    return stated === undefined ? undefined : { raw: stated, value: stated };
  }

  /** Adds what the instrument says of itself; of several states the first in the profile holds. */
  #withState(point: ProfilePoint, decoded: Decoded): Decoded {
    if (decoded.state !== undefined) return decoded;
    for (const status of statusesOf(this.#profile, point)) {
      const number = this.#lookUp(status.auxiliary);
      const state = number === undefined ? stateNotRead : stateOf(status, number);
      if (state !== undefined) return inState(decoded, state);
    }
    return decoded;
  }
}
