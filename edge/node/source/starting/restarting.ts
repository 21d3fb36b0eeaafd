import type { Core } from '../core.ts';
import { writeBoots } from '../keeping/boots-writing.ts';

/** Keeps what is in RAM, also of the period that is not over, and why; and restarts. */
export function restart(core: Core, why: string): void {
  core.measuring.advance(true);
  if (core.kept.ring.length > 0) section<typeof import('../keeping/spilling.ts')>('keeping/spilling').spill(core.kept);
  // A restart takes no time worth speaking of, so the time is known after it as well.
  const { zero } = core.kept;
  core.kept.why = zero === undefined ? why : `${why}@${zero + core.hardware.uptime()}`;
  writeBoots(core.kept);
  node.restart();
}
