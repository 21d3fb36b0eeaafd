import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Catalogue, loadCatalogue } from '../../device-profiles/catalogue.ts';
import { siteDirectory } from '../site/site-directory.ts';

/** What `--site` names: a site directory, or a site file wherever it lies. */
interface SiteOption {
  readonly directory: string;
  /** The site file, named as the caller named it. */
  readonly file: string;
}

/** A path that ends in .json, or is a file, is taken for the site file itself. */
export function siteOption(path: string): SiteOption {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? basename(path).endsWith('.json');
  return isFile ? { directory: dirname(path), file: path } : { directory: path, file: join(path, 'site.json') };
}

/** The profiles of a site: its own before those that come with Fenceline. */
export function catalogueOf(directory: string): Catalogue {
  return loadCatalogue({ directories: [siteDirectory(directory).profiles] });
}
