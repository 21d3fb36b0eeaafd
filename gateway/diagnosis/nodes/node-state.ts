import type { LocalTime, Monotonic, WallTime } from '../../clock.ts';
import type { NodeEvent, NodeTrouble } from '../../driver/node/events.ts';
import type { NodePicture } from '../../http/nodes/node-picture.ts';
import type { NodeLinkEvent } from '../../link/nodes/node-link.ts';

type Told = Extract<NodeEvent, { kind: 'node-health' }>;
type Offer = Extract<NodeEvent, { kind: 'node-offer' }>;
type Presence = Extract<NodeLinkEvent, { kind: 'node-connected' | 'node-disconnected' }>;

/** A trouble that did not come again for so long is shown no longer, milliseconds. */
const showTrouble = 86_400_000;

/** The current picture of one node. */
export class NodeState {
  readonly #id: string;
  #link: string;
  readonly #instruments: readonly string[];
  #connected = false;
  #since: Monotonic | null = null;
  #chipId: string | null = null;
  #address: string | null = null;
  #why: string | null = null;
  #told: Told | null = null;
  /** Rows that it had dropped when it was first heard. */
  #droppedBefore: number | null = null;
  readonly #troubles = new Map<NodeTrouble, { count: number; at: Monotonic; message: string }>();
  #offer: Offer | null = null;

  constructor(id: string, link: string, instruments: readonly string[]) {
    this.#id = id;
    this.#link = link;
    this.#instruments = instruments;
  }

  /** False for one that the site has instruments on and that is away. */
  get isSound(): boolean {
    return this.#connected || this.#instruments.length === 0;
  }

  /** Connected by that link. */
  isAt(link: string): boolean {
    return this.#connected && this.#link === link;
  }

  presence(event: Presence, at: Monotonic): void {
    this.#link = event.link;
    const connected = event.kind === 'node-connected';
    // A chip that comes again takes the place of its own connection.
    if (connected !== this.#connected || this.#since === null) this.#since = at;
    this.#connected = connected;
    if (event.kind === 'node-connected') {
      this.#chipId = event.chip;
      this.#address = event.address;
      this.#why = null;
    } else this.#why = event.why;
  }

  event(event: Exclude<NodeEvent, { kind: 'node-offers-fault' }>, at: Monotonic): void {
    switch (event.kind) {
      case 'node-health':
        this.#link = event.link;
        this.#told = event;
        this.#droppedBefore ??= event.hello.dropped;
        break;
      case 'node-trouble': {
        const { trouble, message } = event;
        const known = this.#troubles.get(trouble);
        const before = known !== undefined && at - known.at < showTrouble ? known.count : 0;
        this.#troubles.set(trouble, { count: before + event.count, at, message: message.slice(0, 300) });
        break;
      }
      case 'node-offer':
        this.#offer = event;
        break;
    }
  }

  picture(now: Monotonic, wall: WallTime, localTime: LocalTime): NodePicture {
    // By the monotonic clock, so that a time that is set later moves none of them apart.
    const stamp = (at: number): string => localTime.stamp(Math.round(wall - (now - at)) as WallTime);
    const { update = null, configuration = null } = this.#offer ?? {};
    const offered = (at: number): string => localTime.stamp(at as WallTime);
    return {
      id: this.#id,
      link: this.#link,
      instruments: [...this.#instruments],
      connected: this.#connected,
      since: this.#since === null ? null : stamp(this.#since),
      chipId: this.#chipId,
      address: this.#address,
      why: this.#why,
      health: this.#health(stamp),
      droppedSince: Math.max(0, (this.#told?.hello.dropped ?? 0) - (this.#droppedBefore ?? 0)),
      troubles: [...this.#troubles]
        .filter(([, { at }]) => now - at < showTrouble)
        .map(([trouble, { count, at, message }]) => ({ ...{ trouble, count, message }, at: stamp(at) })),
      update: update && { ...update, at: offered(update.at) },
      configuration: configuration && {
        ...{ ...configuration, fields: [...configuration.fields] },
        at: offered(configuration.at),
      },
    };
  }

  #health(stamp: (at: number) => string): NodePicture['health'] {
    if (this.#told === null) return null;
    const { at, hello } = this.#told;
    const { uptime, boots, ...others } = hello;
    return { ...others, boots: [...boots], at: stamp(at), startedAt: stamp(at - uptime * 1000) };
  }
}
