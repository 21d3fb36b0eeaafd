import type { Raw } from '../../../../device-profiles/decode.ts';
import type { FirmataPoint } from '../../../../device-profiles/profile.ts';
import type { Monotonic } from '../../../clock.ts';
import type { Mark } from '../../../reading/reading.ts';

/** What an input says of the time since its stretch began: the raw value of its point, or why there is none. */
export type Taken = { readonly raw: Raw } | { readonly mark: Mark };

/**
 * What hangs on a board for one point, from the opening of the board to its loss: nothing of it outlives that, so nothing
 * from before is ever told again.
 */
export interface Input {
  readonly point: FirmataPoint;
  /** Looks at the time up to now; may be asked again. */
  look(now: Monotonic): Taken | Promise<Taken>;
  /** A new stretch of time begins. */
  restart(now: Monotonic): void;
  stop(): void;
}

/** The input is not ready yet: no level has stood long enough, no window is full. */
export const notReady: Taken = { mark: { flag: 'D', reason: 'warm-up', basis: 'observed' } };
/** Samples of a channel have ceased to come from a board that is there. */
export const nothingSent: Taken = { mark: { flag: 'B', reason: 'not-sent', basis: 'observed' } };
