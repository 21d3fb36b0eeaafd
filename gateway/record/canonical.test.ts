import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical.ts';

test('members are sorted by UTF-16 code units, whatever order they came in', () => {
  // The order of RFC 8785 section 3.2.3.
  const object = { '€': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 };
  expect(canonicalJson(object)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
});

test('numbers are written as ECMAScript writes them', () => {
  // RFC 8785 appendix B; minus zero is zero.
  expect(canonicalJson([-0, 1e21, Number('333333333.33333329'), 4.5, 2e-3, 1e-27, 100, 0.1 + 0.2])).toBe(
    '[0,1e+21,333333333.3333333,4.5,0.002,1e-27,100,0.30000000000000004]',
  );
});

test('members that are undefined are left out, null stays', () => {
  expect(canonicalJson({ b: null, a: undefined, c: [null] })).toBe('{"b":null,"c":[null]}');
});

test('what has no JSON form is refused rather than written as null', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, { value: Number.NEGATIVE_INFINITY }, [undefined], 5n]) {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  }
});

test('canonical text reads back as the same value, and writes the same text again', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      const back: unknown = JSON.parse(text);
      expect(back).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(back)).toBe(text);
      expect(Buffer.from(text, 'utf8').toString('utf8')).toBe(text);
    }),
  );
});

test('the order in which members were set makes no difference', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const reversed = Object.fromEntries(Object.entries(object).reverse());
      expect(canonicalJson(reversed)).toBe(canonicalJson(object));
    }),
  );
});
