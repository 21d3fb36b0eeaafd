import { chmod, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeDirectory } from './durable-file.ts';
import { SiteFile } from './lowdb-site-file.ts';

/** Where everything of a site stands. The gateway keeps what it owns in here and nowhere else. */
export interface SiteDirectory {
  readonly root: string;
  /** What the site is: `site.json`. */
  readonly document: string;
  /** Earlier versions of it. */
  readonly history: string;
  /** The marker of a change of it that is on trial. */
  readonly siteTrial: string;
  /** The last document that the gateway could run with. */
  readonly lastGood: string;
  /** The site's own profiles; they come before the catalogue. */
  readonly profiles: string;
  /** Keys and passwords, each a file of mode 0600. */
  readonly secrets: string;
  /** The chain of public keys, from the first one on. */
  readonly keys: string;
  /** What the instruments were found to refuse; learned anew where it is missing. */
  readonly tolerances: string;
  /** Commands that platforms sent, and what was answered, a line each. */
  readonly commands: string;
  /** What the uplinks took of their month; counted from 0 where it is missing. */
  readonly traffic: string;
  /** What was found of the battery clock while the time was known. */
  readonly clockMemory: string;
  /** Uplinks that their platforms have retired. */
  readonly retired: string;
  /** What is offered to sensor nodes over the air; it may hold the password of a network until a node has it. */
  readonly nodeOffers: string;
  /** The socket on which the running gateway answers the commands, in a directory that only its user may enter. */
  readonly socket: string;
}

/** The paths inside a site directory; nothing is created or read. */
export function siteDirectory(path: string): SiteDirectory {
  const root = resolve(path);
  return {
    root,
    document: join(root, 'site.json'),
    history: join(root, 'site-history'),
    siteTrial: join(root, 'site.trial.json'),
    lastGood: join(root, 'site.last-good.json'),
    profiles: join(root, 'profiles'),
    secrets: join(root, 'secrets'),
    keys: join(root, 'keys.json'),
    tolerances: join(root, 'tolerances.json'),
    commands: join(root, 'commands.lines'),
    traffic: join(root, 'traffic.json'),
    clockMemory: join(root, 'clock.json'),
    retired: join(root, 'retired.json'),
    nodeOffers: join(root, 'node-offers.json'),
    socket: join(root, 'run', 'gateway.sock'),
  };
}

/** Makes the directory and its secrets, which are for the gateway's user only. The store makes its own folder. */
export async function prepareSiteDirectory(directory: SiteDirectory): Promise<void> {
  await makeDirectory(directory.secrets, 0o700);
  await chmod(directory.secrets, 0o700);
}

/** The site's document as a file that is written durably, with its history. */
export function siteFileOf({ document, history }: SiteDirectory): SiteFile {
  return new SiteFile({ path: document, history });
}

/** The text of a secret, undefined when there is none. The name is a file's, without a path. */
export async function readSecret({ secrets }: SiteDirectory, name: string): Promise<string | undefined> {
  return readIfThere(join(secrets, secretName(name)));
}

function secretName(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name)) throw new RangeError(`${name} is not the name of a secret`);
  return name;
}

/** The text of a file, undefined when there is none; other failures of the file system throw. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
