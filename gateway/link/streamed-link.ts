import type { Link } from './link.ts';

/** Milliseconds that one turn of listening takes when nothing comes. */
const listening = 60_000;

/** An open link as a stream of bytes, for a library that is told what comes instead of asking for it. */
export interface StreamedLink {
  readonly name: string;
  /** Bytes leave in the order of the calls. */
  write(bytes: Uint8Array): void;
  /** Called once. Hands over what comes, piece by piece; or, once, the message of the fault that ended it. */
  hear(take: (bytes: Uint8Array) => void, gone: (message: string) => void): void;
  /** Closes the link. Nothing is handed over afterwards. */
  close(): Promise<void>;
}

/**
 * Owns a link that was just opened, as its contract wants it: one loop that awaits it, writes in their order. `name` is
 * what messages call it.
 */
export function streamOf(link: Link, name: string): StreamedLink {
  let isClosed = false;
  let written: Promise<unknown> = Promise.resolve();
  const listen = async (take: (bytes: Uint8Array) => void, gone: (message: string) => void): Promise<void> => {
    while (!isClosed) {
      const result = await link.read(listening);
      if (isClosed) return;
      if (result === 'timeout') continue;
      if (!('bytes' in result)) return gone(result.message);
      take(result.bytes);
    }
  };
  return {
    name,
    write(bytes) {
      // What a write comes to is told by the reading, which ends with the same fault.
      if (!isClosed) written = written.then(() => link.write(bytes));
    },
    hear: (take, gone) => void listen(take, gone),
    async close() {
      isClosed = true;
      await written;
      await link.close();
    },
  };
}
