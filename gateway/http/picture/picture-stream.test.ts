import { beforeEach, expect, test } from 'vitest';
import { SampleHttpPorts } from '../../../test-rigs/surroundings/http-ports.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { mostStreams, PictureStream, pictureAtLeastEvery, stuckAfter } from './picture-stream.ts';

let clock: SimulatedClock;
let ports: SampleHttpPorts;
let made: number;
let stream: PictureStream;

beforeEach(() => {
  clock = new SimulatedClock();
  ports = new SampleHttpPorts();
  made = 0;
  const picture = () => {
    made += 1;
    return ports.now;
  };
  stream = new PictureStream({ picture, subscribe: ports.subscribe, clock });
});

const always = async (): Promise<boolean> => true;

/** Takes everything a stream gives as it comes, like a browser on a good line. */
function watch(allowed = always) {
  const body = stream.open(allowed);
  if (body === null) throw new Error('the stream was turned away');
  const reader = body.getReader();
  const seen = { pictures: 0, versions: [] as string[], ended: false, leave: () => reader.cancel() };
  const decoder = new TextDecoder();
  const take = async (): Promise<void> => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const text = decoder.decode(part.value);
      const data = /^event: picture\ndata: (.*)\n\n$/m.exec(text)?.[1];
      if (data === undefined) continue;
      seen.pictures += 1;
      seen.versions.push(JSON.parse(data).gateway.version);
    }
    seen.ended = true;
  };
  void take();
  return seen;
}

function change(version: string): void {
  ports.show({ ...ports.now, gateway: { ...ports.now.gateway, version } });
}

test('whoever starts to look sees the picture at once', async () => {
  const seen = watch();
  await clock.advance(0);
  expect(seen.versions).toEqual(['0.1.0']);
});

test('a hundred changes in a second make one picture', async () => {
  const seen = watch();
  await clock.advance(0);
  for (let step = 0; step < 100; step += 1) {
    change(`v${step}`);
    await clock.advance(10);
  }
  expect(seen.versions).toEqual(['0.1.0', 'v99']);
});

test('while nothing changes a picture still comes every few seconds, so that silence means a lost gateway', async () => {
  const seen = watch();
  await clock.advance(4 * pictureAtLeastEvery);
  expect(seen.pictures).toBe(5);
});

test('one picture is made for all who look', async () => {
  const viewers = [watch(), watch(), watch()];
  await clock.advance(0);
  const before = made;
  change('new');
  await clock.advance(1000);
  expect(viewers.map((seen) => seen.versions.at(-1))).toEqual(['new', 'new', 'new']);
  expect(made - before).toBe(1);
});

test('while nobody looks no picture is made and nothing is listened to', async () => {
  const seen = watch();
  await clock.advance(2000);
  await seen.leave();
  const before = made;
  change('unseen');
  await clock.advance(60_000);
  expect([made - before, ports.listeners, stream.viewers]).toEqual([0, 0, 0]);
});

test('whoever looks again after a while is served again', async () => {
  const first = watch();
  await clock.advance(2000);
  await first.leave();
  await clock.advance(10_000);
  const second = watch();
  await clock.advance(pictureAtLeastEvery);
  expect(second.pictures).toBe(2);
});

test('a viewer that takes nothing holds up nobody, and is let go', async () => {
  const body = stream.open(always);
  const seen = watch();
  for (let second = 0; second <= stuckAfter / 1000 + 1; second += 1) {
    change(`v${second}`);
    await clock.advance(1000);
  }
  expect(seen.pictures).toBeGreaterThan(30);
  expect(stream.viewers).toBe(1);
  await expect(body?.getReader().read()).rejects.toThrow('takes nothing');
});

test('a session that ended ends its stream before the next picture', async () => {
  let allowed = true;
  const seen = watch(async () => allowed);
  await clock.advance(0);
  allowed = false;
  change('not for you');
  await clock.advance(1000);
  expect([seen.ended, seen.versions, ports.listeners]).toEqual([true, ['0.1.0'], 0]);
});

test('streams are bounded', () => {
  for (let one = 0; one < mostStreams; one += 1) stream.open(always);
  expect(stream.open(always)).toBeNull();
});

test('closing ends every stream', async () => {
  const viewers = [watch(), watch()];
  await clock.advance(0);
  stream.close();
  await clock.advance(0);
  expect([viewers.map((seen) => seen.ended), ports.listeners]).toEqual([[true, true], 0]);
});
