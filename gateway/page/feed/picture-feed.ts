import type { Picture } from '../../http/picture.ts';
import { askSession } from '../asking/gateway-session.ts';
import { lostAfter } from './picture-age.ts';

/** Milliseconds between looks at whether the stream is still alive. */
const watchEvery = 2000;

interface FeedListener {
  /** A picture came; `at` is on the browser's monotonic clock. */
  picture(picture: Picture, at: number): void;
  /** The session has ended. */
  loggedOut(): void;
}

/**
 * Follows the gateway's pictures and comes back by itself: the browser reconnects after a broken stream, and a stream
 * that is silent without being broken (the gateway lost its power) is opened anew. Returns how to stop.
 */
export function followPictures(listener: FeedListener): () => void {
  let source: EventSource | null = null;
  let movedAt = performance.now();
  let stopped = false;

  const open = (): void => {
    source?.close();
    movedAt = performance.now();
    const opened = new EventSource('/api/v1/events');
    source = opened;
    opened.addEventListener('picture', ({ data }: MessageEvent<string>) => {
      movedAt = performance.now();
      listener.picture(JSON.parse(data), movedAt);
    });
    // A refused stream is closed for good; a broken one is opened again by the browser.
    opened.addEventListener('error', () => {
      if (opened.readyState === EventSource.CLOSED) void checkSession();
    });
  };

  const checkSession = async (): Promise<void> => {
    const answer = await askSession();
    if (!stopped && answer.kind === 'session' && answer.session.state !== 'logged-in') listener.loggedOut();
  };

  const reopenIfSilent = (): void => {
    if (performance.now() - movedAt > lostAfter) open();
  };

  // A phone that was asleep looks at once, not at the next turn of the watch.
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') reopenIfSilent();
  };

  open();
  const watch = setInterval(reopenIfSilent, watchEvery);
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    stopped = true;
    clearInterval(watch);
    document.removeEventListener('visibilitychange', onVisible);
    source?.close();
  };
}
