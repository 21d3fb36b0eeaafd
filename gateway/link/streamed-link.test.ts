import { expect, test } from 'vitest';
import { MemoryLink } from '../../test-rigs/links/memory-link.ts';
import { PacedLine } from '../../test-rigs/links/paced-line.ts';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { streamOf } from './streamed-link.ts';

async function scene() {
  const clock = new SimulatedClock();
  const line = new PacedLine({ clock });
  const far = line.connect();
  const link = new MemoryLink({ id: 'board', clock, end: line.connect() });
  await link.open();
  const heard: string[] = [];
  const gone: string[] = [];
  const stream = streamOf(link, 'board: /dev/ttyACM0');
  stream.hear(
    (bytes) => heard.push(Buffer.from(bytes).toString()),
    (message) => gone.push(message),
  );
  const say = (text: string): void => far.send(Buffer.from(text));
  return { clock, far, link, stream, heard, gone, say };
}

test('a streamed link hands over what comes, also after a minute of silence', async () => {
  const { clock, heard, say } = await scene();
  say('one');
  await clock.advance(150_000);
  say('two');
  await clock.advance(10);
  expect(heard).toEqual(['one', 'two']);
});

test('a streamed link writes in the order in which it was told', async () => {
  const { clock, far, stream } = await scene();
  const seen: string[] = [];
  far.onBytes((bytes) => seen.push(Buffer.from(bytes).toString()));
  for (const text of ['a', 'b', 'c']) stream.write(Buffer.from(text));
  await clock.advance(10);
  expect(seen.join('')).toBe('abc');
});

test('a streamed link that is lost tells so once, with what the link says', async () => {
  const { clock, link, gone } = await scene();
  link.unplug();
  await clock.advance(120_000);
  expect(gone).toEqual([expect.stringContaining('board: ')]);
});

test('a streamed link that was closed sends what it was told before, and says nothing more', async () => {
  const { clock, far, link, stream, heard, gone, say } = await scene();
  const seen: string[] = [];
  far.onBytes((bytes) => seen.push(Buffer.from(bytes).toString()));
  stream.write(Buffer.from('last'));
  await clock.during(stream.close());
  say('late');
  await clock.advance(100);
  expect([seen, heard, gone, link.isOpen]).toEqual([['last'], [], [], false]);
});
