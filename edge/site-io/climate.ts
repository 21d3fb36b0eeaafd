import type { Clock } from '../../gateway/clock.ts';
import type { Board, BoardFault } from './board.ts';
export interface ClimateValues {
  readonly temperature: number;
  readonly humidity: number;
  readonly pressure: number;
}
export class Climate {
  readonly #board: Board;
  readonly #address: number;
  constructor(board: Board, address: number, _clock: Clock) {
    this.#board = board;
    this.#address = address;
  }
  async read(): Promise<ClimateValues | 'no-answer' | BoardFault> {
    const r = await this.#board.readRegisters(this.#address, 0xd0, 1);
    return r instanceof Uint8Array ? 'no-answer' : r;
  }
}
