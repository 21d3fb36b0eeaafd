import type { Span } from '../../../device-profiles/plan/span.ts';
import type { Candidate } from '../candidates.ts';

/** A question to an address that kept silent. */
interface SecondQuestion extends Span {
  readonly address: number;
}

interface SecondRound {
  readonly questions: readonly SecondQuestion[];
  /** How many there would be if none were left out. */
  readonly of: number;
}

/** Questions of the second round for each address of the first, and at least. */
const perAddress = 2;
const atLeast = 60;
/** A slave that was silent must not be asked again for 1.5 s: so many others are asked between. */
const between = 6;

/**
 * What silent addresses are asked in a second round, since some instruments keep silent at registers that they do not
 * have: the first request of a profile that is delivered at that address; of one that is known to keep silent; an input
 * register; then of every other profile. Cut where it would take for ever.
 */
export function secondRound(silent: readonly number[], candidates: readonly Candidate[]): SecondRound {
  const known = new Set<string>();
  const questions = (span: Span | undefined, addresses: readonly number[]): SecondQuestion[] => {
    if (!span) return [];
    const { functionCode, start, count } = span;
    return addresses.flatMap((address) => {
      const key = `${address} ${functionCode} ${start} ${count}`;
      if (known.has(key)) return [];
      known.add(key);
      return { address, functionCode, start, count };
    });
  };
  const firstOf = ({ required }: Candidate): Span | undefined => required[0];
  const delivered = candidates.flatMap((one) =>
    questions(
      firstOf(one),
      silent.filter((address) => address === one.profile.address.default),
    ),
  );
  const picky = candidates.filter(({ profile }) => profile.quirks.silentRefusal);
  const likely = [
    ...picky.flatMap((one) => questions(firstOf(one), silent)),
    ...questions({ functionCode: 4, start: 0, count: 1 }, silent),
  ];
  const others = candidates.flatMap((one) => questions(firstOf(one), silent));
  const most = Math.max(atLeast, perAddress * silent.length);
  const room = Math.max(0, most - delivered.length);
  return { questions: spread(delivered, [...likely, ...others].slice(0, room)), of: known.size };
}

/** Lays the questions to the few addresses of delivery between those to all. */
function spread(few: readonly SecondQuestion[], many: readonly SecondQuestion[]): SecondQuestion[] {
  const mixed = few.flatMap((one, place) => [one, ...many.slice(place * between, (place + 1) * between)]);
  return [...mixed, ...many.slice(few.length * between)];
}
