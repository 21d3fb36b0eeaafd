import { expect, test } from 'vitest';
import { chainNext, chainStart } from '../record/chain.ts';
import { ChainWalk, type Stretch } from './chain-walk.ts';
import { type ChainReport, type Finding, Findings } from './finding.ts';

const place = { stream: 'records', epoch: '1-aaaaaaaa', gateway: 'zl-0001' } as const;
const minute = 60_000;

/** A chain of five stretches of four entries, committed a minute apart. */
function chain(): Stretch[] {
  const stretches: Stretch[] = [];
  let hash = chainStart(place.gateway, place.stream, place.epoch);
  for (let n = 0; n < 5; n++) {
    const from = n * 4 + 1;
    const before = hash;
    const entries = [0, 1, 2, 3].map((i) => {
      const seq = from + i;
      const beginning = `{"action":"epoch-begun","details":{"epoch":"${place.epoch}","previousEpoch":null}}`;
      const text = seq === 1 ? beginning : `{"n":${seq}}`;
      hash = chainNext(hash, seq, text);
      return { seq, text };
    });
    stretches.push({ from, to: from + 3, before, after: hash, committedAt: n * minute, entries, absent: [] });
  }
  return stretches;
}

function walked(
  stretches: readonly Stretch[],
  as: Partial<typeof place> = {},
): { report: ChainReport; found: Finding[] } {
  const findings = new Findings();
  const walk = new ChainWalk({ ...place, ...as } as typeof place, findings, ['lost']);
  for (const stretch of stretches) walk.take(stretch);
  return { report: walk.finish(), found: findings.list };
}

/** The chain with one stretch made anew. */
function changed(index: number, change: (stretch: Stretch) => Partial<Stretch>): Stretch[] {
  return chain().map((stretch, at) => (at === index ? { ...stretch, ...change(stretch) } : stretch));
}

const other = 'ab'.repeat(32);

test('a chain that nobody touched holds from the first seq to the last', () => {
  const { report, found } = walked(chain());
  expect(found).toEqual([]);
  expect(report).toMatchObject({ first: 1, last: 20, from: 0, to: 4 * minute, proven: 20, holds: true });
});

test('a chain may begin anywhere: then only what is there is proven', () => {
  expect(walked(chain().slice(2))).toMatchObject({
    found: [],
    report: { first: 9, last: 20, proven: 12, holds: true },
  });
});

const mutations: readonly [string, (stretch: Stretch) => Partial<Stretch>][] = [
  [
    'a byte in an entry',
    ({ entries }) => ({ entries: entries.with(1, { seq: entries[1]?.seq ?? 0, text: '{"n":0}' }) }),
  ],
  ['an entry taken out', ({ entries }) => ({ entries: entries.toSpliced(2, 1) })],
  [
    'two entries swapped',
    ({ entries: [a, b, c, d] }) => ({
      entries: [
        a,
        { seq: b?.seq ?? 0, text: c?.text ?? '' },
        { seq: c?.seq ?? 0, text: b?.text ?? '' },
        d,
      ] as Stretch['entries'],
    }),
  ],
  ['an entry added', ({ entries, to }) => ({ entries: [...entries, { seq: to, text: '{"n":5}' }] })],
];

test.each(mutations)('%s is found as altered, with its place, and nothing else is blamed', (_, change) => {
  for (const index of [1, 2, 4]) {
    const { report, found } = walked(changed(index, change));
    const first = index * 4 + 1;
    expect(found).toMatchObject([
      { kind: 'altered', stream: 'records', epoch: place.epoch, first, last: first + 3, at: index * minute },
    ]);
    expect(found[0]?.heldUntil).toBe((index - 1) * minute);
    expect(report).toMatchObject({ holds: false, proven: 16 });
  }
});

test('where only the hash was changed, the entries are said to hold', () => {
  const stretches = changed(2, () => ({ after: other }));
  expect(walked(stretches).found).toMatchObject([{ kind: 'hash-changed', first: 9, last: 12 }]);
  // A store that keeps one hash a commit gives the changed one to the next stretch as well.
  const both = stretches.map((stretch, at) => (at === 3 ? { ...stretch, before: other } : stretch));
  expect(walked(both)).toMatchObject({ found: [{ kind: 'hash-changed', first: 9, last: 12 }], report: { proven: 20 } });
});

test('a changed hash before a stretch does not follow', () => {
  const { found } = walked(changed(3, () => ({ before: other })));
  expect(found.map(({ kind, first }) => [kind, first])).toEqual([
    ['does-not-follow', 13],
    ['altered', 13],
  ]);
});

test('a stretch taken out is missing, with its numbers, and the rest is judged by itself', () => {
  const { report, found } = walked(chain().toSpliced(2, 1));
  expect(found).toMatchObject([{ kind: 'missing', first: 9, last: 12, heldUntil: minute, at: 3 * minute }]);
  expect(report).toMatchObject({ holds: false, proven: 16 });
});

test('stretches in another order, and one that comes twice, are found', () => {
  const [a, b, c, d, e] = chain() as [Stretch, Stretch, Stretch, Stretch, Stretch];
  expect(walked([a, c, b, d, e]).found.length).toBeGreaterThan(0);
  expect(walked([a, b, b, c, d, e]).found).toMatchObject([{ kind: 'does-not-follow', first: 5, last: 8 }]);
});

test('an epoch under another name is told by the name that its first record bears', () => {
  const { report, found } = walked(chain(), { epoch: '1-bbbbbbbb' } as never);
  expect(found).toMatchObject([{ kind: 'epoch-renamed', epoch: '1-bbbbbbbb', detail: `it began as ${place.epoch}` }]);
  expect(report.proven).toBe(20);
});

test('the chain of another gateway does not begin here', () => {
  const { found } = walked(chain(), { gateway: 'zl-0002' } as never);
  expect(found).toMatchObject([{ kind: 'does-not-follow', first: 1 }]);
});

test('what is absent with a reason is no fault; what is lost without one is', () => {
  const absent = (reason: string) =>
    changed(1, ({ after }) => ({ entries: [], absent: [[5, 8, reason, after]] as Stretch['absent'] }));
  expect(walked(absent('expired'))).toMatchObject({ found: [], report: { absent: [[5, 8, 'expired']], proven: 16 } });
  expect(walked(absent('lost')).found).toMatchObject([{ kind: 'lost', first: 5, last: 8 }]);
});
