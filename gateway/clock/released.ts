import type { WallTime } from '../clock.ts';

/**
 * No earlier moment can be now: this software was not there before it. Moved forward with every release; a clock that
 * shows less is certainly wrong, whoever vouches for it.
 */
export const releasedAt = Date.UTC(2026, 10, 1) as WallTime;
