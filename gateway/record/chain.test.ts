import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical.ts';
import { chainNext, chainStart } from './chain.ts';

/*
 * The worked example, made with a shell only:
 *
 *   h0=$(printf '%s' 'fenceline-chain-1|zl-0001|records|1-3f9a2c71' | sha256sum | cut -c1-64)
 *   h1=$( { printf '%s0000000000000001' $h0 | xxd -r -p; printf '%s' "$first"; } | openssl dgst -sha256 -r | cut -c1-64)
 *   h2=$( { printf '%s0000000000000002' $h1 | xxd -r -p; printf '%s' "$second"; } | openssl dgst -sha256 -r | cut -c1-64)
 */
const first = '{"action":"epoch-begun","at":"2026-11-24T11:45:00.000+08:00","kind":"audit"}';
const second = '{"average":12.5,"kind":"minute","point":"北门"}';
const h0 = 'afb5fa52881c16f92717ddea187db3e9be5a31ec4695e8915af0dfdc412118b9';
const h1 = 'db6c0dac9c4ae460c7b34c39250fb5de9cc2145687c9901b31e1988fe9bd480a';
const h2 = 'a7f9311c4af8a9d217907bbd965ae78e8254ec8f4b9c414124792b494b1e2504';

test('the worked example of the chain gives the hashes that sha256sum and openssl give', () => {
  expect(chainStart('zl-0001', 'records', '1-3f9a2c71')).toBe(h0);
  expect(chainNext(h0, 1, first)).toBe(h1);
  expect(chainNext(h1, 2, second)).toBe(h2);
});

test('text and its UTF-8 bytes have the same hash', () => {
  expect(chainNext(h1, 2, Buffer.from(second, 'utf8'))).toBe(h2);
});

test('every hash is SHA-256 over the hash before, the seq and the bytes, also for a seq beyond 32 bits', () => {
  const seqs = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(hash, seqs, fc.json(), (before, seq, text) => {
      const digits = seq.toString(16).padStart(16, '0');
      const covered = Buffer.concat([before, Buffer.from(digits, 'hex'), Buffer.from(text, 'utf8')]);
      const expected = createHash('sha256').update(covered).digest('hex');
      expect(chainNext(Buffer.from(before).toString('hex'), seq, text)).toBe(expected);
    }),
  );
});

test('a changed entry changes every hash after it', () => {
  const value = fc.record({ average: fc.double({ noNaN: true, noDefaultInfinity: true }), point: fc.string() });
  fc.assert(
    fc.property(fc.array(value, { minLength: 2, maxLength: 20 }), fc.nat(), fc.nat(), (entries, pick, change) => {
      const hashes = (list: readonly object[]): string[] => {
        let hash = h0;
        return list.map((entry, index) => (hash = chainNext(hash, index + 1, canonicalJson(entry))));
      };
      const changed = pick % entries.length;
      const original = hashes(entries);
      const altered = hashes(entries.map((entry, index) => (index === changed ? { ...entry, change } : entry)));
      expect(altered.slice(0, changed)).toEqual(original.slice(0, changed));
      for (let index = changed; index < entries.length; index++) expect(altered[index]).not.toBe(original[index]);
    }),
  );
});

test('two gateways, two streams and two epochs start from different hashes', () => {
  const starts = new Set([
    chainStart('zl-0001', 'records', '1-3f9a2c71'),
    chainStart('zl-0002', 'records', '1-3f9a2c71'),
    chainStart('zl-0001', 'samples', '1-3f9a2c71'),
    chainStart('zl-0001', 'records', '2-3f9a2c71'),
  ]);
  expect(starts.size).toBe(4);
});
