import { expect } from 'vitest';
import { readStamp, type WallTime } from '../../../gateway/clock.ts';
import type { PeriodRecord } from '../../../gateway/record/record.ts';
import type { SiteDocument } from '../../../gateway/site/site-schema.ts';
import { SimulatedNode, type SimulatedNodeOptions } from '../../instruments/node/simulated-node.ts';
import { minutesOf, received, samplesOf } from '../received.ts';
import { SimulatedSite, type SimulatedSiteOptions } from '../simulated-site.ts';
import { dustMeter } from '../wiring.ts';

const minute = 60_000;

/** A dust meter on a line, and a particle sensor on each of these nodes: `dust-esp-1` at the point `gate-esp-1`. */
export async function siteOfNodes(
  nodes: readonly string[],
  options: Partial<SimulatedSiteOptions> = {},
  every = '60s',
): Promise<SimulatedSite> {
  return SimulatedSite.start({
    instruments: [dustMeter('dust-1', 1, { every: '20s' })],
    ...options,
    document: (before) => {
      const document: SiteDocument = {
        ...before,
        links: { ...before.links, nodes: { kind: 'nodes', listen: '127.0.0.1:1883' } },
        points: [...before.points, ...nodes.map((node) => ({ id: `gate-${node}` }))],
        instruments: [
          ...before.instruments,
          ...nodes.map((node) => ({
            ...{ id: `dust-${node}`, profile: 'fenceline/node-nova', link: 'nodes', node, every },
            point: `gate-${node}`,
          })),
        ],
      };
      return options.document?.(document) ?? document;
    },
  });
}

/** A node of the site; the number of a row is its PM2.5, ten times that its PM10. */
export function nodeOf(site: SimulatedSite, id: string, options: Partial<SimulatedNodeOptions> = {}): SimulatedNode {
  return new SimulatedNode({
    ...{ id, clock: site.clock, link: () => site.nodeLink, columns: ['pm25', 'pm10'] },
    measure: (number) => [number, number * 10],
    ...options,
  });
}

/** The word that holds on each minute of a node's PM2.5, by its start; no minute was said twice with one revision. */
export function words(site: SimulatedSite, node: string): Map<number, PeriodRecord> {
  const held = new Map<number, PeriodRecord>();
  const revisions = new Set<string>();
  for (const one of minutesOf(site.platform, `gate-${node}`, 'pm2.5')) {
    const key = `${one.from} ${one.revision}`;
    expect([key, revisions.has(key)]).toEqual([key, false]);
    revisions.add(key);
    const from = readStamp(one.from) as WallTime;
    if (one.revision > (held.get(from)?.revision ?? 0)) held.set(from, one);
  }
  return held;
}

/**
 * What the node has sent and was told is had, against the platform: each row is one sample of each factor, and stands in the
 * minute in which it was measured and in no other. `slack`: how far a time may be off, since a node counts whole seconds.
 */
export function expectOnce(site: SimulatedSite, node: SimulatedNode, slack = 3000): void {
  const waiting = new Set(node.held.map(({ at, seq }) => `${at} ${seq}`));
  const untimed = untimedRows(site, node.id);
  const had = node.made.filter(({ boot, at, seq }) => !waiting.has(`${at} ${seq}`) && !untimed.has(`${boot} ${seq}`));
  const samples = samplesOf(site.platform, `dust-${node.id}`).filter(({ value }) => value !== null);
  const pm25 = samples.filter(({ factor }) => factor === 'pm2.5').toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0));
  expect(pm25.map(({ value }) => value)).toEqual(had.map(({ values }) => values[0]));
  pm25.forEach(({ at }, index) => {
    expect(Math.abs(at - (had[index]?.at ?? 0))).toBeLessThanOrEqual(slack);
  });
  expect(samples.filter(({ factor }) => factor === 'pm10')).toHaveLength(had.length);
  const found = words(site, node.id);
  const byMinute = Map.groupBy(pm25, ({ at }) => Math.floor(at / minute) * minute);
  for (const [from, all] of byMinute) {
    // Parts of a period count where there is nothing whole.
    const whole = all.filter(({ flag }) => flag === 'N');
    const rows = whole.length > 0 ? whole : all;
    const mean = rows.reduce((sum, { value }) => sum + (value ?? 0), 0) / rows.length;
    expect({ from, ...found.get(from) }).toMatchObject({ count: rows.length });
    expect(found.get(from)?.average).toBeCloseTo(mean, 2);
  }
  for (const [from, { count }] of found) if (!byMinute.has(from)) expect([from, count]).toEqual([from, 0]);
}

/** Rows that stand in the records as they came, since nobody knows when they were measured; each once. */
function untimedRows(site: SimulatedSite, node: string): Set<string> {
  const events = eventsOf(site, 'node-rows-without-time').filter((details) => details.node === node);
  const rows = events.flatMap((details) =>
    (details.rows as (readonly number[])[]).map(([seq]) => `${details.boot} ${seq}`),
  );
  expect(new Set(rows).size).toBe(rows.length);
  return new Set(rows);
}

/** Events of that name in the records, in order. */
export function eventsOf(site: SimulatedSite, name: string): { readonly [field: string]: unknown }[] {
  const events = received(site.platform, 'event').filter(({ entry }) => entry.event === name);
  return events.map(({ entry }) => entry.details as { readonly [field: string]: unknown });
}
