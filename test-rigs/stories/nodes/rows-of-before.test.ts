import { expect, test } from 'vitest';
import { eventsOf, expectOnce, nodeOf, siteOfNodes, words } from './node-site.ts';

const minute = 60_000;

test('what a node measured before the site named it becomes minutes when it does, though others had been said without it', async () => {
  await using site = await siteOfNodes(['esp-1', 'esp-2'], {
    document: (whole) => ({ ...whole, instruments: whole.instruments.filter(({ id }) => id !== 'dust-esp-2') }),
  });
  const nodes = [nodeOf(site, 'esp-1'), nodeOf(site, 'esp-2')];
  await site.clock.advance(6.5 * minute);
  await site.stopGateway();
  await site.changeDocument((before) => {
    const first = before.instruments.find(({ id }) => id === 'dust-esp-1');
    if (first === undefined) throw new Error('the story has lost its first node');
    const named = { ...first, id: 'dust-esp-2', node: 'esp-2', point: 'gate-esp-2' };
    return { ...before, instruments: [...before.instruments, named] };
  });
  await site.startGateway();
  await site.clock.advance(4 * minute);
  for (const node of nodes) node.stop();
  await site.drained();
  for (const node of nodes) expectOnce(site, node);
  expect(words(site, 'esp-2').size).toBeGreaterThanOrEqual(9);
  expect(eventsOf(site, 'late-readings').some(({ unplaced }) => unplaced !== undefined)).toBe(false);
});

test('minutes of before the first start have their first word from each of two nodes, the later one too', async () => {
  await using site = await siteOfNodes(['esp-1', 'esp-2']);
  await site.clock.advance(minute);
  const began = (site.clock.wall() - 7_200_000) / 1000;
  for (const id of ['esp-1', 'esp-2']) {
    site.nodeLink?.connect(id);
    const rows = [1, 2].map((seq) => [seq, 60 * seq, 60, 60, 60, seq, 10 * seq]);
    site.nodeLink?.say(id, 'rows', JSON.stringify({ l: 1, b: 1, z: began, f: ['pm25', 'pm10'], r: rows }));
    await site.clock.advance(2 * minute);
  }
  await site.drained();
  for (const id of ['esp-1', 'esp-2']) {
    const own = [...words(site, id).values()].filter(({ count }) => count > 0);
    expect(own.map(({ average, flag, revision }) => [average, flag, revision])).toEqual([
      [1, 'N', 1],
      [2, 'N', 1],
    ]);
  }
});
