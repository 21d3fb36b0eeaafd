/** Over so long it is judged whether the line keeps up, milliseconds. */
const window = 10_000;
/** Milliseconds between two words about the same overload. */
const tellEvery = 60_000;
/** A line that is held back for less than this share of the time keeps up. */
const tolerated = 0.01;

/** Whether a line can carry what it is asked for; says when to tell. */
export class Load {
  #windowBegan: number;
  #heldBackThen = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #overloaded = false;

  constructor(now: number) {
    this.#windowBegan = now;
  }

  /** More than the line can carry was reckoned, and told, before the start; what is measured then is news all the same. */
  noteExpected(): void {
    this.#overloaded = true;
  }

  /**
   * Looks at what was measured: the share of the line's time that is asked for, and how long the schedule has been held
   * back in all. True when it is time to tell: an overload, the same again after a while, or its end.
   */
  isNews(needed: number, heldBack: number, now: number): boolean {
    const span = now - this.#windowBegan;
    if (span < window) return false;
    const keepsUp = heldBack - this.#heldBackThen < span * tolerated;
    this.#windowBegan = now;
    this.#heldBackThen = heldBack;
    if (needed > 1 && !keepsUp) {
      const news = !this.#overloaded || now - this.#toldAt >= tellEvery;
      this.#overloaded = true;
      if (news) this.#toldAt = now;
      return news;
    }
    const ends = this.#overloaded && needed <= 1 && keepsUp;
    if (ends) this.#overloaded = false;
    return ends;
  }
}
