import { expect, test } from 'vitest';
import { soundNode, troubledNodes } from '../../../test-rigs/surroundings/sample-nodes.ts';
import { healthyPicture, troubledPicture } from '../../../test-rigs/surroundings/sample-picture.ts';
import type { Picture } from '../../http/picture.ts';
import { seenNow } from '../feed/picture-age.ts';
import { en } from '../words/en.ts';
import { zh } from '../words/zh.ts';
import { keepsStarting, refusalOf } from './node-problems.ts';
import { problemsOf } from './problems.ts';
import { canBeReadNow } from './troubles.ts';

const problems = (picture: Picture, since = 0): readonly string[] =>
  problemsOf(seenNow(picture, 0, since), en, 'en').map(({ text }) => text);

test('what hangs on a node cannot be read at this moment, and what is left out neither', () => {
  const { instruments, links } = healthyPicture();
  const [instrument] = instruments;
  if (instrument === undefined) throw new Error('the sample has an instrument');
  const onNodes = links.map((link) => ({ ...link, kind: 'nodes' as const }));
  expect([canBeReadNow(instrument, links), canBeReadNow(instrument, onNodes)]).toEqual([true, false]);
  expect(canBeReadNow({ ...instrument, condition: 'left-out' }, links)).toBe(false);
});

test('a site with nothing wrong has no problem', () => {
  expect(problems(healthyPicture())).toEqual([]);
});

test('each thing that is wrong is one problem, told once', () => {
  expect(problems(troubledPicture())).toEqual([
    'Line usb-1 is closed',
    'Dust and noise station dust-1: 1 factor without a normal value',
    'Three-phase energy meter meter-1: not answering',
    'plantower/pms5004 particles-1: left out',
    'Uplink district is not connected',
  ]);
});

test('values that nobody renews become a problem by their age alone', () => {
  const picture = healthyPicture();
  expect(problems(picture, 13_000)).toEqual([]);
  expect(problems(picture, 14_000)).toEqual(['Dust and noise station dust-1: values are old']);
});

test('a fault of the site file that belongs to no instrument is told for itself', () => {
  const picture = healthyPicture();
  picture.gateway.siteFaults = [
    { field: 'uplinks[0].url', fault: { zh: '没有', en: 'none' }, remedy: { zh: '写一个', en: 'write one' } },
  ];
  expect(problems(picture)).toEqual(['1 fault in the site file']);
});

test('an uplink that its platform has retired is no problem once everything is delivered', () => {
  const picture = troubledPicture();
  const retired = { uplink: 'district', at: '2026-11-24T09:00:00.000+08:00', who: 'uplink district', delivered: false };
  picture.commands.retired = [retired];
  expect(problems(picture)).toContain('Uplink district is not connected');
  picture.commands.retired = [{ ...retired, delivered: true }];
  expect(problems(picture)).not.toContain('Uplink district is not connected');
});

test('another gateway with this one’s identity is a problem', () => {
  const picture = healthyPicture();
  const at = '2026-11-24T11:45:00.000+08:00';
  picture.store.apart = { reason: 'another-writer', at };
  expect(problems(picture)).toEqual(['A platform has records under this gateway’s name that it never made']);
  picture.store.apart = { reason: 'another-machine', at };
  expect(problems(picture)).toEqual([expect.stringContaining('the card was moved or copied')]);
});

test('what the store dropped and what a platform refused are problems', () => {
  const picture = healthyPicture();
  picture.store.dropped = 1200;
  for (const uplink of picture.uplinks) uplink.refused = 3;
  expect(problems(picture)).toEqual(['The store dropped 1,200 entries', 'district refused 3 entries']);
});

test('a certificate that soon ends is a problem in either language', () => {
  const picture = healthyPicture();
  for (const uplink of picture.uplinks) {
    const fault = {
      en: "this gateway's certificate ends in 12 days, on 2026-12-06",
      zh: '本网关的证书还有 12 天到期（2026-12-06）',
    };
    uplink.credentials = [{ field: 'tls.certificate', fault, remedy: { en: 'renew', zh: '更新' } }];
  }
  expect(problems(picture)).toEqual(["Uplink district: this gateway's certificate ends in 12 days, on 2026-12-06"]);
  const chinese = problemsOf(seenNow(picture, 0, 0), zh, 'zh').map(({ text }) => text);
  expect(chinese).toEqual(['上行 district：本网关的证书还有 12 天到期（2026-12-06）']);
});

test('a time that is not known is a problem with what waits for it, and one that is known with a caveat is that caveat', () => {
  const picture = healthyPicture();
  const why = { zh: '没有', en: 'NTP is not heard at present' };
  picture.clock = { ...picture.clock, next: why, why };
  expect(problems(picture)).toEqual(['NTP is not heard at present']);
  picture.clock = { ...picture.clock, trusted: false, held: { ...picture.clock.held, readings: 4200 } };
  expect(problems(picture)).toEqual(['The time is not known: 4,200 readings wait']);
});

test('a gateway that has not been heard for seven seconds is lost', () => {
  expect([seenNow(healthyPicture(), 0, 7000).lost, seenNow(healthyPicture(), 0, 7001).lost]).toEqual([false, true]);
});

test('records that nobody else has and that will be let go are a problem with the day, in either language', () => {
  const picture = healthyPicture();
  const [since, at] = ['2021-11-20T00:00:00.000+08:00', '2026-11-20T06:00:00.000+08:00'];
  picture.store.leaving = { since, at, days: 12, by: 'age' };
  expect(problems(picture)).toEqual([
    'Records of 12 days, not yet exported or acknowledged, will be let go from 2026-11-20 on',
  ]);
  const chinese = problemsOf(seenNow(picture, 0, 0), zh, 'zh').map(({ text }) => text);
  expect(chinese).toEqual(['有 12 天的记录尚未导出或被平台确认，将自 2026-11-20 起被清除']);
});

test('a node that is away, was full, went back from an update or took no configuration is a problem; a weak signal is none', () => {
  const picture = healthyPicture();
  picture.nodes = [soundNode, ...structuredClone(troubledNodes)];
  expect(problems(picture)).toEqual([
    'Node dust-crane is away for 3 h 25 min',
    'Node dust-crane was full and dropped 72 rows',
    'Node dust-crane is 92 % full',
    'Node dust-crane went back from firmware 0.2.0',
    'Node dust-crane repeats an earlier start',
    'Node dust-pit has not been seen',
    'Node spare did not take its configuration',
  ]);
  const [first] = problemsOf(seenNow(picture, 0, 0), zh, 'zh');
  expect(first).toEqual({ place: 'node-dust-crane', text: '节点 dust-crane 离线 3 小时 25 分钟' });
});

test('a node that restarts, or that no instrument is on, is not missed at once', () => {
  const picture = healthyPicture();
  const since = '2026-11-24T11:44:33.000+08:00';
  picture.nodes = [{ ...soundNode, connected: false, since }];
  expect(problems(picture)).toEqual([]);
  picture.nodes = [{ ...soundNode, connected: false, since: null, instruments: [] }];
  expect(problems(picture)).toEqual([]);
});

test('a node that is away says why it was turned away since it was there, and nothing of what was before', () => {
  const picture = healthyPicture();
  const turned = (why: 'flood' | 'wrong-password', last: string) =>
    ({ ...{ why, node: 'dust-gate', chip: '7f3a12', address: null, count: 1 }, last }) as const;
  const [link] = picture.links;
  if (link === undefined) throw new Error('the sample has lost its links');
  // Newest first.
  const turnedAway = [
    turned('flood', '2026-11-24T08:19:59.500+08:00'),
    turned('wrong-password', '2026-11-24T05:00:00.000+08:00'),
  ];
  picture.links = [{ ...link, nodes: { connected: [], fresh: [], turnedAway } }];
  const refusal = (node: object): string | undefined =>
    refusalOf({ ...soundNode, connected: false, ...node }, seenNow(picture, 0, 0));
  expect(refusal({ since: '2026-11-24T08:20:00.000+08:00' })).toBe('flood');
  expect(refusal({ since: '2026-11-24T09:00:00.000+08:00' })).toBeUndefined();
  expect(refusal({ since: null })).toBe('flood');
  expect(refusal({ since: null, connected: true })).toBeUndefined();
  expect(refusal({ since: null, id: 'dust-crane' })).toBeUndefined();
});

test('a node that nobody restarted four times in a row, and that has just started, starts again and again', () => {
  const { health } = soundNode;
  if (health === null) throw new Error('the sample has lost its health');
  const startedAt = '2026-11-24T11:40:10.000+08:00';
  const loop = ['power', 'brownout', 'watchdog', 'brownout', 'heap'];
  expect(keepsStarting({ ...health, boots: loop, startedAt })).toBe(true);
  expect(keepsStarting({ ...health, boots: loop })).toBe(false);
  expect(keepsStarting({ ...health, boots: [...loop, 'update'], startedAt })).toBe(false);
  expect(keepsStarting({ ...health, boots: loop.slice(1, 4), startedAt })).toBe(false);
});
