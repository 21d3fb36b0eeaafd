import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { chainNext } from '../../record/chain.ts';

/** Most entries in one block: what has to be hashed again, at worst, to cut a span at any seq. */
export const blockEntries = 256;
/** Most text in one block of more than one entry, UTF-16 units: what is inflated, at worst, to read one entry. */
export const blockText = 131_072;
/** Text shorter than this is kept as it is: it would not save a page. */
const worthDeflating = 512;
/** A body that claims to be larger than this is damaged; the largest entry is far below. */
const largestBody = 64 * 1_048_576;

/** Texts that share a block, and the chain's hash after each. */
export interface OpenBlock {
  readonly texts: readonly string[];
  readonly hashes: readonly string[];
}

/** How many texts from `start` on make the next block. */
export function blockLength(texts: readonly string[], start: number): number {
  let [length, size] = [0, 0];
  for (let at = start; at < texts.length && length < blockEntries; at++) {
    size += texts[at]?.length ?? 0;
    if (length > 0 && size > blockText) break;
    length += 1;
  }
  return length;
}

/** The body of a block: canonical JSON holds no line end, so one joins the texts. Deflated where that saves a tenth. */
export function pack(texts: readonly string[]): string | Uint8Array {
  const body = texts.join('\n');
  if (body.length < worthDeflating) return body;
  const bytes = Buffer.from(body);
  const deflated = deflateRawSync(bytes, { level: 1 });
  return deflated.length < bytes.length * 0.9 ? deflated : body;
}

/** The chain's hashes over texts that follow `before`, the first of which has the seq `first`. */
export function hashesOver(texts: readonly string[], before: string, first: number): string[] {
  let hash = before;
  return texts.map((text, index) => {
    hash = chainNext(hash, first + index, text);
    return hash;
  });
}

/** Reads a body and proves it: `entries` texts that lead from `before` to `after`. Undefined when they do not. */
export function openBlock(
  body: unknown,
  { first, entries, before, after }: { first: number; entries: number; before: string; after: string },
): OpenBlock | undefined {
  const texts = textsOf(body);
  if (texts?.length !== entries) return undefined;
  const hashes = hashesOver(texts, before, first);
  return hashes.at(-1) === after ? { texts, hashes } : undefined;
}

/** The texts of a body, proven or not; undefined when it is none. */
export function textsOf(body: unknown): string[] | undefined {
  return unpack(body)?.split('\n');
}

function unpack(body: unknown): string | undefined {
  if (typeof body === 'string') return body;
  if (!(body instanceof Uint8Array)) return undefined;
  try {
    return inflateRawSync(body, { maxOutputLength: largestBody }).toString();
  } catch {
    // Bytes that zlib does not understand are damage, like texts whose hash does not match.
    return undefined;
  }
}
