import { afterEach, describe, expect, test } from 'vitest';
import type { ByteEnd } from '../../test-rigs/links/byte-end.ts';
import { freePort } from '../../test-rigs/links/free-port.ts';
import { MemoryLink } from '../../test-rigs/links/memory-link.ts';
import { PacedLine } from '../../test-rigs/links/paced-line.ts';
import { TcpCaller } from '../../test-rigs/links/tcp-caller.ts';
import { TcpListener } from '../../test-rigs/links/tcp-listener.ts';
import { TtyAdapter } from '../../test-rigs/links/tty-pair.ts';
import { pause, systemClock } from '../clock.ts';
import type { Arrival, Link, LinkEvent } from './link.ts';
import { SerialportLink } from './serialport-link.ts';
import { TcpLink } from './tcp-link.ts';
import { TcpServerLink } from './tcp-server-link.ts';

/** A link under test, what is at its other end, and how to break and mend what lies between. */
interface Bench {
  readonly link: Link;
  readonly events: LinkEvent[];
  far(): ByteEnd;
  cut(): Promise<void>;
  mend(): Promise<void>;
  remove(): Promise<void>;
}

const makers: Record<string, () => Promise<Bench>> = {
  async memory() {
    const line = new PacedLine({ clock: systemClock });
    const far = line.connect();
    const events: LinkEvent[] = [];
    const observe = (event: LinkEvent): void => void events.push(event);
    const link = new MemoryLink({ id: 'line', clock: systemClock, end: line.connect(), observe });
    const cut = async (): Promise<void> => link.unplug();
    const mend = async (): Promise<void> => link.plug();
    return { link, events, far: () => far, cut, mend, remove: () => link.close() };
  },

  async tcp() {
    let far: ByteEnd | undefined;
    const accept = (end: ByteEnd): void => {
      far = end;
    };
    let listener = await TcpListener.listen(accept);
    const { port } = listener;
    const events: LinkEvent[] = [];
    const observe = (event: LinkEvent): void => void events.push(event);
    const link = new TcpLink({ id: 'line', settings: { host: '127.0.0.1', port }, clock: systemClock, observe });
    return {
      link,
      events,
      far: () => far as ByteEnd,
      cut: () => listener.close(),
      mend: async () => {
        listener = await TcpListener.listen(accept, port);
      },
      remove: async () => {
        await link.close();
        await listener.close();
      },
    };
  },

  async 'listening tcp'() {
    const port = await freePort();
    const caller = new TcpCaller(port);
    const events: LinkEvent[] = [];
    const observe = (event: LinkEvent): void => void events.push(event);
    const link = new TcpServerLink({ id: 'line', settings: { host: '127.0.0.1', port }, clock: systemClock, observe });
    return {
      link,
      events,
      far: () => caller,
      cut: () => caller.stop(),
      mend: async () => caller.start(),
      remove: async () => {
        await caller.stop();
        await link.close();
      },
    };
  },

  async serial() {
    const adapter = await TtyAdapter.plugIn();
    const events: LinkEvent[] = [];
    const observe = (event: LinkEvent): void => void events.push(event);
    const settings = {
      kind: 'serial',
      path: adapter.path,
      baudRate: 9600,
      parity: 'none',
      dataBits: 8,
      stopBits: 1,
    } as const;
    const link = new SerialportLink({ id: 'line', settings, clock: systemClock, observe });
    return {
      link,
      events,
      far: () => adapter.line,
      cut: () => adapter.unplug(),
      mend: () => adapter.replug(),
      remove: async () => {
        await link.close();
        await adapter.remove();
      },
    };
  },
};

/** Reads until so many bytes have come, or until the link says something else. */
async function collect(link: Link, count: number): Promise<number[]> {
  const bytes: number[] = [];
  while (bytes.length < count) {
    const result = await link.read(20_000);
    if (result === 'timeout' || !('bytes' in result)) break;
    bytes.push(...result.bytes);
  }
  return bytes;
}

/** What the far end hears, up to so many bytes. */
function heardBy(far: ByteEnd, count: number): Promise<number[]> {
  const bytes: number[] = [];
  return new Promise((resolve) => {
    const stop = far.onBytes((piece) => {
      bytes.push(...piece);
      if (bytes.length < count) return;
      stop();
      resolve(bytes);
    });
  });
}

describe.each(Object.entries(makers))('a %s link', (_, make) => {
  let bench: Bench | undefined;

  const opened = async (): Promise<Bench> => {
    bench = await make();
    expect(await bench.link.open()).toBeNull();
    // A TCP far end exists once the listener has accepted.
    await expect.poll(() => bench?.far() !== undefined).toBe(true);
    return bench;
  };

  afterEach(async () => {
    await bench?.remove();
    bench = undefined;
  });

  test('carries every byte value to the far end unchanged', async () => {
    const { link, far } = await opened();
    const every = Uint8Array.from({ length: 256 }, (_, value) => value);
    const heard = heardBy(far(), 256);
    expect(await link.write(every)).toBeNull();
    expect(await heard).toEqual([...every]);
  });

  test('carries every byte value from the far end unchanged', async () => {
    const { link, far } = await opened();
    const every = Uint8Array.from({ length: 256 }, (_, value) => value);
    far().send(every);
    expect(await collect(link, 256)).toEqual([...every]);
  });

  test('says timeout when nothing comes, and at once when it is asked not to wait', async () => {
    const { link } = await opened();
    expect(await link.read(30)).toBe('timeout');
    expect(await link.read(0)).toBe('timeout');
  });

  test('throws away what has arrived and says how much that was', async () => {
    const { link, far } = await opened();
    far().send(Uint8Array.of(1, 2, 3));
    let discarded = 0;
    await expect
      .poll(() => {
        discarded += link.discard();
        return discarded;
      })
      .toBe(3);
    expect(await link.read(20)).toBe('timeout');
  });

  test('sends while a read is under way, and the read hears the answer', async () => {
    const { link, far } = await opened();
    far().onBytes((bytes) => far().send(bytes));
    const reading = link.read(20_000);
    expect(await link.write(Uint8Array.of(9))).toBeNull();
    expect([...((await reading) as Arrival).bytes]).toEqual([9]);
  });

  test('is closed after a close that came while it was being opened, and can be opened again', async () => {
    bench = await make();
    const opening = bench.link.open();
    await bench.link.close();
    await opening;
    expect(bench.link.isOpen).toBe(false);
    expect(await bench.link.read(0)).toMatchObject({ kind: 'lost' });
    expect(await bench.link.open()).toBeNull();
  });

  test('ends a read that is under way when it is closed, and can be opened again', async () => {
    const { link } = await opened();
    const reading = link.read(10_000);
    await link.close();
    expect(await reading).toMatchObject({ kind: 'lost' });
    expect(link.isOpen).toBe(false);
    expect(await link.open()).toBeNull();
    expect(link.isOpen).toBe(true);
  });

  test('answers writes and reads with a fault while it is closed', async () => {
    const { link } = await opened();
    await link.close();
    expect(await link.write(Uint8Array.of(1))).toMatchObject({ kind: 'lost' });
    expect(await link.read(10)).toMatchObject({ kind: 'lost' });
  });

  test('is lost when the far end goes, and works again once it is back', async () => {
    const { link, far, cut, mend } = await opened();
    const reading = link.read(10_000);
    await cut();
    expect(await reading).toMatchObject({ kind: 'lost' });
    expect(link.isOpen).toBe(false);
    const fault = await link.open();
    expect(['absent', 'refused']).toContain(fault?.kind);
    expect(fault?.message).toContain('line');
    await mend();
    expect(await link.open()).toBeNull();
    const heard = heardBy(far(), 2);
    await link.write(Uint8Array.of(7, 8));
    expect(await heard).toEqual([7, 8]);
  });

  test('begins each opening with nothing left of the one before', async () => {
    const { link, far } = await opened();
    far().send(Uint8Array.of(4, 5, 6));
    // On its way a tty's bytes pass another process: those that come later are of the next opening.
    await pause(systemClock, 250);
    await link.close();
    await link.open();
    expect(await link.read(30)).toBe('timeout');
  });

  test('tells when it opens, with a growing generation, and when it closes', async () => {
    const { link, events } = await opened();
    await link.close();
    await link.open();
    expect(events).toEqual([
      { kind: 'link-opened', link: 'line', generation: 1 },
      { kind: 'link-closed', link: 'line', fault: null },
      { kind: 'link-opened', link: 'line', generation: 2 },
    ]);
  });

  test('drops and tells what comes when nobody has read for 64 KiB', async () => {
    const { link, far, events } = await opened();
    const piece = new Uint8Array(1024);
    for (let count = 0; count < 80; count += 1) far().send(piece);
    await expect.poll(() => events.some(({ kind }) => kind === 'link-overflow')).toBe(true);
    expect(link.discard()).toBeLessThanOrEqual(65_536);
  });
});
