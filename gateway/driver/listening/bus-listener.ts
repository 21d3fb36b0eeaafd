import { modbusCrcHolds, swappedModbusCrcHolds } from '../../../device-profiles/modbus-crc.ts';
import type { Monotonic } from '../../clock.ts';
import { dataLength, type ModbusRead } from '../modbus/modbus-framing.ts';

/** A read request of another master. */
interface OverheardRequest {
  readonly read: ModbusRead;
  readonly bytes: Uint8Array;
  readonly at: Monotonic;
}

/** A request of another master and the answer heard right after it. */
export interface OverheardExchange {
  readonly kind: 'exchange';
  readonly request: OverheardRequest;
  readonly reply: Uint8Array;
  /** Register or bit data as sent; null where the slave refused. */
  readonly data: Uint8Array | null;
  readonly exception: number | null;
  readonly at: Monotonic;
}

/** What was heard of others on the line. */
export type Overheard =
  | ({ readonly kind: 'request' } & OverheardRequest)
  | OverheardExchange
  /** A valid frame that carries nothing to be used: a write, its answer, an answer whose request was not heard. */
  | { readonly kind: 'frame'; readonly address: number; readonly isRequest: boolean; readonly at: Monotonic };

/** Bytes that are kept to look for a frame; the longest RTU frame has 256 (Modbus over Serial Line V1.02, 2.5). */
const mostKept = 512;
/** An answer that begins later than this after its request answers another one, milliseconds. */
const longestAnswer = 5000;
/** Bytes that a line without bias makes up between two frames; more were a frame before they were damaged. */
const idleJunk = 4;
/** Within a frame bytes come without a break; adapters deliver in pieces up to 16 ms apart, milliseconds. */
const frameOver = 50;

/** What begins at a place in the bytes heard. */
type Found =
  | { readonly end: number; readonly what: Overheard }
  /** Something may begin here that is not whole yet. */
  | 'incomplete'
  /** Nothing begins here. */
  | 'nothing';

/**
 * Understands the Modbus RTU traffic between another master and its slaves, without ever sending.
 *
 *   request    address  function 1..4  start hi  start lo  count hi  count lo  crc lo  crc hi
 *   answer     address  function       n         n data bytes …                crc lo  crc hi
 *   exception  address  function+128   code                                    crc lo  crc hi
 *
 * An answer does not say which registers it holds, so it is used only when its request was the last thing heard before
 * it. Eight bytes may be a request or an answer of three data bytes: after a request that asks for three, they are its
 * answer, else a request.
 */
export class BusListener {
  readonly #crcSwapped: ReadonlySet<number>;
  #buffer: Uint8Array = new Uint8Array(0);
  #lastByteAt = Number.NEGATIVE_INFINITY;
  #asked: OverheardRequest | undefined;
  /** The last request that each slave left unanswered: its answer may still come, in the place of the next. */
  readonly #unanswered = new Map<number, OverheardRequest>();
  #junk = 0;
  #junkSinceAsked = 0;

  /** `crcSwapped`: slaves whose check sums come high byte first. */
  constructor(crcSwapped: Iterable<number> = []) {
    this.#crcSwapped = new Set(crcSwapped);
  }

  /** Bytes so far that belong to no frame known. */
  get junk(): number {
    return this.#junk;
  }

  /** True while the beginning of something is held that may become a frame. */
  get isWaiting(): boolean {
    return this.#buffer.length > 0;
  }

  /** Forgets what was heard: the link was opened anew. */
  reset(): void {
    this.#buffer = new Uint8Array(0);
    this.#asked = undefined;
    this.#unanswered.clear();
  }

  /** Takes what came off the line; what it completes, in order. */
  hear(bytes: Uint8Array, at: Monotonic): Overheard[] {
    const before = at - this.#lastByteAt > frameOver ? this.settle(at) : [];
    this.#lastByteAt = at;
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
    const found = [...before, ...this.#parse(at, false)];
    const excess = this.#buffer.length - mostKept;
    if (excess > 0) this.#drop(excess);
    return found;
  }

  /** The line has been quiet since: what was held as the beginning of a frame is none. */
  settle(now: Monotonic): Overheard[] {
    return now - this.#lastByteAt > frameOver ? this.#parse(this.#lastByteAt as Monotonic, true) : [];
  }

  #parse(at: Monotonic, isOver: boolean): Overheard[] {
    const told: Overheard[] = [];
    while (this.#buffer.length > 0) {
      const found = this.#findAtStart(at, isOver);
      if (found === 'incomplete' && !isOver) break;
      if (typeof found === 'string') {
        this.#drop(1);
        continue;
      }
      told.push(this.#follow(found.what));
      this.#buffer = this.#buffer.subarray(found.end);
    }
    return told;
  }

  /** Keeps account of who asked what; an answer that may be an earlier one, late, is only a frame. */
  #follow(what: Overheard): Overheard {
    const asked = this.#asked;
    this.#asked = what.kind === 'request' ? what : undefined;
    this.#junkSinceAsked = 0;
    if (what.kind === 'exchange') {
      const { address } = what.request.read;
      const owed = this.#unanswered.get(address);
      this.#unanswered.delete(address);
      if (!owed || what.at - owed.at > longestAnswer || !hasSameShape(owed.read, what.request.read)) return what;
      return { kind: 'frame', address, isRequest: false, at: what.at };
    }
    if (asked) this.#unanswered.set(asked.read.address, asked);
    return what;
  }

  /** A frame may have been damaged: what comes next may belong to a request that was not understood. */
  #forget(): void {
    if (this.#asked) this.#unanswered.set(this.#asked.read.address, this.#asked);
    this.#asked = undefined;
  }

  #drop(count: number): void {
    this.#junk += count;
    this.#junkSinceAsked += count;
    if (this.#junkSinceAsked > idleJunk) this.#forget();
    this.#buffer = this.#buffer.subarray(count);
  }

  #findAtStart(at: Monotonic, isOver: boolean): Found {
    const bytes = this.#buffer;
    if (bytes.length < 2) return 'incomplete';
    const answer = this.#answer(at);
    // By accident the first eight bytes of an answer may have the check sum of a request.
    if (typeof answer !== 'string' || (answer === 'incomplete' && !isOver)) return answer;
    const [address = 0, functionCode = 0] = bytes;
    const lengths = frameLengths(bytes);
    for (const { length, isRequest } of lengths) {
      if (length > bytes.length || !this.#crcHolds(length, isRequest)) continue;
      if (isRequest && functionCode <= 4) return { end: length, what: this.#request(at) };
      return { end: length, what: { kind: 'frame', address, isRequest, at } };
    }
    const mayGrow = lengths.some(({ length }) => length > bytes.length);
    return mayGrow ? 'incomplete' : 'nothing';
  }

  #request(at: Monotonic): Overheard {
    const bytes = this.#buffer.slice(0, 8);
    const [address = 0, functionCode = 0, startHigh = 0, startLow = 0, countHigh = 0, countLow = 0] = bytes;
    const read = {
      address,
      functionCode: functionCode as ModbusRead['functionCode'],
      start: startHigh * 256 + startLow,
      count: countHigh * 256 + countLow,
    };
    return { kind: 'request', read, bytes, at };
  }

  /** The answer to what was asked just before, if it stands here. */
  #answer(at: Monotonic): Found {
    const request = this.#asked;
    const bytes = this.#buffer;
    if (!request || bytes[0] !== request.read.address || at - request.at > longestAnswer) return 'nothing';
    const { read } = request;
    const isRefusal = bytes[1] === (read.functionCode | 0x80);
    if (!isRefusal && bytes[1] !== read.functionCode) return 'nothing';
    if (bytes.length < 3) return 'incomplete';
    if (!isRefusal && bytes[2] !== dataLength(read)) return 'nothing';
    const end = isRefusal ? 5 : 5 + dataLength(read);
    if (bytes.length < end) return 'incomplete';
    if (!this.#crcHolds(end, false)) return 'nothing';
    const reply = bytes.slice(0, end);
    const data = isRefusal ? null : reply.slice(3, -2);
    const exception = isRefusal ? (reply[2] ?? 0) : null;
    return { end, what: { kind: 'exchange', request, reply, data, exception, at } };
  }

  #crcHolds(length: number, isRequest: boolean): boolean {
    if (modbusCrcHolds(this.#buffer, 0, length)) return true;
    const swaps = !isRequest && this.#crcSwapped.has(this.#buffer[0] ?? 0);
    return swaps && swappedModbusCrcHolds(this.#buffer, 0, length);
  }
}

/** True if the answers to both look alike and mean other registers. */
function hasSameShape(one: ModbusRead, other: ModbusRead): boolean {
  if (one.start === other.start && one.count === other.count) return false;
  return one.functionCode === other.functionCode && dataLength(one) === dataLength(other);
}

/** The lengths that a frame with this head may have, the requests first (Modbus Application Protocol V1.1b3, 6). */
function frameLengths(bytes: Uint8Array): { length: number; isRequest: boolean }[] {
  const functionCode = bytes[1] ?? 0;
  const request = (length: number) => ({ length, isRequest: true });
  const answer = (length: number) => ({ length, isRequest: false });
  // Not known yet: one byte more than there is.
  const counted = (place: number, more: number): number =>
    bytes.length > place ? more + (bytes[place] ?? 0) : bytes.length + 1;
  if (functionCode > 0x80) return [answer(5)];
  switch (functionCode) {
    case 1:
    case 2:
    case 3:
    case 4:
      return [request(8), answer(counted(2, 5))];
    case 5:
    case 6:
      return [request(8)];
    case 15:
    case 16:
      return [answer(8), request(counted(6, 9))];
    case 22:
      return [request(10)];
    case 23:
      return [answer(counted(2, 5)), request(counted(10, 13))];
    default:
      return [];
  }
}
