import type { LocalTime, WallTime } from '../../clock.ts';
import type { NodesPicture } from '../../http/nodes/nodes-picture.ts';
import type { NodeLinkEvent } from '../../link/nodes/node-link.ts';

type Told<Kind extends NodeLinkEvent['kind']> = Extract<NodeLinkEvent, { readonly kind: Kind }>;

/** Kinds of turning away that are kept apart, and for how long they are shown, milliseconds. */
const mostTurnedAway = 12;
const showTurnedAway = 86_400_000;
/** A node without an account says hello every 30 s. */
const showFresh = 120_000;
const mostFresh = 16;

/** Who is at one broker for nodes, as its link has told. */
export class NodesState {
  readonly #connected = new Map<string, Told<'node-connected'> & { readonly at: WallTime }>();
  readonly #fresh = new Map<string, Told<'new-node'> & { readonly at: WallTime }>();
  readonly #turnedAway = new Map<string, { event: Told<'node-turned-away'>; count: number; at: WallTime }>();

  event(event: NodeLinkEvent, at: WallTime): void {
    switch (event.kind) {
      case 'link-opened':
        break;
      case 'link-closed':
        this.#connected.clear();
        this.#fresh.clear();
        break;
      case 'node-connected':
        this.#connected.set(event.node, { ...event, at });
        for (const [chip] of this.#fresh) if (chip === event.chip) this.#fresh.delete(chip);
        break;
      case 'node-adopted':
        this.#fresh.delete(event.chip);
        break;
      case 'node-disconnected':
        this.#connected.delete(event.node);
        break;
      case 'new-node':
        this.#fresh.delete(event.chip);
        this.#fresh.set(event.chip, { ...event, at });
        forgetOldest(this.#fresh, mostFresh);
        break;
      case 'node-turned-away':
        this.#turn(event, at);
        break;
    }
  }

  picture(now: WallTime, localTime: LocalTime): NodesPicture {
    const isRecent = (at: WallTime, within: number): boolean => Math.abs(now - at) < within;
    return {
      connected: [...this.#connected.values()]
        .map(({ node, chip, address, at }) => ({ node, chip, address, since: localTime.stamp(at) }))
        .sort((one, other) => (one.node < other.node ? -1 : 1)),
      fresh: [...this.#fresh.values()]
        .filter(({ at }) => isRecent(at, showFresh))
        .map(({ chip, type, version, address, at }) => ({
          chip,
          type,
          version,
          address,
          heardAt: localTime.stamp(at),
        })),
      turnedAway: [...this.#turnedAway.values()]
        .filter(({ at }) => isRecent(at, showTurnedAway))
        .reverse()
        .map(({ event: { why, node, chip, address }, count, at }) => ({
          ...{ why, node, chip, address, count },
          last: localTime.stamp(at),
        })),
    };
  }

  #turn(event: Told<'node-turned-away'>, at: WallTime): void {
    const key = `${event.why} ${event.address} ${event.node}`;
    const count = (this.#turnedAway.get(key)?.count ?? 0) + event.count;
    this.#turnedAway.delete(key);
    this.#turnedAway.set(key, { event, count, at });
    forgetOldest(this.#turnedAway, mostTurnedAway);
  }
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  const oldest = map.keys().next();
  if (map.size > most && !oldest.done) map.delete(oldest.value);
}
