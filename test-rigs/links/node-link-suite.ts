import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../gateway/clock.ts';
import type {
  NewNodeMessage,
  NewNodeMessageKind,
  NodeLink,
  NodeLinkEvent,
  NodeMessage,
  NodeMessageKind,
} from '../../gateway/link/nodes/node-link.ts';

/** The contract of a link to nodes as a suite; each implementation runs it. */

type Said<Kind> = (kind: Kind, payload: string | Uint8Array) => Promise<void>;

/** What a node does on its side, and what it has heard. */
export interface FarNode<Kind> {
  readonly heard: { readonly kind: string; readonly payload: Uint8Array }[];
  readonly say: Said<Kind>;
  leave(): Promise<void>;
}

/** A link under test, not started, and the nodes' side of it. */
interface NodeLinkBench {
  readonly link: NodeLink;
  readonly events: NodeLinkEvent[];
  /** A node with an account, connected and listening to all that is its own. */
  node(id: string): Promise<FarNode<NodeMessageKind>>;
  /** A node without one. */
  newNode(chip: string): Promise<FarNode<NewNodeMessageKind>>;
  remove(): Promise<void>;
}

const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);

export function nodeLinkSuite(name: string, make: () => Promise<NodeLinkBench>): void {
  describe(`${name} link to nodes`, () => facts(make));
}

const longestPayload = 2048;

function facts(make: () => Promise<NodeLinkBench>): void {
  let bench: NodeLinkBench | undefined;

  const started = async () => {
    bench = await make();
    const made = bench;
    const heard: NodeMessage[] = [];
    const heardNew: NewNodeMessage[] = [];
    made.link.hearNew((message) => void heardNew.push(message));
    made.link.start((message) => {
      heard.push(message);
      made.events.push({ kind: 'heard', node: message.node } as never);
    });
    await expect.poll(() => made.events.some(({ kind }) => kind === 'link-opened')).toBe(true);
    return { ...made, heard, heardNew };
  };

  afterEach(async () => {
    await bench?.remove();
    bench = undefined;
  });

  test('hands on what a node says: who, what kind, every byte value, and when', async () => {
    const { node, heard } = await started();
    const every = Uint8Array.from({ length: 256 }, (_, value) => value);
    const before = systemClock.monotonic();
    const far = await node('esp-7f3a12');
    await far.say('rows', every);
    await expect.poll(() => heard.length).toBe(1);
    expect(heard[0]).toMatchObject({ node: 'esp-7f3a12', kind: 'rows' });
    expect([...(heard[0]?.payload ?? [])]).toEqual([...every]);
    expect(heard[0]?.at).toBeGreaterThanOrEqual(before);
    expect(heard[0]?.at).toBeLessThanOrEqual(systemClock.monotonic());
  });

  test('keeps the order of what one node says', async () => {
    const { node, heard } = await started();
    const far = await node('esp-7f3a12');
    const numbers = Array.from({ length: 12 }, (_, number) => String(number));
    for (const number of numbers) await far.say('rows', number);
    await expect.poll(() => heard.length).toBe(12);
    expect(heard.map(({ payload }) => text(payload))).toEqual(numbers);
  });

  test('carries a message to the node it is for, byte for byte, and to no other', async () => {
    const { link, node, heard } = await started();
    const one = await node('esp-1');
    const other = await node('esp-2');
    await one.say('hello', '{}');
    await other.say('hello', '{}');
    await expect.poll(() => heard.length).toBe(2);
    const every = Uint8Array.from({ length: 256 }, (_, value) => value);
    expect(link.send('esp-1', 'chunk', every)).toBe(true);
    expect(link.send('esp-1', 'have', '[17,190]')).toBe(true);
    expect(link.send('esp-2', 'time', '[1764131580]')).toBe(true);
    await expect.poll(() => [one.heard.length, other.heard.length]).toEqual([2, 1]);
    expect([...(one.heard[0]?.payload ?? [])]).toEqual([...every]);
    expect(one.heard.map(({ kind }) => kind)).toEqual(['chunk', 'have']);
    expect(other.heard.map(({ kind, payload }) => [kind, text(payload)])).toEqual([['time', '[1764131580]']]);
  });

  test('says no to what is for a node that is not there, or too long', async () => {
    const { link, node, heard } = await started();
    expect(link.send('esp-1', 'have', '[0,0]')).toBe(false);
    const far = await node('esp-1');
    await far.say('hello', '{}');
    await expect.poll(() => heard.length).toBe(1);
    expect(link.send('esp-1', 'chunk', new Uint8Array(longestPayload + 1))).toBe(false);
    expect(link.send('esp-1', 'have', '[0,0]')).toBe(true);
    await far.leave();
    await expect.poll(() => link.send('esp-1', 'have', '[0,0]')).toBe(false);
  });

  test('tells that a node is there before it says anything, and that it has gone after', async () => {
    const { node, events } = await started();
    const far = await node('esp-1');
    await far.say('hello', '{}');
    await expect.poll(() => events.some(({ kind }) => (kind as string) === 'heard')).toBe(true);
    await far.leave();
    await expect.poll(() => events.at(-1)?.kind).toBe('node-disconnected');
    // Its will may say that it is gone, which is a message too.
    const kinds = [...new Set(events.map(({ kind }) => kind))];
    expect(kinds).toEqual(['link-opened', 'node-connected', 'heard', 'node-disconnected']);
    expect(events.filter(({ kind }) => kind === 'node-disconnected')).toHaveLength(1);
  });

  test('hears a node without an account apart from the others, and offers it one', async () => {
    const { link, newNode, heard, heardNew } = await started();
    expect(link.adopt('7f3a12', '{}')).toBe(false);
    const far = await newNode('7f3a12');
    await far.say('hello', '{"l":1,"chip":"esp8266","version":"0.1.0"}');
    await expect.poll(() => heardNew.length).toBe(1);
    expect(heardNew[0]).toMatchObject({ chip: '7f3a12', kind: 'hello' });
    expect(link.adopt('7f3a12', '{"code":"492817"}')).toBe(true);
    await expect.poll(() => far.heard.length).toBe(1);
    expect(far.heard.map(({ kind, payload }) => [kind, text(payload)])).toEqual([['adopt', '{"code":"492817"}']]);
    expect(heard).toEqual([]);
  });

  test('hears and sends nothing once it is stopped, and says so once', async () => {
    const { link, node, heard, events } = await started();
    const far = await node('esp-1');
    await far.say('hello', '{}');
    await expect.poll(() => heard.length).toBe(1);
    await Promise.all([link.stop(), link.stop()]);
    await link.stop();
    await far.say('rows', '{}').catch(() => undefined);
    expect(link.send('esp-1', 'have', '[0,0]')).toBe(false);
    expect(heard).toHaveLength(1);
    expect(events.filter(({ kind }) => kind === 'link-closed')).toEqual([
      { kind: 'link-closed', link: 'nodes', fault: null },
    ]);
  });
}
