import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../../device-profiles/catalogue.ts';
import { candidatesOf } from '../candidates.ts';
import { secondRound } from './second-round.ts';

const candidates = candidatesOf(loadCatalogue({ directories: [] }));
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe('the second round', () => {
  test('is bounded, and says how many questions there would be', () => {
    const { questions, of } = secondRound(upTo(247), candidates);
    expect(questions.length).toBe(2 * 247);
    expect(of).toBeGreaterThan(questions.length);
  });

  test('asks no address the same twice', () => {
    const { questions } = secondRound(upTo(20), candidates);
    const each = questions.map((one) => `${one.address} ${one.functionCode} ${one.start} ${one.count}`);
    expect(new Set(each).size).toBe(each.length);
  });

  test('asks the first request of every profile that is delivered at a silent address', () => {
    const delivered = candidates.filter(({ profile }) => profile.address.default === 1);
    const { questions } = secondRound(upTo(247), candidates);
    const asked = questions
      .filter(({ address }) => address === 1)
      .map(({ functionCode, start }) => `${functionCode} ${start}`);
    const wanted = delivered.flatMap(({ required: [first] }) => (first ? `${first.functionCode} ${first.start}` : []));
    expect(asked).toEqual(expect.arrayContaining([...new Set(wanted)]));
  });

  test('has nothing to ask where nobody was silent', () => {
    expect(secondRound([], candidates)).toEqual({ questions: [], of: 0 });
  });
});
