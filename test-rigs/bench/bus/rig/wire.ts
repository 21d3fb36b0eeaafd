import { percentile } from '../../measure/statistics.ts';

/** Bytes of a read request, function codes 1 to 4 (Modbus Application Protocol V1.1b3, 6.1 to 6.4; RTU envelope). */
export const requestLength = 8;
/** Characters of silence between two frames, and the longest within one (Modbus over Serial Line V1.02, 2.5.1.1). */
export const betweenFrames = 3.5;
const withinFrame = 1.5;
/** A gap is too short if it is shorter by more than this, milliseconds: what the arithmetic of moments may lose. */
const hair = 1e-6;
/**
 * Behind an answer whose last character was handed over later than this, milliseconds, a gap that is too short is
 * doubtful: the master may have given the answer up for want of it.
 */
const tolerableLateness = 1;

/** What a slave answers, and how many registers are in it. */
export interface Answer {
  readonly frame: Uint8Array;
  readonly registers: number;
}

export interface WireOptions {
  /** Milliseconds that one character takes; 0: everything is there at once. */
  readonly characterTime: number;
  /** Milliseconds from a request's end to its answer's first character; never less than 3.5 characters. */
  readonly turnAround: number;
  /** Characters that are handed to the master in one piece, as adapters do; 1 without it. */
  readonly piece?: number;
  /** Null where no slave answers. */
  readonly answer: (request: Uint8Array) => Answer | null;
}

/** What is handed to the master at once. */
interface Piece {
  readonly bytes: Uint8Array;
  /** When its first character had been on the wire whole. */
  readonly firstDue: number;
}

/** Seen on the wire between the end of the first transaction after `begin` and the end of the last one. Milliseconds. */
export interface WireFigures {
  readonly transactions: number;
  /** Registers in their answers. */
  readonly registers: number;
  readonly span: number;
  /** Time in which a character was on the wire. */
  readonly busy: number;
  /** Requests that began, answered or not. */
  readonly requests: number;
  /** Whole requests that nobody answered. */
  readonly unanswered: number;
  /** Silence between the end of a frame and the beginning of the next request. */
  readonly gaps: {
    readonly count: number;
    readonly tooShort: number;
    /** Too short, but behind an answer that came late through the rig's own fault. */
    readonly doubtful: number;
    readonly shortest: number | null;
    readonly p50: number | null;
    readonly p99: number | null;
  };
  /** Requests that began while an answer was due or under way: both are spoilt. */
  readonly whileBusy: number;
  /** Requests that were not whole. */
  readonly broken: number;
}

interface Underway extends Answer {
  readonly begins: number;
  given: number;
  isSpoilt: boolean;
}

const noCounts = () => ({
  ...{ transactions: 0, registers: 0, busy: 0, requests: 0, unanswered: 0 },
  ...{ tooShort: 0, doubtful: 0, whileBusy: 0, broken: 0 },
});

/**
 * A pair of wires with one master and the slaves on it, as arithmetic: what the master sends takes the wire from the
 * moment it is heard, eight characters long; a slave answers its turn-around after that; each character of the answer
 * is handed to the master at the end of its time. Moments are milliseconds of any one scale and never run backwards.
 */
export class Wire {
  readonly #options: WireOptions;
  readonly #characterTime: number;
  readonly #silence: number;
  readonly #piece: number;
  #request: number[] = [];
  #collided = false;
  /** When the last character that the master has sent so far leaves the wire. */
  #sentUntil = Number.NEGATIVE_INFINITY;
  /** When the last character of anybody leaves the wire. */
  #freeAt = Number.NEGATIVE_INFINITY;
  #answer: Underway | null = null;
  /** The latest frame was an answer whose end was handed over late. */
  #wasLate = false;
  #busyUncounted = 0;
  #firstEnd = Number.NaN;
  #lastEnd = Number.NaN;
  #gaps: number[] = [];
  #counts = noCounts();

  constructor(options: WireOptions) {
    this.#options = options;
    this.#characterTime = options.characterTime;
    this.#silence = betweenFrames * options.characterTime;
    this.#piece = options.piece ?? 1;
  }

  /** Counts from here on. */
  begin(): void {
    this.#busyUncounted = 0;
    this.#firstEnd = Number.NaN;
    this.#lastEnd = Number.NaN;
    this.#gaps = [];
    this.#counts = noCounts();
  }

  figures(): WireFigures {
    const { tooShort, doubtful, ...counts } = this.#counts;
    const sorted = this.#gaps.toSorted((a, b) => a - b);
    const at = (share: number): number | null => (sorted.length === 0 ? null : percentile(sorted, share));
    return {
      ...counts,
      span: Number.isNaN(this.#lastEnd) ? 0 : this.#lastEnd - this.#firstEnd,
      gaps: { count: sorted.length, tooShort, doubtful, shortest: sorted[0] ?? null, p50: at(0.5), p99: at(0.99) },
    };
  }

  /** The master's bytes come onto the wire. */
  heard(bytes: Uint8Array, at: number): void {
    for (const byte of bytes) {
      const begins = Math.max(at, this.#sentUntil);
      const pause = this.#characterTime === 0 ? 0 : begins - this.#sentUntil;
      if (this.#request.length === 0 || pause > withinFrame * this.#characterTime) this.#begin(begins);
      this.#request.push(byte);
      this.#sentUntil = begins + this.#characterTime;
      this.#freeAt = Math.max(this.#freeAt, this.#sentUntil);
      this.#busyUncounted += this.#characterTime;
      if (this.#request.length === requestLength) this.#end();
    }
  }

  #begin(begins: number): void {
    if (this.#request.length > 0) this.#counts.broken += 1;
    this.#request = [];
    this.#counts.requests += 1;
    this.#collided = this.#answer !== null;
    if (this.#answer) {
      this.#answer.isSpoilt = true;
      this.#counts.whileBusy += 1;
      return;
    }
    const gap = begins - this.#freeAt;
    if (gap === Number.POSITIVE_INFINITY) return;
    this.#gaps.push(gap);
    if (gap >= this.#silence - hair) return;
    if (this.#wasLate) this.#counts.doubtful += 1;
    else this.#counts.tooShort += 1;
  }

  #end(): void {
    const request = Uint8Array.from(this.#request);
    this.#request = [];
    this.#wasLate = false;
    const answer = this.#collided ? null : this.#options.answer(request);
    if (!answer) {
      this.#counts.unanswered += 1;
      return;
    }
    const begins = this.#sentUntil + Math.max(this.#options.turnAround, this.#silence);
    this.#answer = { ...answer, begins, given: 0, isSpoilt: false };
    this.#freeAt = begins + answer.frame.length * this.#characterTime;
  }

  /** When there is something to hand to the master. */
  get nextDue(): number {
    const answer = this.#answer;
    if (!answer) return Number.POSITIVE_INFINITY;
    const upTo = Math.min(answer.frame.length, answer.given + this.#piece);
    return answer.begins + upTo * this.#characterTime;
  }

  /** What is to be handed to the master by now; null if nothing is. */
  take(now: number): Piece | null {
    const answer = this.#answer;
    if (!answer) return null;
    const { frame, begins, given } = answer;
    const upTo = this.#onWire(answer, now);
    if (upTo <= given) return null;
    const whole = frame.slice(given, upTo);
    const bytes = answer.isSpoilt ? whole.map((byte) => byte ^ 0xff) : whole;
    answer.given = upTo;
    if (upTo === frame.length) this.#done(answer);
    return { bytes, firstDue: begins + (given + 1) * this.#characterTime };
  }

  /** Characters that have been on the wire whole, in pieces. */
  #onWire({ frame, begins }: Underway, now: number): number {
    if (this.#characterTime === 0) return now >= begins ? frame.length : 0;
    const whole = Math.floor((now - begins) / this.#characterTime + hair);
    return whole >= frame.length ? frame.length : Math.floor(whole / this.#piece) * this.#piece;
  }

  /** What was taken has been handed over at that moment. */
  handedOver(at: number): void {
    if (this.#answer === null) this.#wasLate = at - this.#freeAt > tolerableLateness;
  }

  #done({ frame, begins, registers, isSpoilt }: Underway): void {
    const end = begins + frame.length * this.#characterTime;
    this.#answer = null;
    this.#busyUncounted += frame.length * this.#characterTime;
    if (isSpoilt) return;
    if (Number.isNaN(this.#firstEnd)) {
      this.#firstEnd = end;
    } else {
      this.#counts.transactions += 1;
      this.#counts.registers += registers;
      this.#counts.busy += this.#busyUncounted;
    }
    this.#lastEnd = end;
    this.#busyUncounted = 0;
  }
}
