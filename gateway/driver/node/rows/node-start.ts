import type { Monotonic } from '../../../clock.ts';

/** How much a chip's own clock loses at most, as a share: crystals of ESP8266 and ESP32 keep within 20 ppm, cold or hot. */
const drift = 100 / 1_000_000;

/**
 * When the present start of a node was, by our monotonic clock, from the seconds since then that its messages tell. A
 * message may come late: a radio that is lost for a minute holds it up, and TCP hands it over when it is back. None comes
 * early, so the earliest start that any message of a connection told is the nearest to the truth.
 */
export class NodeStart {
  #known: { readonly boot: number; readonly at: number; readonly heard: Monotonic } | null = null;

  /** It connected anew: what it tells now was not held up by the connection before. */
  forget(): void {
    this.#known = null;
  }

  /** A message of that start, `uptime` seconds into it, came at that moment; when it was sent. */
  heard(boot: number, uptime: number, came: Monotonic): Monotonic {
    const known = this.#known?.boot === boot ? this.#known : null;
    const told = came - uptime * 1000;
    const at = known === null ? told : Math.min(told, known.at + (came - known.heard) * drift);
    this.#known = { boot, at, heard: came };
    return (at + uptime * 1000) as Monotonic;
  }
}
