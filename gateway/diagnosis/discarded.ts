import type { LocalTime, WallTime } from '../clock.ts';
import type { DiscardedPicture } from '../http/picture.ts';

/** More places than this are not told apart. Places are stations and lines, so a sound site has far fewer. */
const mostPlaces = 64;

/** Counts what was thrown away, by where. */
export class Discarded {
  readonly #places = new Map<string, { count: number; lastAt: WallTime; why: string }>();

  add(where: string, count: number, at: WallTime, why: string): void {
    const place = this.#places.has(where) || this.#places.size < mostPlaces ? where : 'elsewhere';
    const before = this.#places.get(place)?.count ?? 0;
    this.#places.set(place, { count: before + count, lastAt: at, why });
  }

  picture(localTime: LocalTime): DiscardedPicture[] {
    return [...this.#places].map(([where, { count, lastAt, why }]) => ({
      where,
      count,
      lastAt: localTime.stamp(lastAt),
      why,
    }));
  }
}
