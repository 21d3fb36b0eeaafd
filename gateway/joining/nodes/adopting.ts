import type { Clock, LocalTime } from '../../clock.ts';
import type { GatewayOptions } from '../../gateway.ts';
import type { AdoptionBody, AdoptionPicture, NodePorts } from '../../http/nodes/node-routes.ts';
import { NodeAdoption } from '../../link/nodes/adoption/node-adoption.ts';
import type { AuditRecord, Json } from '../../record/record.ts';
import type { NodeAccounts } from '../../site/node-accounts.ts';
import type { Site } from '../../site/site-schema.ts';

interface AdoptingOptions {
  readonly site: Pick<Site, 'points' | 'instruments'>;
  readonly accounts: NodeAccounts;
  readonly createNodeLink: NonNullable<GatewayOptions['createNodeLink']>;
  readonly clock: Clock;
  readonly localTime: LocalTime;
  readonly record: (record: AuditRecord) => Promise<unknown>;
}

/** Adoption of nodes, as doors ask for it, and links to nodes that it knows of. */
interface Adopting {
  readonly ports: NodePorts;
  readonly createNodeLink: NonNullable<GatewayOptions['createNodeLink']>;
}

/** Every try to adopt a node, and every forgetting, is an audit record: who, which, and what came of it. */
export function openAdopting(options: AdoptingOptions): Adopting {
  const { site, accounts, createNodeLink, clock, localTime, record } = options;
  const adoption = new NodeAdoption(accounts, clock);
  const now = (): string => localTime.stamp(clock.wall());
  // What cannot be recorded now is told by the store, and is no reason to leave a node without its account.
  const audit = (who: string, action: string, details: Json): void =>
    void record({ kind: 'audit', at: now(), who, action, details, revision: 1 }).catch(() => undefined);
  return {
    createNodeLink: (id, settings, observe) =>
      adoption.attach(id, (told) => createNodeLink(id, settings, told), observe),
    ports: {
      accounts: () => accounts.list(),
      async adopt(asked: AdoptionBody, by: string): Promise<AdoptionPicture> {
        const outcome = await adoption.adopt({ ...asked, by, at: now() });
        const { kind, ...more } = outcome;
        audit(by, 'node-adopted', { chip: asked.chip, outcome: kind, ...('node' in more ? { node: more.node } : {}) });
        if (outcome.kind !== 'adopted') return { kind, ...more };
        const { node, chip } = outcome;
        const isNamed = site.instruments.some((one) => one.node === node);
        return { kind, node, chip, ...(isNamed ? {} : { entry: entryOf(outcome, site) }) };
      },
      async forget(node, by) {
        const was = await adoption.forget(node);
        if (was) audit(by, 'node-forgotten', { node });
        return was;
      },
    },
  };
}

/** One entry of `instruments` for a node; what hangs on it is for the technician to say. */
function entryOf(
  { node, link }: { readonly node: string; readonly link: string },
  { points }: Pick<Site, 'points'>,
): string {
  const entry = {
    id: node,
    profile: 'fenceline/node-plantower',
    link,
    node,
    every: '60s',
    point: points[0]?.id ?? 'north-gate',
  };
  const fields = Object.entries(entry).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return `{ ${fields.join(', ')} }`;
}
