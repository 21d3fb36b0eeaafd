import type { Span } from '../../../device-profiles/plan/span.ts';

/**
 * Whether an instrument is known to answer, and to which request. Silence at a request means that this one is refused
 * only if another was answered right before it and right after it: a dead instrument is silent as well.
 */
export class Witness {
  #span: Span | undefined;
  #isAlive = false;

  /** True if the last thing known of the instrument is an answer. */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** A request that was answered: asked again, it tells whether the instrument still is there. */
  get span(): Span | undefined {
    return this.#span;
  }

  /** The request was answered with values. */
  answered({ functionCode, start, count }: Span): void {
    this.#span = { functionCode, start, count };
    this.#isAlive = true;
  }

  /** The instrument said something. */
  heard(): void {
    this.#isAlive = true;
  }

  /** It kept silent, and nobody knows why. */
  lost(): void {
    this.#isAlive = false;
  }

  /** The link was opened anew: what answered before may be another instrument. */
  reset(): void {
    this.#span = undefined;
    this.#isAlive = false;
  }
}
