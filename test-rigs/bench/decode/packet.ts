import { loadCatalogue } from '../../../device-profiles/catalogue.ts';
import { findHj212Packet } from '../../../device-profiles/hj212.ts';
import { readHj212Message } from '../../../device-profiles/hj212-message.ts';
import { decodeHj212 } from '../../../device-profiles/hj212-values.ts';
import { hj212PacketText } from '../../instruments/hj212-packet.ts';

/** A packet of a dust station, as it comes each minute or so. */
const items = ['a34004-Rtd=35.2,a34004-Flag=N', 'a34002-Rtd=68.1,a34002-Flag=N', 'a34001-Rtd=120.5,a34001-Flag=N']
  .concat(['a01001-Rtd=21.3,a01001-Flag=N', 'a01002-Rtd=55.0,a01002-Flag=N', 'a01007-Rtd=2.1,a01007-Flag=N'])
  .concat(['a01008-Rtd=135,a01008-Flag=N', 'a01006-Rtd=101.2,a01006-Flag=N', 'LA-Rtd=61.5,LA-Flag=N'])
  .join(';');
const segment = `QN=20261125083000123;ST=39;CN=2011;PW=123456;MN=88888880000001;Flag=4;CP=&&DataTime=20261125083000;${items}&&`;

interface PacketWork {
  readonly bytes: Uint8Array;
  /** Ours: found in the stream, its CRC told, parsed, its values in the units of their factors; how many. */
  readonly ours: () => number;
  /** By hand: split at its separators and the CRC in a loop, all of it trusted. */
  readonly bare: () => number;
}

export function packet(): PacketWork {
  const bytes = hj212PacketText(segment);
  const profile = loadCatalogue({ directories: [] }).find('hj212/dust-station')?.profile;
  if (profile?.protocol !== 'hj212') throw new Error('the dust station speaks HJ 212');
  return {
    bytes,
    ours: () => {
      const finding = findHj212Packet(bytes);
      const message = finding.kind === 'packet' ? readHj212Message(finding.packet.segment) : null;
      return message ? decodeHj212(profile, message).size : 0;
    },
    bare: () => split(bytes),
  };
}

function split(bytes: Uint8Array): number {
  const text = Buffer.from(bytes).toString('latin1');
  const length = Number(text.slice(2, 6));
  const body = text.slice(6, 6 + length);
  let crc = 0xffff;
  for (let at = 0; at < body.length; at += 1) {
    crc = (crc >> 8) ^ body.charCodeAt(at);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  if (crc !== Number.parseInt(text.slice(6 + length, 10 + length), 16)) return 0;
  const values = new Map<string, number>();
  for (const item of (body.split('&&')[1] ?? '').split(';')) {
    const [name = '', value] = (item.split(',')[0] ?? '').split('=');
    if (name.endsWith('-Rtd')) values.set(name, Number(value));
  }
  return values.size;
}
