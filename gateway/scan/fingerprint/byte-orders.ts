import type { ModbusBlock } from '../../../device-profiles/decode.ts';
import { readModbus } from '../../../device-profiles/decode.ts';
import type { Span } from '../../../device-profiles/plan/span.ts';
import type { WordOrder } from '../../../device-profiles/profile.ts';

/** A way to read registers that no profile explains. */
export interface OrderSuggestion {
  readonly functionCode: Span['functionCode'];
  readonly type: 'float32' | 'u32';
  readonly order: WordOrder;
  /** Pairs of registers that look like a measurement this way, by the first register, and what they say. */
  readonly values: readonly { readonly register: number; readonly value: number }[];
  /** Pairs that were looked at, those of two zeros left out. */
  readonly of: number;
}

const orders: readonly WordOrder[] = ['ABCD', 'CDAB', 'BADC', 'DCBA'];
/** Pairs that must make sense before an order is suggested. */
const fewest = { float32: 1, u32: 2 } as const;
/** Values that are shown of one suggestion. */
const mostShown = 8;

interface Pair {
  readonly functionCode: Span['functionCode'];
  readonly register: number;
  readonly words: ModbusBlock;
}

/** What was read of an instrument. */
type Blocks = readonly { readonly span: Span; readonly block: ModbusBlock }[];

/**
 * Which order of the bytes makes sense of registers that no profile explains. An order is suggested where most pairs are
 * numbers of a size that is measured, and no other order says as much.
 */
export function suggestOrders(blocks: Blocks): OrderSuggestion[] {
  const codes = new Set(blocks.map(({ span }) => span.functionCode).filter((code) => code >= 3));
  return [...codes].flatMap((functionCode) => {
    const mine = blocks.filter(({ span }) => span.functionCode === functionCode);
    const floats = best(mine, 'float32');
    const found = floats.length > 0 ? floats : best(mine, 'u32');
    return found;
  });
}

function best(blocks: Blocks, type: 'float32' | 'u32'): OrderSuggestion[] {
  // A value may begin at an odd register as well as at an even one.
  const all = [0, 1].flatMap((offset) => {
    const pairs = pairsOf(blocks, offset);
    return orders.map((order) => suggestion(pairs, type, order));
  });
  const convincing = all
    .filter(({ values, of }) => values.length >= fewest[type] && values.length >= of * 0.6)
    .sort((a, b) => b.values.length - a.values.length);
  const [first, second] = convincing;
  if (first === undefined) return [];
  // Where two ways explain as much, both are shown: somebody who sees the display can tell.
  const alike = convincing.filter(({ values }) => values.length === first.values.length);
  if (type === 'u32' && second !== undefined && alike.length > 1) return [];
  return alike.slice(0, 2).map((one) => ({ ...one, values: one.values.slice(0, mostShown) }));
}

/** Pairs that begin at registers of one parity, each once, two zeros left out. */
function pairsOf(blocks: Blocks, offset: number): Pair[] {
  const pairs = new Map<number, Pair>();
  for (const { span, block } of blocks) {
    for (let place = (span.start + offset) % 2; place + 1 < block.length; place += 2) {
      const words = block.subarray(place, place + 2);
      if (words[0] === 0 && words[1] === 0) continue;
      const register = span.start + place;
      pairs.set(register, { functionCode: span.functionCode, register, words });
    }
  }
  return [...pairs.values()].sort((a, b) => a.register - b.register);
}

function suggestion(pairs: readonly Pair[], type: 'float32' | 'u32', order: WordOrder): OrderSuggestion {
  const functionCode = pairs[0]?.functionCode ?? 3;
  const counted = type === 'float32' ? pairs : pairs.filter(({ words }) => words.every((word) => word !== 0));
  const values = counted.flatMap((pair) => {
    const value = numberIn(pair, type, order);
    return isMeasured(value, type) ? [{ register: pair.register, value }] : [];
  });
  return { functionCode, type, order, values, of: counted.length };
}

function numberIn({ functionCode, register, words }: Pair, type: 'float32' | 'u32', order: WordOrder): number {
  return Number(readModbus({ id: 'pair', functionCode, register, type, order, cadence: 'once' }, words, register));
}

/**
 * Of a float hardly one in six is of this size by chance; of a whole number, one in a thousand is as small. A whole number
 * that fits in one register says nothing of the order: two registers of which one is 0 may be two numbers.
 */
function isMeasured(value: number, type: 'float32' | 'u32'): boolean {
  if (type === 'u32') return value > 0xffff && value < 4_000_000;
  const size = Math.abs(value);
  return size >= 1e-3 && size <= 1e7;
}
