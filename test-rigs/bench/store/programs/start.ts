import { childPlan, serveParent } from '../../measure/child-program.ts';
import { benchStore } from '../bench-store.ts';

export interface StartPlan {
  readonly directory: string;
}

/** Milliseconds until the store was open, and until the first span for an uplink was there. */
export interface StartFigures {
  readonly openMs: number;
  readonly firstSpanMs: number;
}

const { directory } = childPlan<StartPlan>();
const began = performance.now();
const store = await benchStore(directory);
const openMs = performance.now() - began;
const span = await store.pending('district', 100, []);
if (span === null) throw new Error('the store holds nothing');
const figures: StartFigures = { openMs, firstSpanMs: performance.now() - began };
serveParent({ ready: figures, answers: {}, end: () => store.close() });
