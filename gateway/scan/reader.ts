import { type ModbusBlock, unpackModbusData } from '../../device-profiles/decode.ts';
import { contains, type Span } from '../../device-profiles/plan/span.ts';
import type { ModbusProfile } from '../../device-profiles/profile.ts';
import type { Ask, ScanAnswer } from './question.ts';

/** What an instrument says to a read request. */
export type Said =
  | { readonly kind: 'block'; readonly block: ModbusBlock }
  | { readonly kind: 'refused'; readonly exception: number }
  | { readonly kind: 'silent' }
  | { readonly kind: 'damaged' }
  /** So much was asked already that nothing more is. */
  | { readonly kind: 'not-asked' };

/** How a profile wants its instrument to be asked. */
type Manners = Pick<ModbusProfile['limits'], 'gapMs' | 'turnAroundMs' | 'timeoutMs'>;

interface ReaderOptions {
  readonly ask: Ask;
  readonly address: number;
  /** True where its check sums come high byte first. */
  readonly crcSwapped: boolean;
  readonly signal: AbortSignal;
  /** What it was asked already, and said. */
  readonly before?: { readonly span: Span; readonly answer: ScanAnswer } | undefined;
}

/** Questions to one instrument, and of them those that it did not answer: each of these holds it up for seconds. */
const mostAsked = 250;
const mostSilent = 16;
/** Places at which it kept silent to one function code, and never answered: it does not know that code. */
const ignoredAfter = 3;
/** Longest wait for an answer, milliseconds, whatever a profile allows. */
const longestWait = 1000;
/** A stranger is left alone so long after each answer, milliseconds: some stop answering when they are asked too fast. */
const gap = 50;

const illegalFunction = 1;
const illegalAddress = 2;

/**
 * Reads one instrument that is not known yet. Nothing is asked twice: what an answer held serves every profile, and what
 * was refused is refused to all.
 */
export class Reader {
  readonly address: number;
  readonly #options: ReaderOptions;
  readonly #blocks: { readonly span: Span; readonly block: ModbusBlock }[] = [];
  readonly #refused: { readonly span: Span; readonly exception: number }[] = [];
  readonly #silentAt: Span[] = [];
  #asked = 0;
  #damaged = 0;
  #silent = 0;

  constructor(options: ReaderOptions) {
    this.address = options.address;
    this.#options = options;
    const { before } = options;
    if (before) this.#remember(before.span, saidBy(before.answer, before.span), false);
  }

  /** Answers that came, and of them those that were damaged. */
  get counts(): { readonly asked: number; readonly damaged: number } {
    return { asked: this.#asked, damaged: this.#damaged };
  }

  /** Everything that was read. */
  get blocks(): readonly { readonly span: Span; readonly block: ModbusBlock }[] {
    return this.#blocks;
  }

  /** True for one that refuses what it does not have, so that an answer says something. */
  get isSelective(): boolean {
    return this.#refused.length > 0 || this.#silentAt.length > 0;
  }

  /** Asks for the span, unless it is known what comes of it. Rejects where the line can be asked no more. */
  async read({ functionCode, start, count }: Span, manners?: Manners): Promise<Said> {
    const span = { functionCode, start, count };
    const known = this.#known(span);
    if (known) return known;
    const said = await this.#ask(span, manners);
    // Once is no proof: a byte may have been lost, or it was asked too soon after the last answer.
    const isDoubtful = said.kind === 'silent' || said.kind === 'damaged';
    return isDoubtful ? this.#ask(span, manners, said) : said;
  }

  #known(span: Span): Said | undefined {
    const held = this.#blocks.find((one) => contains(one.span, span));
    if (held) {
      const from = span.start - held.span.start;
      return { kind: 'block', block: held.block.subarray(from, from + span.count) };
    }
    const refused = this.#refused.find((one) =>
      one.exception === illegalFunction
        ? one.span.functionCode === span.functionCode
        : contains(span, one.span) && (one.exception === illegalAddress || contains(one.span, span)),
    );
    if (refused) return { kind: 'refused', exception: refused.exception };
    const isSilent = this.#silentAt.some((one) => contains(span, one)) || this.#ignores(span.functionCode);
    return isSilent ? { kind: 'silent' } : undefined;
  }

  /** True for a function code at which it has kept silent so far, wherever it was asked. */
  #ignores(functionCode: Span['functionCode']): boolean {
    const isSame = ({ span }: { readonly span: Span }): boolean => span.functionCode === functionCode;
    if (this.#blocks.some(isSame) || this.#refused.some(isSame)) return false;
    return this.#silentAt.filter((one) => one.functionCode === functionCode).length >= ignoredAfter;
  }

  async #ask(span: Span, manners: Manners | undefined, before?: Said): Promise<Said> {
    const { ask, address, crcSwapped, signal } = this.#options;
    if (signal.aborted || this.#asked >= mostAsked || this.#silent >= mostSilent)
      return before ?? { kind: 'not-asked' };
    this.#asked += 1;
    const answer = await ask({
      address,
      ...span,
      crcSwapped,
      timeout: Math.min(manners?.timeoutMs ?? longestWait, longestWait),
      gap: Math.max(gap, manners?.gapMs ?? 0),
      turnAround: manners?.turnAroundMs ?? 0,
    });
    const said = saidBy(answer, span);
    if (said.kind === 'damaged') this.#damaged += 1;
    if (said.kind === 'silent') this.#silent += 1;
    this.#remember(span, said, before !== undefined);
    return said;
  }

  #remember(span: Span, said: Said, isSecond: boolean): void {
    if (said.kind === 'block') this.#blocks.push({ span, block: said.block });
    if (said.kind === 'refused') this.#refused.push({ span, exception: said.exception });
    if (said.kind === 'silent' && isSecond) this.#silentAt.push(span);
  }
}

function saidBy({ outcome, data, exception }: ScanAnswer, span: Span): Said {
  if (outcome === 'exception') return { kind: 'refused', exception: exception ?? 0 };
  const block = outcome === 'ok' && data ? unpackModbusData(span.functionCode, data, span.count) : undefined;
  if (block) return { kind: 'block', block };
  return outcome === 'no-bytes' || outcome === 'echo' || outcome === 'line-lost'
    ? { kind: 'silent' }
    : { kind: 'damaged' };
}
