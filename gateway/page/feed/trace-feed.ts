import type { TracePicture } from '../../http/picture.ts';

/** Milliseconds between two looks at what went over a line. */
const lookEvery = 2000;
/** Transactions that are asked for, and shown. */
export const mostShown = 50;

interface TraceListener {
  /** The newest transactions, those that were known before among them, newest last. */
  trace(trace: TracePicture): void;
  /** The gateway could not be asked; it is tried again. */
  failed(): void;
}

/**
 * Follows the transactions of a line while somebody looks: asks every two seconds, not while the page is hidden, and at
 * once when it is seen again. Returns how to stop.
 */
export function followTrace(link: string, listener: TraceListener): () => void {
  let known: TracePicture | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;
  let stopped = false;

  const look = async (): Promise<void> => {
    clearTimeout(timer);
    if (asking || stopped || document.visibilityState === 'hidden') return;
    asking = true;
    const told = await ask(link, known?.total ?? 0);
    asking = false;
    if (stopped) return;
    if (told === null) listener.failed();
    else {
      known = joined(known, told);
      listener.trace(known);
    }
    timer = setTimeout(() => void look(), lookEvery);
  };

  const onVisible = (): void => void look();
  document.addEventListener('visibilitychange', onVisible);
  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', onVisible);
  };
}

async function ask(link: string, after: number): Promise<TracePicture | null> {
  try {
    const query = `limit=${mostShown}&after=${after}`;
    const answer = await fetch(`/api/v1/links/${encodeURIComponent(link)}/trace?${query}`);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** What is told now behind what was known; a gateway that was restarted counts anew. */
export function joined(known: TracePicture | null, told: TracePicture): TracePicture {
  if (known === null || known.startedAt !== told.startedAt) return told;
  const first = told.transactions[0]?.number ?? Number.POSITIVE_INFINITY;
  const before = known.transactions.filter(({ number }) => number < first);
  return { ...told, transactions: [...before, ...told.transactions].slice(-mostShown) };
}
