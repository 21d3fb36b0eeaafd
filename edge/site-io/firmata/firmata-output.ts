import type { BoardFault, Output } from '../board.ts';
import type { FirmataBoard } from './firmata-board.ts';

/** A pin that a {@link FirmataBoard} drives; what is asked of it waits for its turn there. */
export class FirmataOutput implements Output {
  readonly pin: number;
  readonly #board: FirmataBoard;
  #high: boolean | null = null;
  #latest = 0;

  constructor(pin: number, board: FirmataBoard) {
    this.pin = pin;
    this.#board = board;
  }

  get high(): boolean | null {
    return this.#board.over ? null : this.#high;
  }

  async set(high: boolean): Promise<BoardFault | null> {
    this.#high = null;
    this.#latest += 1;
    const mine = this.#latest;
    const fault = await this.#board.confirm(this.pin, () => this.#board.write(this.pin, high));
    if (fault === null && mine === this.#latest) this.#high = high;
    return fault;
  }
}
