import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How long profiles take to load, each time in a process of its own: milliseconds, without the time of its modules. */
export interface Loading {
  /** Five profiles of the site's own, read, merged, checked, their captures replayed. */
  readonly siteProfilesMs: number;
  /** The list of the whole catalogue through its built index. */
  readonly catalogueMs: number;
  /** The same without the index. */
  readonly withoutIndexMs: number;
}

const root = join(import.meta.dirname, '../../..');
/** One of each protocol that there is, those with the most captures, and an electricity meter more. */
const own = ['eastron/sdm630', 'chint/dtsu666', 'plantower/pms5003', 'dlt645/meter-2007', 'hj212/dust-station'];

const script = `
const { loadCatalogue } = await import(process.argv[1] + '/device-profiles/catalogue.ts');
const [what, directory] = process.argv.slice(2);
const began = performance.now();
if (what === 'site') {
  const catalogue = loadCatalogue({ directories: [directory] });
  for (const id of ${JSON.stringify(own)}) if (!catalogue.find(id)?.local) throw new Error(id + ' is not the site’s');
} else {
  const { length } = loadCatalogue({ directories: [], ...(what === 'cold' && { index: {} }) }).list();
  if (length === 0) throw new Error('the catalogue is empty');
}
console.log(performance.now() - began);
`;

const timed = (what: 'site' | 'built' | 'cold', directory = ''): number =>
  Number(
    execFileSync(process.execPath, ['--input-type=module', '-e', script, root, what, directory], { encoding: 'utf8' }),
  );

/** Measures once; the caller takes turns. */
export function measureLoading(): Loading {
  const directory = mkdtempSync(join(tmpdir(), 'fenceline-bench-profiles-'));
  try {
    copyOwn(directory);
    return { siteProfilesMs: timed('site', directory), catalogueMs: timed('built'), withoutIndexMs: timed('cold') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The site's own copies, standing on their own: what they extend stays in the catalogue. */
function copyOwn(directory: string): void {
  for (const id of own) {
    mkdirSync(join(directory, id, '..'), { recursive: true });
    const file = join(root, 'device-profiles', id);
    writeFileSync(join(directory, `${id}.yaml`), readFileSync(`${file}.yaml`));
    try {
      cpSync(`${file}.captures.yaml`, join(directory, `${id}.captures.yaml`));
    } catch {
      // One without captures is unproven, and loads all the same.
    }
  }
}
