/** Blocks in flash, of 72 rows: 4,608 rows, 3 days and 4 hours of a row a minute. */
export const BLOCKS = 64;

/** Rows in a message. */
export const MOST_ROWS = 12;
