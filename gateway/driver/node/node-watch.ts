import { pointsOf } from '../../../device-profiles/profile.ts';
import type { Clock, Monotonic, WallTime } from '../../clock.ts';
import type { Mark, Reading } from '../../reading/reading.ts';
import { Condition } from '../condition.ts';
import type { InstrumentCondition } from '../events.ts';
import { markOfFailure, missing, wantedPoints } from '../instrument.ts';
import type { NodeInstrument } from './rows/row-readings.ts';

const notSent: Mark = { flag: 'B', reason: 'not-sent', basis: 'observed' };

/** What comes of a period comes within this after its end; before the minute is closed (`graceOfNodes`), milliseconds. */
const within = 6000;
/** More than this before its time is no early timer, but a clock that was set back; milliseconds. */
const early = 1000;

export interface NodeWatchOptions {
  readonly instrument: NodeInstrument;
  readonly clock: Clock;
  readonly observe: (event: InstrumentCondition) => void;
  /** Of periods of which nothing came in time. */
  readonly onMissing: (readings: readonly Reading[]) => void;
  /** Whether its node is there. */
  readonly isThere: () => boolean;
}

/**
 * Says of each period of an instrument on a node why nothing came of it: its node is away, or there and silent. What the node
 * kept comes later, and takes the place of that.
 */
export class NodeWatch {
  readonly #options: NodeWatchOptions;
  readonly #condition: Condition;
  #stop = (): void => undefined;
  /** Newest moment of which something came, and when anything came last; monotonic, for the clock may be set. */
  #newest = Number.NEGATIVE_INFINITY;
  #heardAt = Number.NEGATIVE_INFINITY;
  /** When watching began: of a period before that nothing can be said. */
  #since: number | undefined;

  constructor(options: NodeWatchOptions) {
    this.#options = options;
    this.#condition = new Condition(options.instrument.settings.id, options.clock, options.observe);
  }

  start(): void {
    const { clock } = this.#options;
    this.#since ??= clock.monotonic();
    this.#lookAfter(clock.wall());
  }

  /** Looks at the period whose time to come in ends next after that moment, and so on. */
  #lookAfter(moment: number): void {
    const { clock, instrument } = this.#options;
    const { every } = instrument.settings;
    const next = (Math.floor((moment - within) / every) + 1) * every + within;
    this.#stop = clock.after(next - clock.wall(), () => {
      const wall = clock.wall();
      // A timer may fire a moment early: by the clock it would still be the period before, and the one that is meant be missed.
      const due = next - wall < early ? Math.max(next, wall) : wall;
      this.#look((Math.floor((due - within) / every) * every) as WallTime);
      this.#lookAfter(due);
    });
  }

  stop(): void {
    this.#stop();
  }

  /** Readings of it came, fresh or late: while a node brings what it kept, it answers. */
  heard(readings: readonly Reading[]): void {
    const [first] = readings;
    if (first === undefined) return;
    this.#newest = Math.max(this.#newest, first.monotonic);
    this.#heardAt = this.#options.clock.monotonic();
    const isSilent = readings.every(({ mark, value }) => mark.flag === 'B' && value === null);
    this.#condition.note(!isSilent, isSilent ? 'no-bytes' : 'ok');
  }

  /** What stands for its readings while there are none. */
  missingNow(at: WallTime): Reading[] {
    const { instrument, isThere, clock } = this.#options;
    const mark = isThere() ? notSent : markOfFailure('line-lost');
    const moment = { at, monotonic: (clock.monotonic() - (clock.wall() - at)) as Monotonic };
    return wantedPoints(instrument, pointsOf(instrument.profile)).flatMap((point) =>
      missing(instrument, point, mark, moment),
    );
  }

  /** The period that ended there is over: has anything come of it? */
  #look(end: WallTime): void {
    const { instrument, isThere, onMissing, clock } = this.#options;
    const { every } = instrument.settings;
    const now = clock.monotonic();
    const began = now - (clock.wall() - (end - every));
    if (this.#newest >= began || now - (this.#since ?? 0) < every) return;
    if (!isThere() || now - this.#heardAt > 1.5 * every) {
      this.#condition.note(false, isThere() ? 'no-bytes' : 'line-lost');
    }
    // Without the time nothing of it is taken, and all of it comes when it is known.
    if (clock.isKnown?.() !== false) onMissing(this.missingNow((end - every / 2) as WallTime));
  }
}
