import { type Configuration, faultyField } from './configuration.ts';
import { decoded } from './decoded.ts';
import { readAt } from './files/reading.ts';
import { putNew, renameOver } from './files/renaming.ts';
import { sizeOf } from './files/size.ts';
import { write } from './files/writing.ts';

/*
 * `node.json` is the configuration in force. One that came over the air is `node.new` and goes before it on trial, until the
 * gateway is heard under it; only then it takes the place of `node.json`, which is kept as `node.old`. `node.boots` counts
 * the boots of a trial, a byte each: after three in which the gateway was not heard the new one becomes `node.bad` and is
 * not taken again. What does not parse or is not good is passed over: a torn `node.new`, a broken `node.json`.
 */

const TRIALS = 3;
const MOST_BYTES = 1024;

interface Loaded {
  configuration: Configuration;
  isOnTrial: boolean;
}

/** The configuration to start with; undefined if there is none that is good. */
export function loadConfiguration(isSecure: boolean): Loaded | undefined {
  let fresh = readDocument('node.new', isSecure);
  if (fresh !== undefined && sizeOf('node.boots') >= TRIALS) {
    renameOver('node.new', 'node.bad');
    fresh = undefined;
  }
  if (fresh !== undefined) {
    write('node.boots', 'a', '.');
    return { configuration: fresh, isOnTrial: true };
  }
  forget();
  const configuration = readDocument('node.json', isSecure) || readDocument('node.old', isSecure);
  return configuration === undefined ? undefined : { configuration, isOnTrial: false };
}

function forget(): void {
  if (file.exists('node.new')) file.remove('node.new');
  if (file.exists('node.boots')) file.remove('node.boots');
}

/** The gateway was heard under the configuration on trial: it is in force. */
export function confirmConfiguration(isSecure: boolean): void {
  // A broken one is not worth keeping instead of the last good one.
  if (readDocument('node.json', isSecure) === undefined) file.remove('node.json');
  putNew('node.new', 'node.json', 'node.old');
  forget();
}

/**
 * Takes changes to the configuration in force. Undefined: they are in `node.new`, and a restart tries them. Otherwise why
 * not: `syntax`, `field NAME`, `rolled-back`, `flash`; empty if it is the one in force.
 */
export function takeConfiguration(payload: string, isSecure: boolean, inForce: Configuration): string | undefined {
  const changes = decoded(payload);
  if (changes === undefined) return 'syntax';
  if (changes.version === inForce.version) return '';
  const bad = readDocument('node.bad', isSecure);
  if (bad !== undefined && bad.version === changes.version) return 'rolled-back';
  return writeConfiguration(changes, isSecure);
}

/** As `takeConfiguration`, whatever the version. */
export function writeConfiguration(changes: { [field: string]: unknown }, isSecure: boolean): string | undefined {
  const document = (readDocument('node.new', isSecure) ||
    readDocument('node.json', isSecure) ||
    readDocument('node.old', isSecure)) as unknown as { [field: string]: unknown };
  for (const field in changes) document[field] = changes[field];
  const fault = faultyField(document, isSecure);
  if (fault !== undefined) return `field ${fault}`;
  // The chip's encoder leaves a backslash as it is, which other software could not read, and itself not either.
  const given = document.wifi as string[];
  document.wifi = [doubled(given[0] as string), doubled(given[1] as string)];
  const text = sjson.encode(document);
  const read = decoded(text);
  const wifi = (read === undefined ? [] : read.wifi) as string[];
  if (wifi[0] !== given[0] || wifi[1] !== given[1]) return 'field wifi';
  file.remove('node.boots');
  return text.length <= MOST_BYTES && write('node.new', 'w', text) ? undefined : 'flash';
}

function readDocument(name: string, isSecure: boolean): Configuration | undefined {
  const document = decoded(readAt(name, 0, MOST_BYTES) || '');
  if (document === undefined || faultyField(document, isSecure) !== undefined) return undefined;
  return document as unknown as Configuration;
}

function doubled(text: string): string {
  const [all] = string.gsub(text, '\\', '\\\\');
  return all;
}
