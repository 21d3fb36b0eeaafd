import type { ModbusProfile, ModbusRead, Profile, SlotPoint } from '../profile.ts';
import type { Slots } from '../shape/slots.ts';
import { meaningOf } from '../shape/words.ts';
import { decodeRaw } from './decode-raw.ts';
import type { Decoded, LookUp, Raw } from './decoded.ts';
import { inState, stateNotRead, stateOf } from './state.ts';
import type { UnitName } from './units.ts';

/** Points that the instrument lists itself: which slot holds which is read with every reading, never assumed. */

type Column = 'code' | 'value' | 'unit' | 'status';
const columns: readonly Column[] = ['code', 'value', 'unit', 'status'];

/** The name under which one cell of a list of slots is read. */
const cell = (slots: string, column: Column, index: number): string => `${slots}.${column}.${index}`;

/** Everything that must be read of a list of slots. */
export function slotReads(slots: Slots): ModbusRead[] {
  return columns.flatMap((column) => {
    const place = slots[column];
    if (place === undefined) return [];
    const { functionCode, register, stride, type, order } = place;
    return Array.from({ length: slots.count }, (_, index) => ({
      ...{ id: cell(slots.id, column, index), functionCode, type, order, cadence: slots.cadence },
      register: register + index * stride,
    }));
  });
}

/** Codes in the order of the slots, up to the end of the list; `undefined` when they were not all read. */
function codesOf(slots: Slots, raws: ReadonlyMap<string, Raw>): number[] | undefined {
  const codes: number[] = [];
  for (let index = 0; index < slots.count; index += 1) {
    const raw = raws.get(cell(slots.id, 'code', index));
    if (raw === undefined) return undefined;
    if (Number(raw) === slots.code.end) break;
    codes.push(Number(raw));
  }
  return codes;
}

/** A code that the instrument lists and the profile does not know: to be told, never guessed. */
export interface UnknownCode {
  readonly slots: string;
  readonly slot: number;
  readonly code: number;
}

export function unknownCodes(profile: ModbusProfile, raws: ReadonlyMap<string, Raw>): UnknownCode[] {
  return profile.slots.flatMap((slots) =>
    (codesOf(slots, raws) ?? []).flatMap((code, slot) =>
      slots.meanings.some((meaning) => meaning.code === code) ? [] : [{ slots: slots.id, slot, code }],
    ),
  );
}

/** What a slot point means; `undefined` when the list was not read whole. */
export function decodeSlot(
  profile: Profile,
  point: SlotPoint,
  raws: ReadonlyMap<string, Raw>,
  lookUp: LookUp,
): Decoded | undefined {
  const slots = profile.protocol === 'modbus' ? profile.slots.find(({ id }) => id === point.slots) : undefined;
  const codes = slots && codesOf(slots, raws);
  if (slots === undefined || codes === undefined) return undefined;
  const index = codes.indexOf(point.code);
  if (index < 0 || codes.indexOf(point.code, index + 1) >= 0) return { raw: null, value: null, reason: 'not-listed' };
  const raw = raws.get(cell(slots.id, 'value', index));
  if (raw === undefined) return undefined;
  const decoded = decodeInUnit(slots, point, raw, raws.get(cell(slots.id, 'unit', index)), lookUp);
  const status = slots.status && raws.get(cell(slots.id, 'status', index));
  if (slots.status === undefined) return decoded;
  const state = status === undefined ? stateNotRead : stateOf(slots.status, Number(status));
  return state === undefined ? decoded : inState(decoded, state);
}

function decodeInUnit(slots: Slots, point: SlotPoint, raw: Raw, unitCode: Raw | undefined, lookUp: LookUp): Decoded {
  const decodable = { ...point, type: slots.value.type };
  if (slots.unit === undefined) return decodeRaw(decodable, raw, lookUp);
  const unit: UnitName | undefined = unitCode === undefined ? undefined : meaningOf(slots.unit.codes, Number(unitCode));
  if (unit === undefined) return { raw: Number(raw), value: null, reason: 'scale-unknown' };
  return decodeRaw({ ...decodable, unit }, raw, lookUp);
}
