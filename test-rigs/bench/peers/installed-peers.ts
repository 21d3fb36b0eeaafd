import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npm } from '../../../set-up/npm.mjs';

/** Peers that are no dependencies of ours: installed when a bench needs them, in a folder that git ignores. */
export const peersDirectory = join(import.meta.dirname, '..', '.peers');

/** What is installed, and of it what else decides over its figures. */
const versions = { 'node-red': '5.0.7', 'node-red-contrib-modbus': '5.23.3', 'modbus-serial': '8.0.25' } as const;

/** How the peers are called in a table. */
export const peersText = Object.entries(versions)
  .map(([name, version]) => `${name} ${version}`)
  .join(', ');

/** Installs what is missing; null, or why it cannot be done. */
export async function installPeers(): Promise<string | null> {
  if (Object.entries(versions).every(([name, version]) => installedVersion(name) === version)) return null;
  console.error(`installing ${peersText} into ${peersDirectory}`);
  await mkdir(peersDirectory, { recursive: true });
  const manifest = { name: 'fenceline-bench-peers', private: true, dependencies: versions };
  await writeFile(join(peersDirectory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  try {
    // Nothing of it needs a script to be run: the serial port's binaries lie in its package.
    await npm(process.execPath, ['install', '--ignore-scripts', '--omit=dev'], peersDirectory);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function installedVersion(name: string): string | undefined {
  const file = join(peersDirectory, 'node_modules', name, 'package.json');
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version;
}
