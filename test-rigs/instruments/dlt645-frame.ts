/*
 * DL/T 645 frames written as text, two digits a byte, and shared with nobody: an error in the gateway's own codec is not
 * hidden by the same error here.
 */

/** `230.3` and `XXX.X` become `0323`: the digits of a value in the order of the wire. `absent` is FF in every byte. */
export function dlt645Digits(value: string, bytes: number): string {
  if (value === 'absent') return 'FF'.repeat(bytes);
  const digits = value.replace(/[-.]/g, '').padStart(bytes * 2, '0');
  const pairs = digits.match(/../g) ?? [];
  if (value.startsWith('-')) pairs[0] = (Number.parseInt(pairs[0] ?? '0', 16) + 0x80).toString(16);
  return pairs.reverse().join('');
}

interface Dlt645FrameText {
  /** Twelve digits as they stand on the meter. */
  readonly address: string;
  /** Control code, two digits. */
  readonly control: string;
  /** Data before 33H is added, in the order of the wire. */
  readonly data?: string;
  readonly wakeBytes?: number;
  /** Added to the true check sum. */
  readonly wrongBy?: number;
}

/** A whole frame. */
export function dlt645Frame({ address, control, data = '', wakeBytes = 0, wrongBy = 0 }: Dlt645FrameText): Uint8Array {
  const turned = reversed(address);
  const shifted = pairsOf(data).map((pair) => hex((Number.parseInt(pair, 16) + 0x33) % 256));
  const body = `68${turned}68${control}${hex(shifted.length)}${shifted.join('')}`;
  const sum = pairsOf(body).reduce((total, pair) => total + Number.parseInt(pair, 16), wrongBy) % 256;
  return Uint8Array.from(Buffer.from(`${'FE'.repeat(wakeBytes)}${body}${hex(sum)}16`, 'hex'));
}

/** The pairs of digits in the opposite order. */
export function reversed(digits: string): string {
  return pairsOf(digits).reverse().join('');
}

function pairsOf(text: string): string[] {
  return text.match(/../g) ?? [];
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}
