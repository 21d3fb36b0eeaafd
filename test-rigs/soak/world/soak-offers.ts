import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { OfferedFirmware, OffersDocument } from '../../../gateway/driver/node/offers/offer-state.ts';
import { siteDirectory } from '../../../gateway/site/site-directory.ts';
import { sumOf } from '../../surroundings/lua-machine/chip/adler.ts';
import { firmwareFiles } from '../../surroundings/lua-machine/firmware-part.ts';

/** Writes into the directory of a site whose gateway is stopped that a firmware of that version is on offer for a node. */
export function offerFirmware(directory: string, node: string, version: string, at: number): void {
  const path = siteDirectory(directory).nodeOffers;
  const before: OffersDocument = existsSync(path)
    ? JSON.parse(readFileSync(path, 'utf8'))
    : { version: 1, firmware: null, nodes: {} };
  const kept = before.nodes[node] ?? { update: null, configuration: null, lastConfiguration: 0 };
  const offer = { version, state: 'waiting', why: null, done: 0, of: 0, named: true, boot: null, at } as const;
  // Of another node, what is offered no more is not fetched any more.
  const others = Object.entries(before.nodes).map(([id, one]) => [id, { ...one, update: null }] as const);
  const nodes = { ...Object.fromEntries(others), [node]: { ...kept, update: offer } };
  writeFileSync(path, JSON.stringify({ version: 1, firmware: firmwareOf(version), nodes }), { mode: 0o600 });
}

function firmwareOf(version: string): OfferedFirmware {
  const files = { ...firmwareFiles('esp8266', version), ...firmwareFiles('esp32', version) };
  return {
    version,
    files: Object.entries(files).map(([name, text]) => {
      const content = Buffer.from(text, 'latin1');
      return { name, size: content.length, sum: sumOf(content), content: content.toString('base64') };
    }),
  };
}
