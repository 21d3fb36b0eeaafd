import type { ModbusAuxiliary, ModbusPoint, ModbusProfile, SlotPoint } from '../../../../device-profiles/profile.ts';
import type { Probe } from '../../../../device-profiles/shape/modbus.ts';
import type { Shown, StateFlag } from '../behaviours.ts';
import { RegisterFile, writeNumber, writeText, writeTime } from './encode-registers.ts';
import { inOwnUnit } from './own-units.ts';
import { type Named, rawOf } from './raw-values.ts';

/** What the instrument has to show at one moment. */
export interface Picture {
  /** What each point shows, by id, in the unit of its factor. */
  readonly shown: (point: { readonly id: string; readonly factor: ModbusPoint['factor'] }) => Shown;
  readonly state: StateFlag;
  /** What the site states, such as a CT ratio. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Optional points that it has. */
  readonly fitted: ReadonlySet<string>;
  readonly wallTime: number;
  /** Where a variant is told at the instrument: what it must show for that. */
  readonly probe?: Probe | undefined;
}

/** Local time of the instrument's clock is Beijing time, as at every site. */
const beijing = 8 * 3_600_000;
/** What an auxiliary value holds where nothing in the profile says what it may hold. */
const anyNumber = 20;
const anyFactor = 2;

/** Everything that the registers of the instrument hold in this picture. */
export function registersOf(profile: ModbusProfile, picture: Picture): RegisterFile {
  return new Drawing(profile, picture).file;
}

class Drawing {
  readonly file = new RegisterFile();
  readonly #profile: ModbusProfile;
  readonly #picture: Picture;
  /** Raw numbers of the auxiliaries, decided before anything leans on them. */
  readonly #codes = new Map<string, number>();

  constructor(profile: ModbusProfile, picture: Picture) {
    this.#profile = profile;
    this.#picture = picture;
    this.#decideParts();
    for (const auxiliary of profile.auxiliaries) this.#drawAuxiliary(auxiliary);
    for (const point of profile.points) {
      if (!point.optional || picture.fitted.has(point.id)) this.#drawPoint(point);
      else if (!this.#isTaken(point)) writeNumber(this.file, point, 0);
    }
    for (const slots of profile.slots) this.#drawSlots(slots);
    this.#drawProbe(picture.probe);
  }

  /** A parameter, or an auxiliary value as it is scaled. */
  readonly #named: Named = (name) => {
    const stated = this.#picture.parameters[name] ?? this.#profile.parameters[name]?.default;
    if (stated !== undefined) return stated;
    const auxiliary = this.#profile.auxiliaries.find(({ id }) => id === name);
    if (!auxiliary) throw new RangeError(`${this.#profile.profile}: the rig needs the parameter ${name}`);
    let value = this.#code(name) * auxiliary.scale + auxiliary.offset;
    for (const factor of auxiliary.times ?? []) value *= this.#named(factor);
    return value;
  };

  readonly #code = (name: string): number => {
    const known = this.#codes.get(name);
    if (known !== undefined) return known;
    const decided = this.#decide(name);
    this.#codes.set(name, decided);
    return decided;
  };

  /** A raw number of the auxiliary value with which everything that leans on it means something. */
  #decide(name: string): number {
    const { status, points, slots } = this.#profile;
    const ofState = status.find(({ auxiliary }) => auxiliary === name);
    if (ofState) return stateCode(ofState, this.#picture.state, this.#profile.profile);
    for (const point of [...points, ...slots.flatMap(({ meanings }) => meanings), ...this.#profile.computed]) {
      const { unitFrom, scaleFrom, times } = point;
      if (unitFrom?.auxiliary === name) return Number(Object.keys(unitFrom.codes)[0]);
      if (scaleFrom?.auxiliary === name) {
        if (scaleFrom.codes) return Number(Object.keys(scaleFrom.codes)[0]);
        return scaleFrom.as === 'factor' ? anyFactor : scaleFrom.minus + (scaleFrom.as === 'decimals' ? 1 : 0);
      }
      if (times?.includes(name)) return anyFactor;
    }
    return anyNumber;
  }

  /** A value that is sent in parts: its whole part in the first, what is left in the others. */
  #decideParts(): void {
    for (const point of this.#profile.computed) {
      const shown = point.join && this.#picture.shown(point);
      if (!point.join || typeof shown !== 'number') continue;
      if (point.optional && !this.#picture.fitted.has(point.id)) continue;
      let rest = rawOf(point, point.factor, shown, this.#named, this.#code);
      for (const name of point.join) {
        const part = this.#profile.auxiliaries.find(({ id }) => id === name);
        if (!part) continue;
        const raw = (rest - part.offset) / part.scale;
        const written = part.type === 'float32' || part.type === 'float64' ? raw : Math.floor(raw + 1e-9);
        this.#codes.set(name, written);
        rest -= written * part.scale + part.offset;
      }
    }
  }

  #drawAuxiliary(auxiliary: ModbusAuxiliary): void {
    if (auxiliary.type === 'text') writeText(this.file, auxiliary, 'SIM1');
    else if (auxiliary.type.startsWith('time-')) {
      const isUtc = auxiliary.type === 'time-unix';
      writeTime(this.file, auxiliary, new Date(this.#picture.wallTime + (isUtc ? 0 : beijing)));
    } else writeNumber(this.file, auxiliary, this.#code(auxiliary.id));
  }

  #drawPoint(point: ModbusPoint): void {
    const shown = this.#picture.shown(point);
    if (shown === 'none') {
      this.#drawNone(point);
      return;
    }
    const raw = rawOf(point, point.factor, shown, this.#named, this.#code);
    const written = writeNumber(this.file, point, raw);
    if (Math.abs(written - raw) > Math.max(0.5 + 1e-6, Math.abs(raw) * 1e-6)) {
      throw new RangeError(
        `${this.#profile.profile}: ${point.id} cannot show ${shown}: ${raw} does not fit ${point.type}`,
      );
    }
  }

  #drawNone(point: ModbusPoint): void {
    const [sentinel] = point.sentinels ?? [];
    const isFloat = point.type === 'float32' || point.type === 'float64';
    const none = sentinel ?? (isFloat ? Number.NaN : this.#profile.allZero?.includes(point.id) ? 0 : undefined);
    if (none !== undefined) writeNumber(this.file, point, none);
    else if (this.#picture.state === 'N') {
      throw new RangeError(`${this.#profile.profile}: ${point.id} knows no way to show that it has no value`);
    } else writeNumber(this.file, point, 0);
  }

  /** True where a fitted point stands in the same registers. */
  #isTaken({ functionCode, register }: ModbusPoint): boolean {
    return this.#profile.points.some(
      (other) =>
        other.functionCode === functionCode && other.register === register && this.#picture.fitted.has(other.id),
    );
  }

  /** The list of what the instrument measures, in the order of its meanings. */
  #drawSlots(slots: ModbusProfile['slots'][number]): void {
    const listed = slots.meanings.filter(({ id }) => this.#picture.fitted.has(id)).slice(0, slots.count);
    for (let index = 0; index < slots.count; index += 1) {
      const meaning = listed[index];
      const at = <Column extends { register: number; stride: number }>(column: Column) => ({
        ...column,
        bit: undefined,
        register: column.register + index * column.stride,
      });
      writeNumber(this.file, at(slots.code), meaning?.code ?? slots.code.end ?? 0);
      if (slots.status) {
        const code = stateCode(slots.status, meaning ? this.#picture.state : 'N', this.#profile.profile);
        writeNumber(this.file, at(slots.status), code);
      }
      const unit = slots.unit && meaning && unitCode(slots.unit.codes, meaning);
      if (slots.unit) writeNumber(this.file, at(slots.unit), unit?.code ?? 0);
      const shown = meaning ? this.#picture.shown(meaning) : 0;
      if (typeof shown !== 'number') throw new RangeError(`${meaning?.id}: a listed value is always there`);
      const point = meaning && { ...meaning, ...(unit && { unit: unit.name }) };
      const raw = point ? rawOf(point, point.factor, shown, this.#named, this.#code) : 0;
      writeNumber(this.file, at(slots.value), raw);
    }
  }

  #drawProbe(probe: Probe | undefined): void {
    const { functionCode, register, type, range, order = 'ABCD' } = probe ?? {};
    if (functionCode === undefined || register === undefined || type === undefined || range === undefined) return;
    if (this.file.get(functionCode, register) !== undefined) return;
    writeNumber(this.file, { functionCode, register, type, order }, (range[0] + range[1]) / 2);
  }
}

type Meaning = Pick<SlotPoint, 'factor' | 'reference'>;

function unitCode(codes: Readonly<Record<string, string>>, { factor, reference }: Meaning) {
  for (const [code, name] of Object.entries(codes)) {
    try {
      inOwnUnit(factor, 1, name, reference);
      return { code: Number(code), name: name as never };
    } catch {
      // A unit of something else.
    }
  }
  throw new RangeError(`${factor}: none of the units that the instrument can send is one of it`);
}

type Status = Partial<Pick<ModbusProfile['status'][number], 'values' | 'bits' | 'activeLow'>>;

/** The number by which the instrument says that it is in this state. */
function stateCode({ values, bits, activeLow }: Status, flag: StateFlag, profile: string): number {
  const find = (states: NonNullable<Status['values']>): number | undefined => {
    const code = Object.entries(states).find(([, state]) => state.flag === flag)?.[0];
    return code === undefined ? undefined : Number(code);
  };
  const code = values && find(values);
  if (code !== undefined) return code;
  const quiet = activeLow ? Object.keys(bits ?? {}).reduce((word, bit) => word + 2 ** Number(bit), 0) : 0;
  if (flag === 'N') return bits ? quiet : 0;
  const bit = bits && find(bits);
  if (bit === undefined) throw new RangeError(`${profile}: the instrument cannot say that it is in state ${flag}`);
  return activeLow ? quiet - 2 ** bit : 2 ** bit;
}
