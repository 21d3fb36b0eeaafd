/**
 * Means of whole numbers, exact on every Lua: kept as mean and rest (`sum = mean × count + rest`), because a sum would
 * leave the whole numbers of a 32-bit float. Good for values up to 2^22 and as many of them.
 */

/** @noSelf */
export interface Averaging {
  add(column: number, value: number): void;
  count(column: number): number;
  /** The mean rounded to a whole number, halves up; undefined if nothing was added. Empties the column. */
  take(column: number): number | undefined;
}

/** Means of so many columns, numbered from 0. */
export function averaging(columns: number): Averaging {
  const counts: number[] = [];
  const means: number[] = [];
  const rests: number[] = [];
  const empty = (column: number): void => {
    counts[column] = 0;
    means[column] = 0;
    rests[column] = 0;
  };
  for (let column = 0; column < columns; column++) empty(column);
  return {
    add: (column, value) => {
      const count = (counts[column] as number) + 1;
      const mean = means[column] as number;
      const above = (rests[column] as number) + value - mean;
      const whole = math.floor(above / count);
      counts[column] = count;
      means[column] = mean + whole;
      rests[column] = above - whole * count;
    },
    count: (column) => counts[column] as number,
    take: (column) => {
      const count = counts[column] as number;
      const mean = means[column] as number;
      const rest = rests[column] as number;
      empty(column);
      return count === 0 ? undefined : mean + math.floor((rest * 2 + count) / (count * 2));
    },
  };
}

/** Tenths as a JSON number, `null` if there are none: 123 is `12.3`, 120 is `12`. */
export function decimal(tenths: number | undefined): string {
  if (tenths === undefined) return 'null';
  const whole = math.floor(tenths / 10);
  const rest = tenths - whole * 10;
  return rest === 0 ? string.format('%d', whole) : string.format('%d.%d', whole, rest);
}
