import type { Master } from './scene.ts';

export interface PartOptions {
  /** Shorter and fewer turns: to see that it works, not to quote. */
  readonly quick: boolean;
  /** Turns of each; the median counts. */
  readonly rounds: number;
  /** Who is measured; Node-RED only where it could be installed. */
  readonly masters: readonly Master[];
  /** Scenes that run side by side where time is waited for and not measured. */
  readonly sideBySide: number;
}

/** What a part found: for people, and as named numbers. */
export interface PartResult {
  readonly text: string;
  readonly figures: Readonly<Record<string, unknown>>;
}
