import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/**
 * What tells this machine from others, best first: the serial number of a board or of a PC, which does not go with a card
 * that is copied, and the id of the installation, which does unless the copy was given a new one.
 */
const sources = [
  { kind: 'board', path: '/sys/firmware/devicetree/base/serial-number' },
  { kind: 'pc', path: '/sys/class/dmi/id/product_uuid' },
  { kind: 'installation', path: '/etc/machine-id' },
] as const;

/**
 * `kind:digest` of what tells this machine from others, undefined where nothing does. A digest, since machine-id(5) asks that
 * the id itself be kept from others.
 */
export async function machineId(
  read: (path: string) => Promise<string> = (path) => readFile(path, 'utf8'),
): Promise<string | undefined> {
  for (const { kind, path } of sources) {
    // A device tree ends its texts with a zero byte. Boards without a serial number say 0000…
    const text = (await read(path).catch(() => '')).replaceAll('\0', '').trim().toLowerCase();
    if (text === '' || /^[0-]+$/.test(text) || text === 'uninitialized') continue;
    return `${kind}:${createHash('sha256').update(`fenceline-machine-1|${text}`).digest('hex').slice(0, 16)}`;
  }
  return undefined;
}
