import type { Clock } from '../clock.ts';
import type { InstrumentCondition, Outcome } from './events.ts';

/** Whether an instrument answers; tells when that changes, and the first time it is known. */
export class Condition {
  readonly #instrument: string;
  readonly #clock: Clock;
  readonly #observe: (event: InstrumentCondition) => void;
  #answering: boolean | undefined;

  constructor(instrument: string, clock: Clock, observe: (event: InstrumentCondition) => void) {
    this.#instrument = instrument;
    this.#clock = clock;
    this.#observe = observe;
  }

  get isNotAnswering(): boolean {
    return this.#answering === false;
  }

  /** A poll ended so; `answering` if anything in it was a true answer, a refusal included. */
  note(answering: boolean, outcome: Outcome): void {
    if (this.#answering === answering) return;
    this.#answering = answering;
    this.#observe({
      kind: 'instrument-condition',
      instrument: this.#instrument,
      condition: answering ? 'answering' : 'not-answering',
      outcome,
      at: this.#clock.wall(),
    });
  }
}
