import { expect, test } from 'vitest';
import type { GatewayEvent } from '../../../gateway/diagnosis/gateway-event.ts';
import { minutesOf } from '../received.ts';
import { eventsOf, expectOnce, nodeOf, siteOfNodes, words } from './node-site.ts';

const minute = 60_000;
const hour = 60 * minute;

test('a node away for three hours: every minute is said without it, and anew by what it kept; none lost, none twice', async () => {
  await using site = await siteOfNodes(['esp-1']);
  const node = nodeOf(site, 'esp-1');
  await site.clock.advance(10.5 * minute);
  node.isReachable = false;
  await site.clock.advance(3 * hour);
  expect(node.held.length).toBeGreaterThan(175);
  node.isReachable = true;
  await site.clock.advance(20 * minute);
  node.stop();
  await site.drained();
  expect(node.held.length).toBeLessThanOrEqual(1);
  expectOnce(site, node);
  const away = [...words(site, 'esp-1').values()].filter(({ revision }) => revision > 1);
  expect(away.length).toBeGreaterThan(175);
  for (const one of away) expect(one).toMatchObject({ count: 1, expected: 1, flag: 'N' });
  // Before it came, the minute said why it was empty.
  const first = minutesOf(site.platform, 'gate-esp-1', 'pm2.5').filter(({ revision }) => revision === 1);
  expect(first.filter(({ reason }) => reason === 'line-lost').length).toBeGreaterThan(175);
  const late = eventsOf(site, 'late-readings').reduce((sum, { readings }) => sum + Number(readings), 0);
  expect(late).toBe(2 * away.length);
  // Nobody else's minute was touched.
  expect(minutesOf(site.platform, 'dust-1', 'pm2.5').every(({ revision }) => revision === 1)).toBe(true);
});

test('acknowledgements that are lost make it send again, and nothing is counted twice', async () => {
  await using site = await siteOfNodes(['esp-1']);
  const node = nodeOf(site, 'esp-1');
  await site.clock.advance(5.5 * minute);
  for (let n = 0; n < 8; n++) {
    site.nodeLink?.deaf('esp-1', n % 2 === 0);
    await site.clock.advance(1.5 * minute);
  }
  site.nodeLink?.deaf('esp-1', false);
  await site.clock.advance(3 * minute);
  node.stop();
  await site.drained();
  expect(node.sent).toBeGreaterThan(node.made.length);
  expectOnce(site, node);
});

test('of two nodes one floods with nonsense: the other one loses nothing, and the flood is told and counted', async () => {
  const troubles: GatewayEvent[] = [];
  await using site = await siteOfNodes(['esp-1', 'esp-2'], {
    observe: (event) => void (event.kind === 'node-trouble' && troubles.push(event)),
  });
  const node = nodeOf(site, 'esp-1');
  site.nodeLink?.connect('esp-2');
  const nonsense = [
    'x'.repeat(1500),
    '{"l":1}',
    '{"l":2,"b":1,"f":["pm25"],"r":[]}',
    '{"l":1,"b":1,"u":100,"f":["pm25","pm10"],"r":[[1,0,60,60,60,1e300,2],[2,1],"three",[4,0,60,1,1,null]]}',
    JSON.stringify({ l: 1, b: 4_000_000_000, u: 1, f: ['pm25'], r: [] }),
    '[]',
    '',
    '\u0000\u00ff',
  ];
  for (let second = 0; second < 240; second++) {
    for (let n = 0; n < 20; n++) site.nodeLink?.say('esp-2', 'rows', nonsense[(second + n) % nonsense.length] ?? '');
    site.nodeLink?.say('esp-2', 'hello', nonsense[second % nonsense.length] ?? '');
    await site.clock.advance(1000);
  }
  await site.clock.advance(2 * minute);
  node.stop();
  await site.drained();
  expectOnce(site, node);
  expect([...words(site, 'esp-2').values()].every(({ count, average }) => count === 0 && average === null)).toBe(true);
  expect(troubles.length).toBeLessThan(200);
  const told = troubles.reduce((sum, event) => sum + (event.kind === 'node-trouble' ? event.count : 0), 0);
  expect(told).toBeGreaterThan(4000);
});

test('the broker of the site is down for half an hour: the nodes keep their rows, and bring them when it is back', async () => {
  await using site = await siteOfNodes(['esp-1', 'esp-2'], {}, '30s');
  const nodes = ['esp-1', 'esp-2'].map((id) => nodeOf(site, id, { period: 30 }));
  await site.clock.advance(5.5 * minute);
  for (const node of nodes) node.isReachable = false;
  await site.clock.advance(hour / 2);
  for (const node of nodes) node.isReachable = true;
  await site.clock.advance(15 * minute);
  for (const node of nodes) node.stop();
  await site.drained();
  for (const node of nodes) expectOnce(site, node);
});
