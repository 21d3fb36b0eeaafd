import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';

/** The two ways into the namespace: each a pair of virtual interfaces with a network of its own. */
type Way = 'gateway' | 'platform';

interface Pair {
  readonly near: string;
  readonly far: string;
  readonly nearAddress: string;
  readonly farAddress: string;
}

/** Where a packet goes that is to vanish: an address of nobody, so that whoever receives it drops it. */
const nobody = '02:00:00:00:00:99';

/**
 * A network namespace for a broker, reached from here over two ways. On one way packets can be made to vanish in both
 * directions while both ends go on believing in their connections.
 */
export class OwnNetwork {
  readonly namespace: string;
  readonly #pairs: { readonly [way in Way]: Pair };

  private constructor(namespace: string, pairs: { readonly [way in Way]: Pair }) {
    this.namespace = namespace;
    this.#pairs = pairs;
  }

  /** Makes it; a string says which privilege or program lacks. */
  static start(): OwnNetwork | string {
    const number = randomInt(0, 64);
    const tag = `fl${process.pid % 100_000}`;
    const pairOf = (letter: string, net: number): Pair => ({
      near: `${tag}${letter}n`,
      far: `${tag}${letter}f`,
      // 198.18.0.0/15 is set aside for measuring networks (RFC 2544): no real one is in the way.
      nearAddress: `198.18.${number}.${net + 1}`,
      farAddress: `198.18.${number}.${net + 2}`,
    });
    const network = new OwnNetwork(`fenceline-${process.pid}`, { gateway: pairOf('g', 0), platform: pairOf('p', 4) });
    try {
      network.#make();
      return network;
    } catch (error) {
      network.stop();
      return `a network namespace cannot be made here (root and iproute2 are needed): ${(error as Error).message}`;
    }
  }

  #make(): void {
    const { namespace } = this;
    ip('netns', 'add', namespace);
    for (const { near, far, nearAddress, farAddress } of Object.values(this.#pairs)) {
      ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', namespace);
      ip('address', 'add', `${nearAddress}/30`, 'dev', near);
      ip('link', 'set', near, 'up');
      ip('-n', namespace, 'address', 'add', `${farAddress}/30`, 'dev', far);
      ip('-n', namespace, 'link', 'set', far, 'up');
    }
  }

  /** Address of the broker over this way. */
  address(way: Way): string {
    return this.#pairs[way].farAddress;
  }

  /** From now on every packet on the gateway's way vanishes, or does so no longer. */
  swallow(isSwallowing: boolean): void {
    const { near, far, nearAddress, farAddress } = this.#pairs.gateway;
    const verb = isSwallowing ? ['replace'] : ['delete'];
    const more = isSwallowing ? ['lladdr', nobody, 'nud', 'permanent'] : [];
    ip('neighbour', ...verb, farAddress, ...more, 'dev', near);
    ip('-n', this.namespace, 'neighbour', ...verb, nearAddress, ...more, 'dev', far);
  }

  stop(): void {
    try {
      ip('netns', 'delete', this.namespace);
    } catch {
      // It was never made.
    }
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
