import { type Account, accountOf } from '../gateway-process/account.ts';
import { GatewayProcess } from '../gateway-process/gateway-process.ts';
import { readStored } from '../gateway-process/stored.ts';
import { Platform } from '../platform/platform.ts';
import { ProcessSite, wait } from '../stories/process-site.ts';
import { seededRandom } from '../stories/seeded-random.ts';
import { AedesBroker } from '../surroundings/aedes-broker.ts';
import type { Rules } from '../surroundings/power-cut/legal-state.ts';
import { PowerCut } from '../surroundings/power-cut/power-cut.ts';

export interface TortureOptions {
  /** Decides every choice; the gateway's own timing stays its own. */
  readonly seed: number;
  readonly kills: number;
  readonly cuts: number;
  /** No round begins after so many milliseconds. */
  readonly within?: number;
  /** A module that the gateway's Node loads first, to make a mistake on purpose. */
  readonly mutation?: string;
  /** Told after every round. */
  readonly say?: (round: Round) => void;
}

/** One life of the gateway. */
export interface Round {
  readonly number: number;
  readonly end: 'kill' | Rules;
  /** Milliseconds from its start to its end. */
  readonly lived: number;
  readonly isBrokerThere: boolean;
  /** Entries it has told as committed, in all rounds. */
  readonly committed: number;
  /** What is wrong already; the round before it made it so. */
  readonly wrong: string | null;
}

/** What came of it. `lost`, `conflicts` and `chainBreaks` are to be 0, and `wrong` empty. */
export interface TortureOutcome {
  readonly seed: number;
  readonly kills: number;
  readonly powerCuts: number;
  /** Entries the gateway told as committed. */
  readonly committed: number;
  /** Told as committed, and not in the store or not at the platform. */
  readonly lost: number;
  /** One key with two hashes, between any of ledger, store and platform. */
  readonly conflicts: number;
  /** Places where entries do not follow from each other, in the store or at the platform. */
  readonly chainBreaks: number;
  /** Epochs that were told of: 1 unless the store had to begin anew. */
  readonly epochs: number;
  /** Anything else that must not be: a start that was refused, signatures, malformed messages, a drain without end. */
  readonly wrong: readonly string[];
}

export const isSound = ({ committed, lost, conflicts, chainBreaks, wrong }: TortureOutcome): boolean =>
  committed > 0 && lost + conflicts + chainBreaks + wrong.length === 0;

/** Milliseconds: starting takes about 1 s, so a life of less ends while the gateway opens its store. */
const [shortestLife, longestLife] = [100, 2600];

/**
 * Starts the real gateway, with simulated instruments and the platform, again and again, while the broker comes and
 * goes; each life ends in a SIGKILL, or in a power cut that leaves the site directory in any legal state. Then lets it
 * run in peace, and compares what it told, what its store holds and what the platform has.
 */
export async function torture(options: TortureOptions): Promise<TortureOutcome> {
  const broker = await AedesBroker.start();
  const platform = new Platform({ url: broker.url, protocol: '3.1.1' });
  await using site = await ProcessSite.start(broker.url);
  await platform.start();
  try {
    const lives = new Lives(options, broker, site);
    await lives.all();
    await broker.restore();
    if (lives.wrong.length === 0) await lives.inPeace(platform);
    return await compared(lives, platform);
  } finally {
    await platform.stop();
    await broker.stop();
  }
}

class Lives {
  readonly options: TortureOptions;
  readonly site: ProcessSite;
  readonly wrong: string[] = [];
  kills = 0;
  powerCuts = 0;
  readonly #broker: AedesBroker;
  readonly #random: () => number;

  constructor(options: TortureOptions, broker: AedesBroker, site: ProcessSite) {
    this.options = options;
    this.site = site;
    this.#broker = broker;
    this.#random = seededRandom(options.seed);
  }

  /** Ends early when the time is over, or when the gateway does not start any more. */
  async all(): Promise<void> {
    const { kills, cuts, within = Number.POSITIVE_INFINITY } = this.options;
    const end = performance.now() + within;
    while (this.kills + this.powerCuts < kills + cuts && performance.now() < end && this.wrong.length === 0) {
      const [killsLeft, cutsLeft] = [kills - this.kills, cuts - this.powerCuts];
      if (this.#random() * (killsLeft + cutsLeft) < killsLeft) await this.#killed();
      else await this.#cut(this.#random() < 0.5 ? 'prefix' : 'reordered');
    }
  }

  async #killed(): Promise<void> {
    await this.#life({}, 'kill');
    this.kills++;
  }

  async #cut(rules: Rules): Promise<void> {
    using disk = PowerCut.follow(this.site.directory);
    await this.#life(disk.environment, rules);
    disk.cut({ rules, random: this.#random });
    this.powerCuts++;
  }

  async #life(environment: { readonly [name: string]: string }, end: Round['end']): Promise<void> {
    const random = this.#random;
    if (random() < 0.5) await this.#broker.cut();
    else await this.#broker.restore();
    const lived = shortestLife + random() * (longestLife - shortestLife);
    const turn = random();
    const gateway = this.#launched(environment);
    let over = false;
    void gateway.exited.then(() => {
      over = true;
    });
    await wait(lived * turn);
    // The broker changes its mind once in a life.
    if (this.#broker.isCut) await this.#broker.restore();
    else await this.#broker.cut();
    await wait(lived * (1 - turn));
    if (over) this.wrong.push(`the gateway ended by itself (${await gateway.exited}):\n${gateway.log.join('\n')}`);
    await gateway.kill();
    const [contradiction] = this.site.ledger.contradictions;
    this.options.say?.({
      ...{ number: this.kills + this.powerCuts + 1, end, lived, isBrokerThere: !this.#broker.isCut },
      committed: this.site.ledger.size,
      wrong: this.wrong[0] ?? (contradiction === undefined ? null : `two entries have the key ${contradiction}`),
    });
  }

  #launched(environment: { readonly [name: string]: string }): GatewayProcess {
    const { mutation } = this.options;
    const nodeOptions = mutation === undefined ? [] : [`--import=${mutation}`];
    const { directory, ledger } = this.site;
    return GatewayProcess.launch({ directory, ledger, drain: '20s', nodeOptions, environment });
  }

  /** The last life: until the platform has everything, or half a minute. */
  async inPeace(platform: Platform): Promise<void> {
    const gateway = this.#launched({});
    const end = performance.now() + 30_000;
    const isOver = gateway.exited.then(() => true);
    const more = this.site.ledger.size + 20;
    while (performance.now() < end) {
      if (await Promise.race([isOver, wait(250).then(() => false)])) break;
      if (this.site.ledger.size > more && accountOf(this.site.ledger, platform).missing < 20) break;
    }
    const code = await gateway.stop();
    if (code !== 0) this.wrong.push(`the last gateway ended with ${code}:\n${gateway.log.join('\n')}`);
  }
}

async function compared(
  { options, site, kills, powerCuts, wrong }: Lives,
  platform: Platform,
): Promise<TortureOutcome> {
  const { ledger } = site;
  const account = accountOf(ledger, platform);
  const audit = platform.audit();
  const stored = await readStored(site.directory).catch((error: unknown) => {
    wrong.push(`the store cannot be read: ${error instanceof Error ? error.message : error}`);
    return { hashes: new Map<string, string>(), breaks: [] };
  });
  const inStore = againstStore(ledger.hashes, stored.hashes);
  wrong.push(...otherFaults(account, audit.chainBreaks.length));
  return {
    ...{ seed: options.seed, kills, powerCuts, committed: ledger.size },
    lost: Math.max(account.missing, inStore.missing),
    conflicts: account.conflicts + inStore.conflicts,
    chainBreaks: audit.chainBreaks.length + stored.breaks.length,
    epochs: new Set([...ledger.hashes.keys()].map((key) => key.split(' ')[1])).size,
    wrong,
  };
}

function againstStore(
  told: ReadonlyMap<string, string>,
  held: ReadonlyMap<string, string>,
): Pick<Account, 'missing' | 'conflicts'> {
  let [missing, conflicts] = [0, 0];
  for (const [key, hash] of told) {
    const there = held.get(key);
    if (there === undefined) missing++;
    else if (there !== hash) conflicts++;
  }
  return { missing, conflicts };
}

function otherFaults({ faults }: Account, chainBreaks: number): string[] {
  const others = faults - chainBreaks;
  return others === 0 ? [] : [`${others} messages were altered, malformed or signed with another key`];
}
