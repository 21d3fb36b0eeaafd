import type { Raw } from '../../../../device-profiles/decode.ts';
import type { FirmataPoint } from '../../../../device-profiles/profile.ts';
import type { Monotonic } from '../../../clock.ts';
import type { Mark } from '../../../reading/reading.ts';

/**
 * What an input says of the time since its stretch began: the raw value of its point, or why there is none; `no-news` where
 * it makes new values less often than it is asked, and the last one is told already.
 */
export type Taken = { readonly raw: Raw } | { readonly mark: Mark } | 'no-news';

/**
 * What hangs on a board for one point, from the opening of the board to its loss: nothing of it outlives that, so nothing
 * from before is ever told again.
 */
export interface Input {
  readonly point: FirmataPoint;
  /** Looks at the time up to now; may be asked again. */
  look(now: Monotonic): Taken;
  /** A new stretch of time begins. */
  restart(): void;
  stop(): void;
}

/** The input is not ready yet: no window is full, nothing was measured. */
export const notReady: Taken = { mark: { flag: 'D', reason: 'warm-up', basis: 'observed' } };
/** The board is there, and what it should send of this input has ceased to come. */
export const nothingSent: Taken = { mark: { flag: 'B', reason: 'not-sent', basis: 'observed' } };
