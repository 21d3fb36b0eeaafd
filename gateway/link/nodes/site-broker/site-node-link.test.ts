import { afterEach, beforeEach, expect, test } from 'vitest';
import { SimulatedClock } from '../../../../test-rigs/surroundings/simulated-clock.ts';
import type { NodeLinkEvent, NodeMessage } from '../node-link.ts';
import { type SiteBroker, SiteNodeLink } from './site-node-link.ts';

const clock = new SimulatedClock();
let events: NodeLinkEvent[];
let heard: NodeMessage[];
let say: (topic: string, payload: string) => void;
/** What was published and has no PUBACK yet. */
let unanswered: { readonly topic: string; readonly done: () => void }[];
let link: SiteNodeLink;

const broker: SiteBroker = {
  async connect({ onMessage }) {
    say = (topic, payload) => onMessage(topic, Buffer.from(payload));
    return {
      publish: ({ topic }) => new Promise((resolve) => unanswered.push({ topic, done: () => resolve(undefined) })),
      subscribe: async () => null,
      close: async () => undefined,
    };
  },
};

beforeEach(async () => {
  [events, heard, unanswered] = [[], [], []];
  const observe = (event: NodeLinkEvent): void => void events.push(event);
  link = new SiteNodeLink({ id: 'nodes', broker, knows: (node) => node !== 'esp-9', clock, observe });
  link.start((message) => void heard.push(message));
  await clock.advance(0);
  say('fenceline-node/v1/esp-1/hello', '{}');
});
afterEach(() => link.stop());

test('a node without an account here is not heard, though the broker lets it in, and that is told', () => {
  say('fenceline-node/v1/esp-9/rows', '{}');
  expect(heard.map(({ node }) => node)).toEqual(['esp-1']);
  expect(events.at(-1)).toMatchObject({ kind: 'node-turned-away', why: 'unknown-node', node: 'esp-9' });
  expect(link.send('esp-9', 'have', '[0,0]')).toBe(false);
});

test('while the broker answers nothing no more than 64 messages wait for it; the caller is told so', async () => {
  const sent = Array.from({ length: 70 }, () => link.send('esp-1', 'have', '[0,0]'));
  expect([sent.filter(Boolean).length, unanswered.length]).toEqual([64, 64]);
  for (const { done } of unanswered.splice(0, 10)) done();
  await clock.advance(0);
  expect(Array.from({ length: 12 }, () => link.send('esp-1', 'have', '[0,0]')).filter(Boolean)).toHaveLength(10);
});

test('of two nodes one that floods is held off, and the other one heard on', async () => {
  for (let number = 0; number < 130; number++) say('fenceline-node/v1/esp-2/rows', '{}');
  expect(heard.filter(({ node }) => node === 'esp-2')).toHaveLength(120 + 1);
  say('fenceline-node/v1/esp-1/rows', '{}');
  expect(heard.at(-1)?.node).toBe('esp-1');
  const told = events.flatMap((event) => (event.kind === 'node-turned-away' ? [event.why] : []));
  expect(told).toEqual(['flood']);
  // For 5 s at first.
  await clock.advance(4900);
  say('fenceline-node/v1/esp-2/rows', '{}');
  expect(heard.at(-1)?.node).toBe('esp-1');
  await clock.advance(200);
  say('fenceline-node/v1/esp-2/rows', '{}');
  expect(heard.at(-1)?.node).toBe('esp-2');
});
