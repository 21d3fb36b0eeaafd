import type { LocalTime, Monotonic, WallTime } from '../../clock.ts';
import type { NodeEvent } from '../../driver/node/events.ts';
import type { NodePicture } from '../../http/nodes/node-picture.ts';
import type { NodeLinkEvent } from '../../link/nodes/node-link.ts';
import type { InstrumentDescription } from '../sources.ts';
import { NodeState } from './node-state.ts';

/** Nodes that are kept in mind beside those of the site: an account for each, and no more than a broker takes. */
const mostNodes = 200;

/** The current picture of all nodes: those that the site has instruments on, and whoever else has an account. */
export class AllNodes {
  readonly #states = new Map<string, NodeState>();

  constructor(instruments: readonly InstrumentDescription[]) {
    const nodes = new Map<string, { link: string; ids: string[] }>();
    for (const { id, link, node } of instruments) {
      if (node === undefined) continue;
      const known = nodes.get(node) ?? { link, ids: [] };
      nodes.set(node, { ...known, ids: [...known.ids, id] });
    }
    for (const [node, { link, ids }] of nodes) this.#states.set(node, new NodeState(node, link, ids));
  }

  /** Nodes of the site's instruments that are not connected. */
  get away(): string[] {
    return [...this.#states].flatMap(([id, state]) => (state.isSound ? [] : [id]));
  }

  event(
    event:
      | Exclude<NodeEvent, { kind: 'node-offers-fault' }>
      | Extract<NodeLinkEvent, { kind: 'node-connected' | 'node-disconnected' }>,
    at: Monotonic,
  ): void {
    const state = this.#of(event.node, 'link' in event ? event.link : '');
    if (event.kind === 'node-connected' || event.kind === 'node-disconnected') state?.presence(event, at);
    else state?.event(event, at);
  }

  /** Nobody is connected by a link that is down. */
  linkClosed(link: string, at: Monotonic): void {
    for (const [node, state] of this.#states) {
      if (!state.isAt(link)) continue;
      state.presence({ kind: 'node-disconnected', link, node, why: 'the gateway’s own side of the link is down' }, at);
    }
  }

  picture(now: Monotonic, wall: WallTime, localTime: LocalTime): NodePicture[] {
    return [...this.#states.values()].map((state) => state.picture(now, wall, localTime));
  }

  #of(node: string, link: string): NodeState | undefined {
    const known = this.#states.get(node);
    if (known || this.#states.size >= mostNodes) return known;
    const made = new NodeState(node, link, []);
    this.#states.set(node, made);
    return made;
  }
}
