import { loadCatalogue } from '../../device-profiles/catalogue.ts';
import type { Board, BoardFault, BoardOptions } from '../../edge/site-io/board.ts';
import type { DriverEvent } from '../../gateway/driver/events.ts';
import type { LinkEvent } from '../../gateway/link/link.ts';
import type { Reading } from '../../gateway/reading/reading.ts';
import { MemoryUno } from '../surroundings/memory-board.ts';
import { SimulatedClock } from '../surroundings/simulated-clock.ts';

type Event = DriverEvent | LinkEvent;
type Open = (options: Pick<BoardOptions, 'samplingInterval' | 'onLost'>) => Promise<Board | BoardFault>;

const catalogue = loadCatalogue({ directories: [] });

/** What a test says of the instrument, beside what every one has. */
export interface BoardSettings {
  readonly every?: number;
  readonly channels?: Record<string, string>;
  readonly fitted?: string[];
  readonly commands?: string[];
  readonly parameters?: Record<string, number>;
}

/** A board in memory, the site's instrument that hangs on it, and everything it tells, on a simulated clock. */
export class BoardScene {
  readonly clock = new SimulatedClock();
  readonly uno = new MemoryUno({ clock: this.clock });
  readonly readings: Reading[] = [];
  readonly events: Event[] = [];
  /** When it was tried to open the board. */
  readonly attempts: number[] = [];
  /** What opening comes to instead of the board. */
  fault: BoardFault | undefined;

  /** What `FirmataAcquisition` is made with. */
  options(profile: string, settings: BoardSettings = {}) {
    const entry = catalogue.find(profile);
    if (entry?.profile.protocol !== 'firmata') throw new RangeError(`${profile} is no board`);
    const instrument = {
      settings: { id: 'io', profile, link: 'board', every: 4000, ...settings },
      profile: entry.profile,
      origin: 'measured' as const,
    };
    const open: Open = async ({ samplingInterval, onLost }) => {
      this.attempts.push(this.clock.monotonic());
      return this.fault ?? this.uno.open({ samplingInterval, onLost });
    };
    return {
      ...{ link: 'board', instrument, open, clock: this.clock, random: () => 1 },
      observe: (event: Event) => void this.events.push(event),
      onReadings: (readings: readonly Reading[]) => void this.readings.push(...readings),
    };
  }

  of<Kind extends Event['kind']>(kind: Kind): Extract<Event, { kind: Kind }>[] {
    return this.events.filter((event): event is Extract<Event, { kind: Kind }> => event.kind === kind);
  }

  /** What was told of a factor at a point: the value, or the reason why there is none. */
  told(point: string, factor: string): (number | string | null)[] {
    return this.readings
      .filter((reading) => reading.point === point && reading.factor === factor)
      .map(({ value, mark }) => value ?? mark.reason);
  }
}
