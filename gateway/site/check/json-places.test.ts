import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJson } from './json-places.ts';

/** Where and what is wrong, as `line:column fault; remedy`. */
function toldOf(text: string): string {
  const read = readJson(text);
  return 'fault' in read ? `${read.line}:${read.column} ${read.fault.en}; ${read.remedy.en}` : 'is JSON';
}

test('whatever JSON.stringify writes is read as the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.nat(4), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(readJson(text)).toMatchObject({ value: JSON.parse(text) });
    }),
  );
});

test('a text that JSON.parse refuses is refused, whatever was done to it', () => {
  const whole = '{"a":[1,-2.5e3,"x\\n",true,null],"b":{"c":{}}}';
  fc.assert(
    fc.property(
      fc.nat(whole.length),
      fc.nat(3),
      fc.constantFrom('', ',', '"', '}', '[', '0', '\n', 'e'),
      (at, cut, put) => {
        const text = whole.slice(0, at) + put + whole.slice(at + cut);
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        expect('value' in readJson(text)).toBe(isJson);
      },
    ),
    { numRuns: 2000 },
  );
});

test('a comma after the last member is named at its place', () => {
  expect(toldOf('{\n  "a": 1,\n}')).toBe('2:9 a comma before }; delete this comma');
});

test('a full-width comma from a Chinese input method is named with what to type instead', () => {
  expect(toldOf('{ "a": 1， "b": 2 }')).toBe(
    '1:9 a full-width character ，; type , with the input method switched to English',
  );
});

test('curly quotes are named with what to type instead', () => {
  expect(toldOf('{ “a”: 1 }')).toMatch(/^1:3 a full-width character “; type "/);
});

test('a comment is named as one', () => {
  expect(toldOf('{\n  // the gate\n  "a": 1 }')).toBe('2:3 a comment; JSON has none; delete the comment');
});

test('a file that was cut off says that it ends too early', () => {
  expect(toldOf('{ "a": [1, 2')).toMatch(/^1:13 the file ends too early; expected a comma or \]/);
});

test('an empty file is not JSON', () => {
  expect(toldOf('')).toMatch(/^1:1 the file ends too early/);
});

test('a file saved with a byte order mark is read', () => {
  expect(toldOf('\ufeff{}')).toBe('is JSON');
});

test('brackets nested without end are refused and stop nothing', () => {
  expect(toldOf('['.repeat(100_000))).toMatch(/^1:66 unexpected \[; expected fewer nested brackets/);
});

test('every member and element knows its line', () => {
  const read = readJson('{\n  "a": [\n    1,\n    { "b": 2 }\n  ]\n}');
  if ('fault' in read) throw new Error(read.fault.en);
  expect(read.place(['a', 1, 'b'])).toEqual({ line: 4, column: 7 });
  expect(read.place(['a', 1, 'missing'])).toEqual({ line: 4, column: 5 });
  expect(read.place(['nowhere'])).toEqual({ line: 1, column: 1 });
});
