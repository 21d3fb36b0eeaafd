/** What a cell can hold. null is nothing: an empty cell, never 0. */
export type Cell = string | number | null;

/** UTF-8 byte order mark: without it a Chinese Excel takes the file for GBK. */
export const byteOrderMark = '\ufeff';

/** One row after RFC 4180, with its line end. */
export function csvRow(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = tame(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, CSV injection): what an
 * instrument or a person wrote must not act on whoever opens the file.
 */
function tame(text: string): string {
  return /^[\s\0]*[=+\-@＝＋－＠]|^[\t\r\n]/.test(text) ? `'${text}` : text;
}

/** `2026-11-24T11:45:00.000+08:00` as local time that a spreadsheet reads, and its offset. */
export function timeCells(stamp: string): [string, string] {
  const time = `${stamp.slice(0, 10)} ${stamp.slice(11, 23)}`;
  // As a text the offset would be taken for a formula or a number.
  return [time.endsWith('.000') ? time.slice(0, -4) : time, `UTC${stamp.slice(23)}`];
}
