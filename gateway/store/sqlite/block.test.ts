import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { blockEntries, blockLength, blockText, hashesOver, openBlock, pack } from './block.ts';

const before = 'ab'.repeat(32);
const like = (n: number): string => JSON.stringify({ kind: 'minute', point: 'north-gate', average: n });

/** What a block of these texts opens to after its body has been through `changed`. */
function through(texts: readonly string[], changed: (body: string | Uint8Array) => unknown): unknown {
  const after = hashesOver(texts, before, 7).at(-1) ?? before;
  return openBlock(changed(pack(texts)), { first: 7, entries: texts.length, before, after })?.texts;
}

test('texts come back as they were, whether they were worth deflating or not', () => {
  const many = Array.from({ length: 50 }, (_, n) => like(n));
  const noise = [JSON.stringify({ noise: randomBytes(600).toString('latin1') })];
  expect(pack(many)).toBeInstanceOf(Uint8Array);
  expect(pack([like(1)])).toBe(like(1));
  for (const texts of [many, noise, [like(1)], ['"污水口"', '"\\n"']])
    expect(through(texts, (body) => body)).toEqual(texts);
});

test('a body with any byte changed, cut short or of another kind opens to nothing', () => {
  const many = Array.from({ length: 50 }, (_, n) => like(n));
  const packed = pack(many) as Uint8Array;
  for (let at = 0; at < packed.length; at++) {
    const damaged = Uint8Array.from(packed);
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    const texts = through(many, () => damaged);
    // Bits of deflate that mean nothing, such as its padding, may change; what is read may not.
    if (texts !== undefined) expect(texts).toEqual(many);
  }
  for (const body of [packed.subarray(0, 90), null, 4, '', `${like(1)}\n`])
    expect(through(many, () => body)).toBe(undefined);
});

test('a block ends at its bound of entries or of text, and an entry larger than that is a block by itself', () => {
  expect(blockLength(Array<string>(1000).fill('"x"'), 0)).toBe(blockEntries);
  const half = 'x'.repeat(blockText / 2);
  expect(blockLength([half, half, half], 0)).toBe(2);
  expect(blockLength([half, half, half], 2)).toBe(1);
  expect(blockLength([half.repeat(3), half], 0)).toBe(1);
});
