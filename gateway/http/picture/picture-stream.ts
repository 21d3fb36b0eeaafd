import type { Cancel, Clock } from '../../clock.ts';
import type { Picture } from '../picture.ts';

/** Milliseconds: a picture goes out at most this often, and at least that often while nothing changes. */
const pictureEvery = 1000;
export const pictureAtLeastEvery = 3000;
/** Somebody who takes nothing for so long is let go. */
export const stuckAfter = 30_000;
/** Streams served at once. */
export const mostStreams = 16;

interface PictureStreamOptions {
  readonly picture: () => Picture;
  /** Calls the listener when the picture may have changed; returns how to stop that. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly clock: Clock;
}

interface Viewer {
  readonly allowed: () => Promise<boolean>;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** Set while the connection asks for more. */
  wants: (() => void) | null;
  tookAt: number;
}

const encoder = new TextEncoder();

/**
 * Server-sent events: the picture to everybody who looks, made once for all and only while somebody does. Each viewer
 * holds one picture at most: whoever is slower than the pictures come misses some, never delays the others.
 */
export class PictureStream {
  readonly #options: PictureStreamOptions;
  readonly #viewers = new Set<Viewer>();
  #unsubscribe: (() => void) | null = null;
  #cancel: Cancel | null = null;
  #changed = false;
  #madeAt = Number.NEGATIVE_INFINITY;

  constructor(options: PictureStreamOptions) {
    this.#options = options;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** A new stream of events, or null when there are too many. `allowed` is asked before each picture. */
  open(allowed: () => Promise<boolean>): ReadableStream<Uint8Array> | null {
    if (this.#viewers.size >= mostStreams) return null;
    let viewer: Viewer | null = null;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        viewer = { allowed, controller, wants: null, tookAt: this.#options.clock.monotonic() };
        this.#viewers.add(viewer);
        controller.enqueue(encoder.encode('retry: 2000\n\n'));
        controller.enqueue(this.#frame());
        this.#start();
      },
      pull: () =>
        new Promise<void>((resolve) => {
          if (viewer !== null) viewer.wants = resolve;
        }),
      cancel: () => {
        if (viewer !== null) this.#remove(viewer);
      },
    });
  }

  /** Ends every stream. */
  close(): void {
    for (const viewer of [...this.#viewers]) this.#end(viewer);
  }

  #start(): void {
    if (this.#unsubscribe !== null) return;
    this.#unsubscribe = this.#options.subscribe(() => {
      this.#changed = true;
    });
    this.#tickLater();
  }

  #tickLater(): void {
    this.#cancel = this.#options.clock.after(pictureEvery, () => {
      void this.#tick().finally(() => {
        if (this.#viewers.size > 0) this.#tickLater();
      });
    });
  }

  async #tick(): Promise<void> {
    const now = this.#options.clock.monotonic();
    if (!this.#changed && now - this.#madeAt < pictureAtLeastEvery) return;
    this.#changed = false;
    for (const viewer of [...this.#viewers]) if (!(await viewer.allowed())) this.#end(viewer);
    if (this.#viewers.size === 0) return;
    const frame = this.#frame();
    for (const viewer of [...this.#viewers]) this.#give(viewer, frame, now);
  }

  #give(viewer: Viewer, frame: Uint8Array, now: number): void {
    if (viewer.wants === null) {
      if (now - viewer.tookAt > stuckAfter) {
        viewer.controller.error(new Error('takes nothing'));
        this.#remove(viewer);
      }
      return;
    }
    const wanted = viewer.wants;
    viewer.wants = null;
    viewer.tookAt = now;
    viewer.controller.enqueue(frame);
    wanted();
  }

  #frame(): Uint8Array {
    this.#madeAt = this.#options.clock.monotonic();
    return encoder.encode(`event: picture\ndata: ${JSON.stringify(this.#options.picture())}\n\n`);
  }

  #end(viewer: Viewer): void {
    viewer.wants?.();
    viewer.controller.close();
    this.#remove(viewer);
  }

  #remove(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size > 0) return;
    this.#cancel?.();
    this.#cancel = null;
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }
}
