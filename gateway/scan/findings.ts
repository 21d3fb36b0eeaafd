import type { Span } from '../../device-profiles/plan/span.ts';
import type { Clock } from '../clock.ts';
import type { Candidate } from './candidates.ts';
import { identify } from './fingerprint/identify.ts';
import { type Ask, isRefusal, type ScanAnswer } from './question.ts';
import { Reader } from './reader.ts';
import type { FoundInstrument, ScanEvent } from './report.ts';
import type { Pace } from './walk/pace.ts';

interface FindingsOptions {
  readonly ask: Ask;
  readonly clock: Clock;
  readonly candidates: readonly Candidate[];
  readonly pace: Pace;
  readonly observe: (event: ScanEvent) => void;
  readonly signal: AbortSignal;
}

/** The first answer of an instrument, and what it was an answer to. */
interface FirstAnswer {
  readonly address: number;
  readonly span: Span;
  readonly answer: ScanAnswer;
  /** True where its check sum came high byte first. */
  readonly crcSwapped: boolean;
  /** Damaged answers that came before it. */
  readonly damaged: number;
}

/** What answered so far; each instrument is compared with the profiles as soon as it is found. */
export class Findings {
  readonly #options: FindingsOptions;
  readonly #present = new Set<number>();
  readonly #garbled = new Set<number>();
  readonly #instruments: FoundInstrument[] = [];
  /** Instruments that are being compared. */
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: FindingsOptions) {
    this.#options = options;
  }

  get instruments(): FoundInstrument[] {
    return [...this.#instruments].sort((a, b) => a.address - b.address);
  }

  get garbled(): number[] {
    return [...this.#garbled].sort((a, b) => a - b);
  }

  get count(): number {
    return this.#present.size;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /** Resolves when nobody is being compared. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  /** True for an address of which there is nothing more to be found out. */
  isKnown(address: number): boolean {
    return this.#present.has(address) || this.#garbled.has(address);
  }

  /** Something answers there that is never understood. */
  noteGarbled(address: number): void {
    this.#garbled.add(address);
    this.#options.observe({ kind: 'garbled', address });
  }

  /** Compares who answered with every profile. Rejects where the line can be asked no more; what is known is kept. */
  async found(first: FirstAnswer): Promise<void> {
    if (this.#present.has(first.address)) return;
    this.#present.add(first.address);
    this.#options.observe({ kind: 'answered', address: first.address });
    const compared = this.#compare(first);
    this.#underWay.add(compared);
    await compared.finally(() => this.#underWay.delete(compared));
  }

  async #compare(first: FirstAnswer): Promise<void> {
    const { address, crcSwapped } = first;
    const { ask, clock, candidates, pace, observe, signal } = this.#options;
    const began = clock.monotonic();
    const reader = new Reader({ ask, address, crcSwapped, signal, before: first });
    let tried = 0;
    const onTry = (now: number): void => {
      tried = now;
      observe({ kind: 'comparing', address, tried, of: candidates.length, left: pace.left(0, this.underWay) });
    };
    try {
      const identity = await identify({ reader, candidates, onTry, signal });
      const { asked, damaged } = reader.counts;
      const counts = { asked: asked + first.damaged + 1, damaged: damaged + first.damaged };
      this.#tell({ address, crcSwapped, ...identity, ...counts });
      pace.identified(clock.monotonic() - began);
    } catch (error) {
      if (isRefusal(error)) this.#tell(unidentified(first, candidates.length - tried));
      throw error;
    }
  }

  #tell(instrument: FoundInstrument): void {
    this.#instruments.push(instrument);
    this.#options.observe({ kind: 'identified', instrument });
  }
}

/** Somebody answers there, and more could not be asked. */
function unidentified({ address, crcSwapped, damaged }: FirstAnswer, notTried: number): FoundInstrument {
  const nothing = { best: [], others: [], contradicted: [], orders: [], ruledOut: 0 };
  return { address, crcSwapped, asked: damaged + 1, damaged, notTried, ...nothing };
}
