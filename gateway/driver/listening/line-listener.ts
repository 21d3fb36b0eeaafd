import type { Clock, Monotonic } from '../../clock.ts';
import type { Link } from '../../link/link.ts';
import type { LineSilence } from '../events.ts';
import { BusListener, type Overheard } from './bus-listener.ts';

interface LineListenerOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly observe: (event: LineSilence) => void;
  /** Told of everything that is understood. */
  readonly onOverheard: (what: Overheard) => void;
  /** How long to listen before speaking, milliseconds; 0: speak at once. */
  readonly listenFirst: number;
  /** Never speak. */
  readonly listenOnly: boolean;
  /** Slaves whose check sums come high byte first. */
  readonly crcSwapped?: Iterable<number>;
}

/** So often listening is prolonged while something is heard that makes no frame. */
const mostProlonged = 2;
/** Valid frames that show another master, where no request of it was heard. One may be a late answer to ourselves. */
const framesOfAnother = 2;
/** Requests of another master within `strangerWithin` milliseconds that silence a line on which we speak. */
const requestsOfAnother = 2;
const strangerWithin = 60_000;
/**
 * After so long without a word of the other master the line is listened to anew, milliseconds. Loggers poll every few
 * seconds or minutes; who has said nothing for an hour was taken off the line.
 */
const goneAfter = 3_600_000;
/** A piece of time in which a line is heard, milliseconds. */
const slice = 250;

/** Decides whether a line may be spoken on: official loggers own many lines, and disturbing them falsifies their data. */
export class LineListener {
  readonly #options: LineListenerOptions;
  readonly #bus: BusListener;
  #state: LineSilence['state'] | null = null;
  #until = 0;
  #prolonged = 0;
  #frames = 0;
  #junkBefore = 0;
  #asked = new Set<number>();
  #masterAt = 0;
  /** When requests of another master were heard while we speak. */
  #strangers: number[] = [];

  constructor(options: LineListenerOptions) {
    this.#options = options;
    this.#bus = new BusListener(options.crcSwapped);
  }

  /** True if requests may be sent. On a line that has not been listened to yet, only where that is not wanted. */
  get maySpeak(): boolean {
    if (this.#options.listenOnly) return false;
    if (this.#state === null) return this.#options.listenFirst === 0;
    return this.#state === 'clear' || this.#state === 'not-understood';
  }

  /** Who keeps us silent for longer than the first listening, with words for an error; null when nobody does. */
  get owner(): { readonly reason: 'only-listening' | 'other-master'; readonly message: string } | null {
    if (this.#options.listenOnly) {
      return { reason: 'only-listening', message: 'the site says that this line is only listened to' };
    }
    if (this.#state !== 'other-master') return null;
    return { reason: 'other-master', message: 'another master polls this line, and it is not disturbed' };
  }

  /** The link was opened anew: half a frame that was held belongs to nothing any more. */
  reset(): void {
    this.#bus.reset();
  }

  /** Hears the line for at most so many milliseconds, or until something came. */
  async listen(milliseconds: number): Promise<void> {
    const { link, clock } = this.#options;
    if (this.#state === null) this.#begin();
    const arrival = await link.read(Math.max(1, Math.min(milliseconds, slice)));
    const now = clock.monotonic();
    if (typeof arrival === 'object' && 'bytes' in arrival) this.#note(this.#bus.hear(arrival.bytes, arrival.at));
    else this.#note(this.#bus.settle(now));
    this.#decide(now);
  }

  /** While we speak, a whole request was heard that is not ours. */
  stranger(address: number): void {
    const now = this.#options.clock.monotonic();
    this.#strangers = [...this.#strangers.filter((at) => now - at < strangerWithin), now];
    this.#asked.add(address);
    if (this.#strangers.length < requestsOfAnother) return;
    this.#strangers = [];
    this.#masterAt = now;
    this.#tell('other-master');
  }

  #begin(): void {
    if (this.#options.listenOnly) {
      this.#tell('only-listening');
      return;
    }
    this.#prolonged = 0;
    this.#frames = 0;
    this.#asked = new Set();
    this.#junkBefore = this.#bus.junk;
    this.#until = this.#options.clock.monotonic() + this.#options.listenFirst;
    this.#tell('listening');
  }

  #note(found: readonly Overheard[]): void {
    for (const what of found) {
      this.#frames += 1;
      if (what.kind === 'request') this.#askedFor(what.read.address);
      else if (what.kind === 'frame' && what.isRequest) this.#askedFor(what.address);
      else if (what.kind === 'exchange') this.#askedFor(what.request.read.address);
      this.#options.onOverheard(what);
    }
  }

  #askedFor(address: number): void {
    this.#masterAt = this.#options.clock.monotonic();
    this.#frames = framesOfAnother;
    const isNews = !this.#asked.has(address);
    this.#asked.add(address);
    if (isNews && this.#state === 'other-master') this.#tell('other-master');
  }

  #decide(now: Monotonic): void {
    if (this.#state === 'other-master' && now - this.#masterAt > goneAfter) this.#begin();
    if (this.#state !== 'listening') return;
    if (this.#frames >= framesOfAnother) {
      this.#masterAt = now;
      this.#tell('other-master');
    } else if (now >= this.#until) {
      const junk = this.#bus.junk - this.#junkBefore;
      if (junk > 0 && this.#prolonged < mostProlonged) {
        this.#prolonged += 1;
        this.#until = now + this.#options.listenFirst;
      } else {
        this.#tell(junk > 0 ? 'not-understood' : 'clear');
      }
    }
  }

  #tell(state: LineSilence['state']): void {
    this.#state = state;
    const { link, clock, observe } = this.#options;
    const asked = [...this.#asked].sort((a, b) => a - b);
    observe({
      kind: 'line-silence',
      link: link.id,
      state,
      asked,
      junk: this.#bus.junk - this.#junkBefore,
      at: clock.wall(),
    });
  }
}
