import { loadCatalogue } from '../../device-profiles/catalogue.ts';
import { type Gateway, type GatewayOptions, startGateway } from '../../gateway/gateway.ts';
import { KeyRing } from '../../gateway/site/key-ring.ts';
import { type LoadedSite, loadSite } from '../../gateway/site/load-site.ts';
import { siteDirectory } from '../../gateway/site/site-directory.ts';

/** What a story hands to a gateway: everything but the site, which is read from its directory. */
type Surroundings = Omit<GatewayOptions, 'directory' | 'loaded' | 'catalogue' | 'version' | 'keys'>;

/** Starts a gateway on a site directory as it stands; throws where the site or its store is refused. */
export async function startOn(
  root: string,
  surroundingsOf: (loaded: LoadedSite) => Surroundings | Promise<Surroundings>,
): Promise<Gateway> {
  const directory = siteDirectory(root);
  const catalogue = loadCatalogue({ directories: [directory.profiles] });
  const loaded = await loadSite(directory, { catalogue, resolveDevice: (path) => path });
  if (loaded.kind === 'refused') throw new Error(`the site of this story is refused: ${JSON.stringify(loaded)}`);
  const keys = await KeyRing.open(directory);
  const surroundings = await surroundingsOf(loaded);
  const gateway = await startGateway({ directory: root, loaded, catalogue, version: '0.0.0', keys, ...surroundings });
  if ('refusal' in gateway) throw new Error(gateway.message);
  return gateway;
}

/** Entries that the gateway still holds for the platform. */
export async function heldBy({ store }: Gateway): Promise<number> {
  const { records, samples } = await store.backlog('district');
  return records + samples;
}
