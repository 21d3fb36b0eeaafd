import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DurableLines } from './durable-lines.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fenceline-lines-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const path = (): string => join(directory, 'lines');
const read = async (): Promise<{ texts: string[]; damaged: number }> => {
  const { lines, texts, damaged } = await DurableLines.open(path());
  await lines.close();
  return { texts, damaged };
};

async function written(...texts: string[]): Promise<void> {
  const { lines } = await DurableLines.open(path());
  for (const text of texts) await lines.add(text);
  await lines.close();
}

test('what was added is there after opening again, in order', async () => {
  await written('one', '二', '{"three":3}');
  await written('four');
  expect(await read()).toEqual({ texts: ['one', '二', '{"three":3}', 'four'], damaged: 0 });
});

test('cut at any byte, every line before the cut is there and the next one that is added is whole', async () => {
  await written('one', '二', 'three');
  const whole = readFileSync(path());
  const ends = [...whole.entries()].flatMap(([at, byte]) => (byte === 10 ? [at + 1] : []));
  for (let cut = 0; cut <= whole.length; cut++) {
    writeFileSync(path(), whole.subarray(0, cut));
    const kept = ['one', '二', 'three'].slice(0, ends.filter((end) => end <= cut).length);
    expect((await read()).texts).toEqual(kept);
    await written('next');
    expect(await read()).toEqual({ texts: [...kept, 'next'], damaged: 0 });
  }
});

test('a line whose text was changed is left out and counted', async () => {
  await written('counter 1', 'counter 2', 'counter 3');
  writeFileSync(path(), readFileSync(path(), 'utf8').replace('counter 2', 'counter 9'));
  expect(await read()).toEqual({ texts: ['counter 1', 'counter 3'], damaged: 1 });
});

test('lines put in the place of all others are followed by those that are added', async () => {
  const { lines } = await DurableLines.open(path());
  await lines.add('old');
  await lines.replace(['kept']);
  await lines.add('new');
  await lines.close();
  expect(await read()).toEqual({ texts: ['kept', 'new'], damaged: 0 });
});

test('a line that cannot be written is told to whoever adds it', async () => {
  const { lines } = await DurableLines.open(join(directory, 'missing', 'lines'));
  await expect(lines.add('lost')).rejects.toThrow('ENOENT');
});
