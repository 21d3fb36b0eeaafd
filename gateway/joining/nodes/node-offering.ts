import type { Clock, LocalTime } from '../../clock.ts';
import type { NodeEvent } from '../../driver/node/events.ts';
import { nodeChanges } from '../../driver/node/offers/node-configuration.ts';
import { NodeOffers } from '../../driver/node/offers/node-offers.ts';
import { offeredFirmware } from '../../driver/node/offers/offer-state.ts';
import type { GatewayOptions } from '../../gateway.ts';
import type { NodePorts } from '../../http/nodes/node-routes.ts';
import type { NodeOfferPorts, OfferRefusal } from '../../http/nodes/offer-routes.ts';
import type { NodePicture } from '../../http/picture.ts';
import type { NodeLink } from '../../link/nodes/node-link.ts';
import type { AuditRecord } from '../../record/record.ts';
import { writeDurably } from '../../site/durable-file.ts';
import { readIfThere, type SiteDirectory } from '../../site/site-directory.ts';

interface NodeOfferingOptions {
  readonly directory: SiteDirectory;
  readonly clock: Clock;
  readonly localTime: LocalTime;
  readonly createNodeLink: NonNullable<GatewayOptions['createNodeLink']>;
  readonly record: (audit: AuditRecord) => Promise<unknown>;
  readonly observe: (event: NodeEvent) => void;
  /** The nodes that there are, as the picture has them. */
  readonly nodes: () => readonly NodePicture[];
}

/** What is offered to nodes over the air, joined to their links, the site directory, the records and the door. */
export interface NodeOffering {
  readonly offers: NodeOffers;
  /** For what brings readings: makes the links by which the offers go out, and is told what nodes say to them. */
  readonly acquiring: {
    readonly createNodeLink: NonNullable<GatewayOptions['createNodeLink']>;
    readonly offers: NodeOffers;
  };
  readonly ports: NodeOfferPorts;
}

/** What is asked of accounts, with the offers of a node going with its account. */
export function withOffers(nodes: NodePorts, { offers }: NodeOffering): NodePorts {
  return {
    ...nodes,
    async forget(node, by) {
      const was = await nodes.forget(node, by);
      if (was) offers.forget(node);
      return was;
    },
  };
}

/** Who asked, in the records, as for everything that comes over the socket of the site directory. */
const asker = 'command line';

export async function openNodeOffering(options: NodeOfferingOptions): Promise<NodeOffering> {
  const { directory, clock, localTime, createNodeLink, record, observe } = options;
  const links = new Map<string, NodeLink>();
  const path = directory.nodeOffers;
  const offers = await NodeOffers.open({
    // It holds passwords until the nodes have them.
    storage: { read: () => readIfThere(path), write: (text) => writeDurably(path, text, { mode: 0o600 }) },
    clock,
    send: (node, kind, payload) => [...links.values()].some((link) => link.send(node, kind, payload)),
    observe,
    record(who, action, details) {
      const at = localTime.stamp(clock.wall());
      // A record that the store cannot take is the store's fault to tell.
      record({ kind: 'audit', at, who, action, details, revision: 1 }).catch(() => undefined);
    },
    fault: (message) => observe({ kind: 'node-offers-fault', message }),
  });
  return {
    offers,
    acquiring: {
      offers,
      createNodeLink(id, settings, told) {
        const link = createNodeLink(id, settings, told);
        links.set(id, link);
        return link;
      },
    },
    ports: portsOf(offers, options),
  };
}

function portsOf(offers: NodeOffers, { nodes }: NodeOfferingOptions): NodeOfferPorts {
  return {
    async offerUpdate(named, raw) {
      const firmware = offeredFirmware.safeParse(raw);
      if (!firmware.success) return malformed(firmware.error, 'firmware', 'compile it anew: fenceline node build');
      const { version } = firmware.data;
      const known = nodes().map(({ id }) => id);
      const unknown = named?.find((id) => !known.includes(id));
      if (unknown !== undefined) return noSuchNode(unknown, known);
      const wanted = named ?? known;
      if (wanted.length === 0) return noSuchNode('at all', known);
      // A node takes a version for what it is called: one that it runs already it would pass over without a word.
      const already = nodes().flatMap(({ id, health }) => (health?.version === version ? [id] : []));
      const offered = wanted.filter((id) => !already.includes(id));
      // Whoever offers what a node runs wants it so: another version that it went back from is no matter any more.
      for (const id of wanted) if (already.includes(id)) offers.dismiss(id);
      if (offered.length === 0) {
        const fault = `${wanted.join(', ')} runs firmware ${version} already`;
        const remedy = 'raise the version in edge/node/package.json, and compile it: fenceline node build';
        return { refused: { field: 'firmware.version', fault, remedy }, status: 409 };
      }
      await offers.offerFirmware(offered, firmware.data, named !== undefined, asker);
      return { nodes: offered, version, already: wanted.filter((id) => already.includes(id)) };
    },
    async offerConfiguration(node, raw) {
      const changes = nodeChanges.safeParse(raw);
      if (!changes.success) return malformed(changes.error, 'configuration', 'see fenceline node configure --help');
      const known = nodes().find(({ id }) => id === node);
      if (known === undefined) {
        return noSuchNode(
          node,
          nodes().map(({ id }) => id),
        );
      }
      if (changes.data.tls === true && known.health?.chip === 'esp8266') {
        const refused = { field: 'tls', fault: `${node} is an ESP8266: TLS does not fit`, remedy: 'leave it out' };
        return { refused, status: 409 };
      }
      return { nodes: [node], version: await offers.offerConfiguration(node, changes.data, asker) };
    },
  };
}

function malformed(
  error: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] },
  what: string,
  remedy: string,
): OfferRefusal {
  const [issue] = error.issues;
  const field = [what, ...(issue?.path ?? [])].map(String).join('.');
  return { refused: { field, fault: issue?.message ?? 'is not understood', remedy }, status: 400 };
}

function noSuchNode(node: string, known: readonly string[]): OfferRefusal {
  const remedy = known.length === 0 ? 'this site has no nodes' : `it has: ${known.join(', ')}`;
  return { refused: { field: 'nodes', fault: `there is no node ${node}`, remedy }, status: 404 };
}
