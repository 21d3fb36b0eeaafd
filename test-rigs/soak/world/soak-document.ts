import type { SiteDocument } from '../../../gateway/site/site-schema.ts';
import { boardEvery } from '../verdict/board-findings.ts';

/** As the firmware's own sensors, but that say a frame in ten seconds. */
export const nodeProfile = `profile: soak/node
extends: fenceline/node-plantower
name: { zh: 试验, en: test }
leastPerMinute: 4
`;

/** The site of a soak: what is wired there, sensor nodes of these ids, and a board on USB; NTP has to vouch for the time. */
export function soakDocument(before: SiteDocument, nodes: readonly string[]): SiteDocument {
  return {
    ...before,
    clock: { trust: 'ntp' },
    // Fewer commits than by default: they take most of the time.
    samples: { keep: true, commitEvery: '60s' },
    links: {
      ...before.links,
      nodes: { kind: 'nodes', listen: '127.0.0.1:1883' },
      board: { kind: 'firmata', path: '/dev/board' },
    },
    points: [...before.points, ...nodes.map((id) => ({ id: `gate-${id}` })), { id: 'cabinet' }],
    instruments: [
      ...before.instruments,
      ...nodes.map((id) => ({
        ...{ id: `dust-${id}`, profile: 'soak/node', link: 'nodes', node: id, every: '60s', point: `gate-${id}` },
      })),
      {
        id: 'io',
        profile: 'soak/yard',
        link: 'board',
        every: `${boardEvery / 1000}s`,
        channels: { cabinet: 'cabinet' },
      },
    ],
  };
}
