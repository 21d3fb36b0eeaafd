/*
 * Means of whole numbers in four columns, exact on every Lua: kept as mean and rest (sum = mean × count + rest), because a
 * sum would leave the whole numbers of a 32-bit float. Good for values up to 2^22 and as many of them.
 */

const floor = math.floor;
/** How many values each column has. */
const counts = [0, 0, 0, 0];
const means = [0, 0, 0, 0];
const rests = [0, 0, 0, 0];

/** Adds a value to a column, 0 to 3. */
function add(column: number, value: number): void {
  const count = (counts[column] as number) + 1;
  const mean = means[column] as number;
  const above = (rests[column] as number) + value - mean;
  const whole = floor(above / count);
  counts[column] = count;
  means[column] = mean + whole;
  rests[column] = above - whole * count;
}

/**
 * Empties a column and gives its mean, times `multiply` / `divide`, as a JSON number: values are taken for tenths, and
 * rounded to such, halves up. `null` if it had none.
 */
function take(column: number, multiply: number, divide: number): string {
  const count = counts[column] as number;
  if (count === 0) return 'null';
  const mean = (means[column] as number) + floor(((rests[column] as number) * 2 + count) / (count * 2));
  counts[column] = 0;
  means[column] = 0;
  rests[column] = 0;
  const tenths = floor((mean * multiply + floor(divide / 2)) / divide);
  const whole = floor(tenths / 10);
  return tenths === whole * 10 ? string.format('%d', whole) : string.format('%d.%d', whole, tenths - whole * 10);
}

export { add, counts, take };
