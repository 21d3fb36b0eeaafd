import type { Clock, Monotonic } from '../../../clock.ts';
import type { NodeEvent, NodeTrouble } from '../events.ts';

/** The same trouble of a node is not told more often, milliseconds: a flood of nonsense must not become one of words. */
const tellEvery = 10_000;

/** Tells of what is wrong with one node's messages, counted. */
export class NodeTroubles {
  readonly #link: string;
  readonly #node: string;
  readonly #clock: Clock;
  readonly #observe: (event: NodeEvent) => void;
  readonly #told = new Map<NodeTrouble, { at: Monotonic; untold: number }>();

  constructor(link: string, node: string, clock: Clock, observe: (event: NodeEvent) => void) {
    this.#link = link;
    this.#node = node;
    this.#clock = clock;
    this.#observe = observe;
  }

  tell(trouble: NodeTrouble, message: string, count = 1): void {
    const now = this.#clock.monotonic();
    const told = this.#told.get(trouble);
    if (told !== undefined && now - told.at < tellEvery) {
      told.untold += count;
      return;
    }
    const all = count + (told?.untold ?? 0);
    this.#told.set(trouble, { at: now, untold: 0 });
    this.#observe({ kind: 'node-trouble', link: this.#link, node: this.#node, trouble, message, count: all });
  }
}
