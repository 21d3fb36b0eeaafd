import type { OpenSiteBoard } from '../../../gateway/driver/firmata/firmata-acquisition.ts';
import { MemoryUno } from '../../surroundings/memory-board.ts';
import type { SimulatedClock } from '../../surroundings/simulated-clock.ts';

export const doorPin = 4;

/** The contacts of a construction site's cabinet, and no sampling: it would take most of the time. */
export const boardProfile = `profile: soak/yard
extends: fenceline/uno-construction-site
name: { zh: 试验, en: test }
`;

/** How the door stood from a moment on. */
export interface DoorState {
  readonly at: number;
  readonly closed: boolean;
}

/** A board on USB whose door opens and closes; when it was there, and how the door stood. */
export class SoakBoard {
  readonly door: DoorState[] = [];
  /** When a board was opened, and when it was lost. */
  readonly there: { readonly from: number; to: number }[] = [];
  #uno: MemoryUno | undefined;
  #clock: SimulatedClock | undefined;
  #isPlugged = true;

  /** For the site's link. */
  readonly open = (_link: string, clock: SimulatedClock): OpenSiteBoard => {
    this.#clock = clock;
    this.#uno ??= new MemoryUno({ clock });
    const uno = this.#uno;
    if (this.door.length === 0) this.setDoor(true);
    return async (options) => {
      const board = uno.open({ ...options, onLost: (fault) => options.onLost(fault) });
      if (!('kind' in board)) this.there.push({ from: clock.monotonic(), to: Number.POSITIVE_INFINITY });
      return board;
    };
  };

  setDoor(closed: boolean): void {
    if (this.#uno === undefined || this.#clock === undefined) return;
    this.#uno.setPin(doorPin, closed ? 'ground' : 'open');
    this.door.push({ at: this.#clock.monotonic(), closed });
  }

  toggle(): void {
    this.setDoor(!(this.door.at(-1)?.closed ?? true));
  }

  unplug(): void {
    if (!this.#isPlugged) return;
    this.#isPlugged = false;
    this.#lost();
    this.#uno?.unplug();
  }

  plug(): void {
    this.#isPlugged = true;
    this.#uno?.plug();
  }

  /** The gateway that had it open is gone. */
  gatewayEnded(): void {
    this.#lost();
  }

  #lost(): void {
    const last = this.there.at(-1);
    if (last !== undefined && this.#clock !== undefined) last.to = Math.min(last.to, this.#clock.monotonic());
  }
}
