import { seededRandom } from '../stories/seeded-random.ts';
import { type Life, Lives, type Mistakes } from './lives.ts';
import { Tally } from './tally.ts';

interface TortureOptions {
  /** Decides every choice; the gateway's own timing stays its own. */
  readonly seed: number;
  readonly kills: number;
  readonly cuts: number;
  /** No life begins after so many milliseconds. */
  readonly within?: number;
  readonly mistakes?: Mistakes;
  /** Lives on one site; then another begins with nothing (30). */
  readonly livesOfOneSite?: number;
  /** Cuts that are looked at after one life (5). */
  readonly cutsOfOneLife?: number;
  /** The shortest and the longest life, milliseconds: starting takes about 1 s, so a life of less ends while it starts. */
  readonly lived?: readonly [number, number];
  /** Counts a life from the first commit that it tells of, however long the gateway takes to start. */
  readonly isLivedFromCommit?: boolean;
  /** Told after every life. */
  readonly say?: (life: Life, tally: Tally) => void;
}

/**
 * Starts the real gateway, with simulated instruments and the platform, again and again, while the broker comes and
 * goes; each life ends in a SIGKILL, or in a power cut that leaves the site directory in any legal state. At the end of
 * each site lets it run in peace, and compares what it told, what its store holds and what the platform has. Ends early
 * when something is wrong, or the time is over.
 */
export async function torture(options: TortureOptions): Promise<Tally> {
  const { seed, kills, cuts, within = Number.POSITIVE_INFINITY, mistakes = {} } = options;
  const { livesOfOneSite = 30, cutsOfOneLife = 5, lived = [100, 2600], isLivedFromCommit = false } = options;
  const tally = new Tally();
  const random = seededRandom(seed);
  const end = performance.now() + within;
  const isOver = (): boolean =>
    (tally.kills >= kills && tally.powerCuts >= cuts) || performance.now() > end || !tally.isSound;
  while (!isOver()) {
    await using lives = await Lives.begin({ tally, random, mistakes, lived, isLivedFromCommit });
    for (let life = 0; life < livesOfOneSite && !isOver(); life++) {
      const [killsLeft, cutsLeft] = [kills - tally.kills, cuts - tally.powerCuts];
      const isKill = random() * (killsLeft + cutsLeft / cutsOfOneLife) < killsLeft;
      const ended = isKill
        ? await lives.killed()
        : await lives.cut(random() < 0.5 ? 'prefix' : 'reordered', Math.min(cutsLeft, cutsOfOneLife));
      options.say?.(ended, tally);
    }
    // A mistake that is made on purpose is found in the cuts.
    if (options.mistakes === undefined) await lives.account();
  }
  return tally;
}
