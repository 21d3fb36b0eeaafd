import type { Span } from '../../device-profiles/plan/span.ts';
import type { Clock } from '../clock.ts';
import { inOrder } from './addresses.ts';
import type { Candidate } from './candidates.ts';
import { identify } from './fingerprint/identify.ts';
import { Pace } from './pace.ts';
import { type Ask, type AskRefused, type Presence, presenceIn, type ScanAnswer } from './question.ts';
import { Reader } from './reader.ts';
import type { FoundInstrument, ScanEvent, ScanReport } from './report.ts';
import { secondRound } from './second-round.ts';
import { Waiting } from './waiting.ts';

export interface ScanOptions {
  readonly ask: Ask;
  readonly clock: Clock;
  /** Every profile that an instrument may be. */
  readonly candidates: readonly Candidate[];
  /** Addresses to be asked; their order does not matter. */
  readonly addresses: readonly number[];
  /** On Modbus TCP a gateway answers for the slaves behind it, and may take as long as it waits for them. */
  readonly framing: 'modbus-rtu' | 'modbus-tcp';
  /** Milliseconds one character takes on the line; 0 where that is not known. */
  readonly characterTime: number;
  /** True to ask each address once: instruments that keep silent at a register they do not have are not found then. */
  readonly isQuick?: boolean | undefined;
  readonly observe: (event: ScanEvent) => void;
  /** Raised to break it off: what was found so far is reported. */
  readonly signal: AbortSignal;
}

/** The question of the first round: whoever has no such register refuses, and has answered. */
const firstQuestion: Span = { functionCode: 3, start: 0, count: 1 };
/** Bytes of that question and its answer. */
const bytesOfAnswer = 7;
const bytesOfFirst = 8 + bytesOfAnswer;
/** Questions that are under way at once, so that the line need not wait for the asker. */
const atOnce = 2;
/** How often an address is asked again whose answer was damaged. */
const recheckedTimes = 3;
/** Silent addresses before a foreign answer, one of which may have answered late. */
const mostSuspects = 8;
/** Waited for an answer that may be late, milliseconds: relays and wireless links take up to 1.7 s. */
const longPatience = 2000;
/** On the network: so many addresses that all answer, and others besides, are one device that does not look at them. */
const suspiciousRow = 6;

interface Job extends Span {
  readonly address: number;
  readonly timeout?: number;
}

/** The line was lost twice in a row under a question. */
class LineLost extends Error {
  readonly reason = 'line-lost';
}

function isRefusal(error: unknown): error is AskRefused {
  return error instanceof Error && 'reason' in error;
}

/**
 * A search for instruments on one line at its present settings: walks the addresses with read requests, and compares
 * what answers with the profiles. Knows nothing of ports or schedules: how a question is asked is handed in.
 */
export class Scan {
  readonly #options: ScanOptions;
  readonly #pace: Pace;
  readonly #waiting: Waiting;
  readonly #instruments: FoundInstrument[] = [];
  readonly #present = new Set<number>();
  readonly #garbled = new Set<number>();
  readonly #asked = new Set<number>();
  readonly #suspects = new Set<number>();
  /** Addresses whose question once brought a frame that was no answer to it. */
  readonly #answeredByTwo = new Set<number>();
  /** Silent addresses in the order in which they were asked. */
  readonly #silent: number[] = [];
  #echo = false;
  #everyAddress = false;
  /** Questions of the second round, if nobody answers in the first. */
  readonly #later: number;
  #comparing = 0;
  #lastEnd = 0;
  #second = { asked: 0, of: 0 };

  constructor(options: ScanOptions) {
    this.#options = options;
    this.#waiting = new Waiting(options.framing);
    this.#later = laterIn(options);
    this.#pace = new Pace(this.#waiting.next + bytesOfFirst * options.characterTime);
  }

  /** Milliseconds that it will take if nobody answers, before anything was asked. */
  static expected(
    options: Pick<ScanOptions, 'addresses' | 'candidates' | 'framing' | 'characterTime' | 'isQuick'>,
  ): number {
    const { framing, addresses, characterTime } = options;
    const questions = addresses.length + laterIn(options);
    return questions * (new Waiting(framing).next + bytesOfFirst * characterTime);
  }

  /** Walks and compares; never rejects because of the line. */
  async run(): Promise<ScanReport> {
    const { clock, addresses, candidates, signal } = this.#options;
    const began = clock.monotonic();
    this.#lastEnd = began;
    let ended: ScanReport['ended'] = 'whole';
    try {
      const order = inOrder(
        addresses,
        candidates.map(({ profile }) => profile.address.default),
      );
      await this.#walk(order);
      if (!this.#everyAddress && this.#options.isQuick !== true) await this.#walkAgain();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // Questions that were given up because the search was broken off are no fault of the line.
      if (!signal.aborted) ended = { reason: error.reason, message: error.message };
    }
    if (signal.aborted && ended === 'whole') ended = 'interrupted';
    return {
      instruments: [...this.#instruments].sort((a, b) => a.address - b.address),
      garbled: [...this.#garbled].sort((a, b) => a - b),
      asked: [...this.#asked].sort((a, b) => a - b),
      notAsked: addresses.filter((address) => !this.#asked.has(address)).length,
      second: this.#second,
      echo: this.#echo,
      everyAddress: this.#everyAddress,
      ended,
      took: clock.monotonic() - began,
    };
  }

  async #walk(order: readonly number[]): Promise<void> {
    const beginning = order.slice(0, suspiciousRow);
    await this.#round(1, beginning.map(presenceJob), order.length - beginning.length);
    if (await this.#isOneDevice(order)) return;
    await this.#round(1, order.slice(beginning.length).map(presenceJob), 0, beginning.length);
    // Whoever answered late is asked once more, with patience.
    const doubtful = [...this.#suspects].filter((address) => !this.#present.has(address));
    await this.#round(
      1,
      doubtful.map((address) => ({ ...presenceJob(address), timeout: longPatience })),
    );
  }

  async #walkAgain(): Promise<void> {
    const { candidates } = this.#options;
    const silent = this.#silent.filter((address) => !this.#present.has(address) && !this.#garbled.has(address));
    const { questions, of } = secondRound(
      [...new Set(silent)].sort((a, b) => a - b),
      candidates,
    );
    this.#second = { asked: 0, of };
    await this.#round(2, questions);
  }

  /** True for a device on the network that answers whatever the unit identifier is. */
  async #isOneDevice(order: readonly number[]): Promise<boolean> {
    const others = order.slice(suspiciousRow);
    const isSuspicious = this.#options.framing === 'modbus-tcp' && this.#present.size === suspiciousRow;
    if (!isSuspicious || others.length < suspiciousRow) return false;
    for (const address of others.slice(-3)) {
      if (this.#options.signal.aborted) return false;
      if (presenceIn(await this.#ask(presenceJob(address))) !== 'present') return false;
    }
    this.#everyAddress = true;
    this.#instruments.sort((a, b) => a.address - b.address).splice(1);
    return true;
  }

  /** Works the jobs off, some at once; `more`: jobs of the round that come later, `before`: those that are done. */
  async #round(round: 1 | 2, jobs: readonly Job[], more = 0, before = 0): Promise<void> {
    const { observe, signal } = this.#options;
    const isNeeded = ({ address }: Job): boolean => !this.#present.has(address) && !this.#garbled.has(address);
    let place = 0;
    const work = async (): Promise<void> => {
      for (let job = jobs[place++]; job !== undefined && !signal.aborted; job = jobs[place++]) {
        if (!isNeeded(job)) continue;
        const done = before + place - 1;
        const of = before + jobs.length + more;
        const left = this.#pace.left(of - done + (round === 1 ? this.#later : 0), this.#comparing);
        observe({ kind: 'asking', round, address: job.address, done, of, left, found: this.#present.size });
        if (round === 2) this.#second = { ...this.#second, asked: this.#second.asked + 1 };
        await this.#try(job);
      }
    };
    const ends = await Promise.allSettled(Array.from({ length: atOnce }, work));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #try(job: Job): Promise<void> {
    const { address } = job;
    const answer = await this.#ask(job);
    this.#asked.add(address);
    if (answer.outcome === 'echo') this.#echo = true;
    const presence = presenceIn(answer);
    if (presence === 'silent') this.#silent.push(address);
    if (presence === 'another') this.#suspect(address);
    if (presence === 'present') await this.#found(job, answer);
    if (presence === 'damaged') await this.#recheck(job);
    if (presence === 'lost') await this.#askAgainAfterLoss(job);
  }

  /** A frame came that is no answer: that of a slave asked before, late; or two answers of slaves with this address. */
  #suspect(address: number): void {
    const isSecond = this.#answeredByTwo.has(address);
    this.#answeredByTwo.add(address);
    if (isSecond) this.#note(address);
    else for (const one of [...this.#silent.slice(-mostSuspects), address]) this.#suspects.add(one);
  }

  #note(garbled: number): void {
    this.#garbled.add(garbled);
    this.#options.observe({ kind: 'garbled', address: garbled });
  }

  async #askAgainAfterLoss(job: Job): Promise<void> {
    const answer = await this.#ask(job);
    if (presenceIn(answer) === 'lost') throw new LineLost('the line was lost');
    if (presenceIn(answer) === 'present') await this.#found(job, answer);
  }

  /** Something came that is no answer: noise, two instruments at once, or one that turns its check sums round. */
  async #recheck(job: Job): Promise<void> {
    let damaged = 1;
    for (let time = 0; time < recheckedTimes && !this.#options.signal.aborted; time += 1) {
      const crcSwapped = time === recheckedTimes - 1;
      const answer = await this.#ask({ ...job, timeout: this.#waiting.longest }, crcSwapped);
      const presence = presenceIn(answer);
      if (presence === 'present') return this.#found(job, answer, { crcSwapped, damaged });
      if (presence === 'damaged') damaged += 1;
    }
    // A single damaged answer is noise: who is there answers again.
    if (damaged === 1) {
      this.#silent.push(job.address);
      return;
    }
    this.#note(job.address);
  }

  async #found({ address, ...span }: Job, answer: ScanAnswer, { crcSwapped, damaged: before } = sound): Promise<void> {
    if (this.#present.has(address)) return;
    const { candidates, observe, signal, clock } = this.#options;
    this.#present.add(address);
    observe({ kind: 'answered', address });
    const began = clock.monotonic();
    const ask: Ask = (question) => this.#put(question);
    const reader = new Reader({ ask, address, crcSwapped, signal, before: { span: plain(span), answer } });
    this.#comparing += 1;
    let tried = 0;
    const onTry = (now: number): void => {
      tried = now;
      const left = this.#pace.left(0, this.#comparing);
      observe({ kind: 'comparing', address, tried: now, of: candidates.length, left });
    };
    try {
      const identity = await identify({ reader, candidates, onTry, signal });
      const { asked, damaged } = reader.counts;
      const counts = { asked: asked + before + 1, damaged: damaged + before };
      this.#tell({ address, crcSwapped, ...identity, ...counts });
      this.#pace.identified(clock.monotonic() - began);
    } catch (error) {
      // What is known is told all the same: that somebody answers there.
      if (isRefusal(error)) this.#tell({ ...unidentified(address, crcSwapped), notTried: candidates.length - tried });
      throw error;
    } finally {
      this.#comparing -= 1;
    }
  }

  #tell(instrument: FoundInstrument): void {
    this.#instruments.push(instrument);
    this.#options.observe({ kind: 'identified', instrument });
  }

  async #ask({ address, functionCode, start, count, timeout = this.#waiting.next }: Job, crcSwapped = false) {
    const span = plain({ functionCode, start, count });
    const answer = await this.#put({ address, ...span, timeout, gap: 0, crcSwapped });
    // Long answers take long because of their length: only those to short questions tell how long to wait.
    if (presenceIn(answer) === 'present') {
      this.#waiting.answered(Math.max(0, answer.took - bytesOfAnswer * this.#options.characterTime));
    }
    return answer;
  }

  /** Asks, and learns from it what questions cost. */
  async #put(question: Parameters<Ask>[0]): Promise<ScanAnswer> {
    const { ask, clock } = this.#options;
    const began = clock.monotonic();
    const answer = await ask(question);
    const now = clock.monotonic();
    const presence: Presence = presenceIn(answer);
    // Another question may have been under way when this one was put: the line's time since then is this one's.
    const cost = now - Math.max(began, this.#lastEnd);
    this.#lastEnd = now;
    if (presence === 'silent') this.#pace.silent(cost);
    return answer;
  }
}

/** Questions of the second round, if nobody answers in the first. */
function laterIn({
  addresses,
  candidates,
  isQuick,
}: Pick<ScanOptions, 'addresses' | 'candidates' | 'isQuick'>): number {
  return isQuick ? 0 : secondRound(addresses, candidates).questions.length;
}

/** A first answer that came whole and as the standard has it. */
const sound = { crcSwapped: false, damaged: 0 };

function plain({ functionCode, start, count }: Span): Span {
  return { functionCode, start, count };
}

function presenceJob(address: number): Job {
  return { address, ...firstQuestion };
}

function unidentified(address: number, crcSwapped: boolean): FoundInstrument {
  const nothing = { best: [], others: [], contradicted: [], orders: [], ruledOut: 0, notTried: 0 };
  return { address, crcSwapped, asked: 1, damaged: 0, ...nothing };
}
