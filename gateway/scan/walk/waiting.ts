/** Milliseconds that nobody's answer is given up before, and at most. Field instruments take 20 to 150, some far more. */
const shortest = { 'modbus-rtu': 250, 'modbus-tcp': 1000 } as const;
const first = { 'modbus-rtu': 500, 'modbus-tcp': 1000 } as const;
const longest = 1000;
/** How much longer than the slowest instrument so far an unknown one is given. */
const leeway = 4;
const more = 100;

/** How long an unknown instrument is waited for: generously at first, then by what the instruments of the line take. */
export class Waiting {
  readonly #framing: keyof typeof shortest;
  #slowest = 0;

  constructor(framing: keyof typeof shortest) {
    this.#framing = framing;
  }

  /** An instrument took so many milliseconds from the end of the request to the end of its answer. */
  answered(milliseconds: number): void {
    this.#slowest = Math.max(this.#slowest, milliseconds);
  }

  /** Longest wait for the next answer to begin, milliseconds. */
  get next(): number {
    if (this.#slowest === 0) return first[this.#framing];
    return Math.min(longest, Math.max(shortest[this.#framing], leeway * this.#slowest + more));
  }

  /** For an address that somebody was heard at. */
  get longest(): number {
    return longest;
  }
}
