import type { SeqRanges } from '../../record/seq-set.ts';
import type { Span, Store } from '../../store/port.ts';
import type { Stretch } from './suspects.ts';

type Except = { readonly stream: Stretch['stream']; readonly epoch: string; readonly ranges: SeqRanges };

const last = Number.MAX_SAFE_INTEGER;
/** Epochs that may be in the way: a site has few. */
const mostEpochs = 64;

/**
 * What the store still holds of one stretch for an uplink, from its first such entry on; null when nothing of it is
 * held any more. The store offers its oldest, so everything else is named as being under way.
 */
export async function stretchOfStore(store: Store, uplink: string, wanted: Stretch): Promise<Span | null> {
  const { stream, epoch, from, to } = wanted;
  const before: SeqRanges = from > 1 ? [[1, from - 1]] : [];
  const except: Except[] = [{ stream, epoch, ranges: [...before, [to + 1, last]] }];
  for (let tries = 0; tries < mostEpochs; tries++) {
    const span = await store.pending(uplink, to - from + 1, except);
    if (span === null || (span.stream === stream && span.epoch === epoch)) return span;
    except.push({ stream: span.stream, epoch: span.epoch, ranges: [[1, last]] });
  }
  return null;
}
