/** Questions whose cost is remembered. */
const remembered = 20;

/** What questions really cost, and so how long the rest will take. */
export class Pace {
  readonly #silent: number[] = [];
  readonly #instruments: number[] = [];
  readonly #expected: number;

  /** `expected`: milliseconds that a question without an answer should cost, until the first one did. */
  constructor(expected: number) {
    this.#expected = expected;
  }

  /** A question was not answered; it cost so many milliseconds of the line and of waiting for it. */
  silent(milliseconds: number): void {
    this.#silent.push(milliseconds);
    if (this.#silent.length > remembered) this.#silent.shift();
  }

  /** An instrument was compared with the profiles, which took so many milliseconds. */
  identified(milliseconds: number): void {
    this.#instruments.push(milliseconds);
  }

  /** Milliseconds until so many more questions, none of which is answered, and so many instruments are done. */
  left(questions: number, instruments: number): number {
    const each = this.#instruments.length === 0 ? 0 : mean(this.#instruments);
    const question = this.#silent.length === 0 ? this.#expected : mean(this.#silent);
    return questions * question + instruments * each;
  }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}
