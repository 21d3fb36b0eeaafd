import type { Span } from '../../device-profiles/plan/span.ts';
import type { Clock } from '../clock.ts';
import type { Candidate } from './candidates.ts';
import { Findings } from './findings.ts';
import { type Ask, isRefusal, type Presence, presenceIn, type ScanAnswer } from './question.ts';
import type { ScanEvent, ScanReport } from './report.ts';
import { inOrder } from './walk/addresses.ts';
import { Pace } from './walk/pace.ts';
import { secondRound } from './walk/second-round.ts';
import { Waiting } from './walk/waiting.ts';

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
/** On the network: so many addresses far from the usual ones, at which a device answers only if it looks at none. */
const farAddresses = 3;

interface Job extends Span {
  readonly address: number;
  readonly timeout?: number;
}

/** The line was lost twice in a row under a question. */
class LineLost extends Error {
  readonly reason = 'line-lost';
}

/**
 * A search for instruments on one line at its present settings: walks the addresses with read requests, and compares
 * what answers with the profiles. Knows nothing of ports or schedules: how a question is asked is handed in.
 */
export class Scan {
  readonly #options: ScanOptions;
  readonly #pace: Pace;
  readonly #waiting: Waiting;
  readonly #findings: Findings;
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
  #lastEnd = 0;
  #second = { asked: 0, of: 0 };

  constructor(options: ScanOptions) {
    this.#options = options;
    this.#waiting = new Waiting(options.framing);
    this.#later = laterIn(options);
    this.#pace = new Pace(this.#waiting.next + bytesOfFirst * options.characterTime);
    this.#findings = new Findings({ ...options, pace: this.#pace, ask: (question) => this.#put(question) });
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
      instruments: this.#findings.instruments,
      garbled: this.#findings.garbled,
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
    if (await this.#isOneDevice(order)) return this.#round(1, order.slice(0, 1).map(presenceJob));
    await this.#round(1, order.map(presenceJob));
    // Whoever answered late is asked once more, with patience.
    const doubtful = [...this.#suspects].map((address) => ({ ...presenceJob(address), timeout: longPatience }));
    await this.#round(1, doubtful);
  }

  async #walkAgain(): Promise<void> {
    const silent = new Set(this.#silent.filter((address) => !this.#findings.isKnown(address)));
    const { questions, of } = secondRound(
      [...silent].sort((a, b) => a - b),
      this.#options.candidates,
    );
    this.#second = { asked: 0, of };
    await this.#round(2, questions);
  }

  /** True for a device on the network that answers whatever the unit identifier is: it is one instrument. */
  async #isOneDevice(order: readonly number[]): Promise<boolean> {
    const { framing, signal } = this.#options;
    if (framing !== 'modbus-tcp' || order.length < 2 * farAddresses) return false;
    for (const address of order.slice(-farAddresses)) {
      if (signal.aborted || presenceIn(await this.#ask(presenceJob(address))) !== 'present') return false;
    }
    this.#everyAddress = true;
    return true;
  }

  /** Works the jobs off, some at once. */
  async #round(round: 1 | 2, jobs: readonly Job[]): Promise<void> {
    const { observe, signal } = this.#options;
    let place = 0;
    const work = async (): Promise<void> => {
      for (let job = jobs[place++]; job !== undefined && !signal.aborted; job = jobs[place++]) {
        // Who was found is told first: the walk would take its time from it.
        await this.#findings.settled();
        if (signal.aborted) return;
        if (this.#findings.isKnown(job.address)) continue;
        const done = place - 1;
        const of = jobs.length;
        const left = this.#pace.left(of - done + (round === 1 ? this.#later : 0), this.#findings.underWay);
        observe({ kind: 'asking', round, address: job.address, done, of, left, found: this.#findings.count });
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
    if (isSecond) this.#findings.noteGarbled(address);
    else for (const one of [...this.#silent.slice(-mostSuspects), address]) this.#suspects.add(one);
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
    this.#findings.noteGarbled(job.address);
  }

  #found(job: Job, answer: ScanAnswer, { crcSwapped, damaged } = sound): Promise<void> {
    return this.#findings.found({ address: job.address, span: plain(job), answer, crcSwapped, damaged });
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
