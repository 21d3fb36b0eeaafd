import { type Account, accountOf } from '../gateway-process/account.ts';
import { GatewayProcess } from '../gateway-process/gateway-process.ts';
import { readStored } from '../gateway-process/stored.ts';
import { Platform } from '../platform/platform.ts';
import { ProcessSite, wait } from '../stories/process-site.ts';
import { AedesBroker } from '../surroundings/aedes-broker.ts';
import type { DiskFaults } from '../surroundings/power-cut/disk-switches.ts';
import type { Deed } from '../surroundings/power-cut/journal.ts';
import type { Rules } from '../surroundings/power-cut/legal-state.ts';
import { type Cut, PowerCut } from '../surroundings/power-cut/power-cut.ts';
import { cutFindings } from './cut-check.ts';
import type { Tally } from './tally.ts';

/** What is made wrong on purpose, to see it found. */
export interface Mistakes {
  /** A module that the gateway's Node loads first. */
  readonly mutation?: string;
  /** Faults of the disk under lives that end in a cut. */
  readonly disk?: DiskFaults;
}

/** One life of the gateway. */
export interface Life {
  readonly end: 'kill' | Rules;
  /** Milliseconds to its end, from its start or its first commit. */
  readonly lived: number;
  readonly isBrokerThere: boolean;
}

/** The descriptor on which `GatewayProcess` reads the ledger. */
const ledgerDescriptor = 3;

/** One site with instruments, broker and platform of its own, and the lives that the gateway has on it. */
export class Lives {
  readonly #broker: AedesBroker;
  readonly #platform: Platform;
  readonly #site: ProcessSite;
  readonly #options: LivesOptions;
  readonly #tally: Tally;
  readonly #random: () => number;

  private constructor(parts: { broker: AedesBroker; platform: Platform; site: ProcessSite }, options: LivesOptions) {
    this.#broker = parts.broker;
    this.#platform = parts.platform;
    this.#site = parts.site;
    this.#options = options;
    this.#tally = options.tally;
    this.#random = options.random;
  }

  static async begin(options: LivesOptions): Promise<Lives> {
    const broker = await AedesBroker.start();
    const platform = new Platform({ url: broker.url, protocol: '3.1.1' });
    const site = await ProcessSite.start(broker.url);
    await platform.start();
    return new Lives({ broker, platform, site }, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#site[Symbol.asyncDispose]();
    await this.#platform.stop();
    await this.#broker.stop();
  }

  /** A life that ends in SIGKILL; the next one finds the directory as the kernel has it. */
  async killed(): Promise<Life> {
    const life = await this.#life({}, 'kill');
    this.#tally.kills++;
    return life;
  }

  /**
   * A life that ends in a power cut; the next one finds one legal state of the directory. `cuts` states are looked at:
   * that one, and others at moments before, of which each would have been a cut as well.
   */
  async cut(rules: Rules, cuts: number): Promise<Life> {
    const { directory, ledger } = this.#site;
    using disk = PowerCut.follow(directory, { told: ledgerDescriptor });
    disk.switches.turn(this.#options.mistakes.disk ?? {});
    const before = new Map(ledger.hashes);
    const life = await this.#life(disk.environment, rules);
    const look = async (how: Cut): Promise<void> => {
      this.#tally.addCut(await cutFindings(disk, how, { before, ever: ledger.hashes }));
    };
    for (let earlier = 1; earlier < cuts && this.#tally.isSound; earlier++) {
      const after = momentOf(disk.deeds, this.#random);
      await look({ rules: this.#random() < 0.5 ? 'prefix' : 'reordered', random: this.#random, after });
    }
    disk.cut({ rules, random: this.#random });
    this.#tally.powerCuts++;
    return life;
  }

  async #life(environment: { readonly [name: string]: string }, end: Life['end']): Promise<Life> {
    const random = this.#random;
    if (random() < 0.5) await this.#broker.cut();
    else await this.#broker.restore();
    const {
      lived: [shortest, longest],
      isLivedFromCommit,
    } = this.#options;
    const lived = shortest + random() * (longest - shortest);
    const turn = random();
    const gateway = this.#launched(environment);
    let over = false;
    void gateway.exited.then(() => {
      over = true;
    });
    if (isLivedFromCommit) await Promise.race([this.#site.ledger.next('records'), gateway.exited]);
    await wait(lived * turn);
    // The broker changes its mind once in a life.
    if (this.#broker.isCut) await this.#broker.restore();
    else await this.#broker.cut();
    await wait(lived * (1 - turn));
    if (over) this.#tally.wrong.push(`the gateway ended by itself (${await gateway.exited}):\n${said(gateway)}`);
    await gateway.kill();
    return { end, lived, isBrokerThere: !this.#broker.isCut };
  }

  #launched(environment: { readonly [name: string]: string }): GatewayProcess {
    const { mutation } = this.#options.mistakes;
    const nodeOptions = mutation === undefined ? [] : [`--import=${mutation}`];
    const { directory, ledger } = this.#site;
    return GatewayProcess.launch({ directory, ledger, drain: '20s', nodeOptions, environment });
  }

  /** Lets it run in peace until the platform has everything, and compares what was told, what is stored and what came. */
  async account(): Promise<void> {
    await this.#broker.restore();
    if (this.#tally.wrong.length === 0) await this.#inPeace();
    const { ledger, directory } = this.#site;
    const stored = await readStored(directory).catch((error: unknown) => {
      this.#tally.wrong.push(`the store cannot be read: ${error instanceof Error ? error.message : error}`);
      return { hashes: new Map<string, string>(), breaks: [] };
    });
    const account = accountOf(ledger, this.#platform);
    const inStore = againstStore(ledger.hashes, stored.hashes);
    const chainBreaks = this.#platform.audit().chainBreaks.length;
    this.#tally.committed += ledger.size;
    this.#tally.lost += Math.max(account.missing, inStore.missing);
    this.#tally.conflicts += account.conflicts + inStore.conflicts;
    this.#tally.chainBreaks += chainBreaks + stored.breaks.length;
    const others = account.faults - chainBreaks;
    if (others > 0) this.#tally.wrong.push(`${others} messages were altered, malformed or signed with another key`);
    const epochs = new Set([...ledger.hashes.keys()].map((key) => key.split(' ')[1]));
    if (epochs.size > 1) this.#tally.wrong.push(`the store began anew: ${[...epochs].join(', ')}`);
  }

  async #inPeace(): Promise<void> {
    using disk = PowerCut.follow(this.#site.directory);
    const gateway = this.#launched(disk.environment);
    const end = performance.now() + 30_000;
    const isOver = gateway.exited.then(() => true);
    const more = this.#site.ledger.size + 5;
    while (performance.now() < end) {
      if (await Promise.race([isOver, wait(100).then(() => false)])) break;
      if (this.#site.ledger.size > more && accountOf(this.#site.ledger, this.#platform).missing < 20) break;
    }
    const code = await gateway.stop();
    if (code !== 0) this.#tally.wrong.push(`the last gateway ended with ${code}:\n${said(gateway)}`);
    for (const place of disk.unseen()) this.#tally.wrong.push(`written past the shim, so cuts prove nothing: ${place}`);
  }
}

interface LivesOptions {
  readonly tally: Tally;
  readonly random: () => number;
  readonly mistakes: Mistakes;
  /** The shortest and the longest life, milliseconds. */
  readonly lived: readonly [number, number];
  /** Whether that counts from the first commit that a life tells of, or from its start. */
  readonly isLivedFromCommit: boolean;
}

/** Any moment; as often right after something was told, the first of it above all: then a missing sync costs most. */
function momentOf(deeds: readonly Deed[], random: () => number): number {
  const told = deeds.flatMap(({ kind }, index) => (kind === 'told' ? [index + 1] : []));
  const draw = random();
  const [first] = told;
  if (first === undefined || draw < 0.5) return Math.floor(random() * (deeds.length + 1));
  return draw < 0.75 ? first : (told[Math.floor(random() * told.length)] ?? first);
}

const said = (gateway: GatewayProcess): string => gateway.log.slice(-20).join('\n');

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
