/** What befalls a site at a moment, milliseconds from the beginning. `for`: how long, milliseconds. */
export type Mishap = { readonly at: number } & (
  | { readonly kind: 'node-network'; readonly node: number; readonly for: number }
  /** `cut`: the power goes in the middle of that operation on flash from then on, after so many bytes of it. */
  | {
      readonly kind: 'node-power';
      readonly node: number;
      readonly for: number;
      readonly cut: { readonly operation: number; readonly kept: number } | null;
    }
  | { readonly kind: 'node-reset'; readonly node: number }
  | { readonly kind: 'pubacks-lost'; readonly node: number; readonly count: number }
  | { readonly kind: 'messages-lost'; readonly node: number; readonly count: number }
  | { readonly kind: 'messages-twice'; readonly node: number; readonly count: number }
  | { readonly kind: 'haves-lost'; readonly node: number; readonly count: number }
  | { readonly kind: 'gateway-power'; readonly for: number }
  | { readonly kind: 'gateway-stop'; readonly for: number }
  | { readonly kind: 'uplink'; readonly for: number }
  | { readonly kind: 'receipts-lost'; readonly for: number }
  /** Nothing passes between a node and the gateway, and neither notices: what is sent comes later, or never. */
  | { readonly kind: 'node-stalls'; readonly node: number; readonly for: number }
  /** Somebody sets the machine's clock; NTP sets it right after a time. */
  | { readonly kind: 'clock-set'; readonly by: number; readonly for: number }
  /** NTP follows a server whose time is wrong, for a time. */
  | { readonly kind: 'ntp-wrong'; readonly by: number; readonly for: number }
  /** The box loses its power; it comes up with a clock that stood still, or knows nothing, and NTP is late. */
  | { readonly kind: 'box-power'; readonly for: number; readonly late: number; readonly isBlank: boolean }
  | { readonly kind: 'board-unplugged'; readonly for: number }
  | { readonly kind: 'meter-off'; readonly for: number }
  | { readonly kind: 'disk-full'; readonly for: number }
  /** The site file is changed: it does not name a node for a time, or asks the meter more often. */
  | { readonly kind: 'site-without-node'; readonly node: number; readonly for: number }
  | { readonly kind: 'site-asks-more'; readonly for: number }
  /** A firmware of the next version is on offer for a node. */
  | { readonly kind: 'firmware-offered'; readonly node: number }
);

export type MishapKind = Mishap['kind'];

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

type Random = () => number;

/** So long as outages are: from seconds to hours, each order of magnitude as often as the next. */
function duration(random: Random, least: number, most: number): number {
  return Math.round(least * (most / least) ** random());
}

const either = (random: Random, size: number): number => (random() < 0.5 ? -size : size);

const upTo = (random: Random, most: number): number => 1 + Math.floor(random() * most);

/** What each kind is like; rare ones have more between them. */
const makers: {
  readonly [Kind in MishapKind]: (
    random: Random,
    nodes: number,
  ) => Omit<Extract<Mishap, { kind: Kind }>, 'at' | 'kind'>;
} = {
  'node-network': (random, nodes) => ({ node: index(random, nodes), for: duration(random, 5 * second, 8 * hour) }),
  'node-power': (random, nodes) => ({
    node: index(random, nodes),
    for: duration(random, 200, 2 * hour),
    cut: random() < 0.5 ? { operation: upTo(random, 3), kept: Math.floor(random() * 600) } : null,
  }),
  'node-reset': (random, nodes) => ({ node: index(random, nodes) }),
  'pubacks-lost': (random, nodes) => ({ node: index(random, nodes), count: upTo(random, 6) }),
  'messages-lost': (random, nodes) => ({ node: index(random, nodes), count: upTo(random, 6) }),
  'messages-twice': (random, nodes) => ({ node: index(random, nodes), count: upTo(random, 10) }),
  'haves-lost': (random, nodes) => ({ node: index(random, nodes), count: upTo(random, 6) }),
  'gateway-power': (random) => ({ for: duration(random, second, 3 * hour) }),
  'gateway-stop': (random) => ({ for: duration(random, second, hour) }),
  uplink: (random) => ({ for: duration(random, second, 10 * hour) }),
  'receipts-lost': (random) => ({ for: duration(random, second, hour) }),
  'node-stalls': (random, nodes) => ({ node: index(random, nodes), for: duration(random, second, 10 * minute) }),
  'clock-set': (random) => ({
    by: either(random, duration(random, second, 10 * hour)),
    for: duration(random, second, hour),
  }),
  'ntp-wrong': (random) => ({
    by: either(random, duration(random, 2 * second, 3 * hour)),
    for: duration(random, 2 * minute, 2 * hour),
  }),
  'box-power': (random) => ({
    ...{ for: duration(random, second, 3 * hour), late: duration(random, second, hour), isBlank: random() < 0.5 },
  }),
  'board-unplugged': (random) => ({ for: duration(random, second, hour) }),
  'meter-off': (random) => ({ for: duration(random, second, hour) }),
  'disk-full': (random) => ({ for: duration(random, minute, 6 * hour) }),
  'site-without-node': (random, nodes) => ({ node: index(random, nodes), for: duration(random, 2 * minute, 6 * hour) }),
  'site-asks-more': (random) => ({ for: duration(random, minute, 3 * hour) }),
  'firmware-offered': (random, nodes) => ({ node: index(random, nodes) }),
};

export const mishapKinds = Object.keys(makers) as MishapKind[];

function index(random: Random, length: number): number {
  return Math.floor(random() * length);
}

export interface Chances {
  /** Milliseconds over which they are spread. */
  readonly within: number;
  /** Milliseconds from one to the next, on average. */
  readonly apart: number;
  readonly kinds: readonly MishapKind[];
  readonly nodes: number;
}

/** Mishaps by chance, in the order of time. */
export function randomMishaps(random: Random, { within, apart, kinds, nodes }: Chances): Mishap[] {
  const mishaps: Mishap[] = [];
  for (let at = 5 * minute; ; ) {
    at += Math.round(-Math.log(1 - random()) * apart);
    if (at >= within) return mishaps;
    const kind = kinds[index(random, kinds.length)] as MishapKind;
    const made = makers[kind](random, nodes);
    // Nothing lasts longer than half of it all.
    const lasting = 'for' in made ? { for: Math.min(made.for, within / 2) } : {};
    mishaps.push({ at, kind, ...made, ...lasting } as Mishap);
  }
}
