import { createHash, type KeyObject } from 'node:crypto';
import { type Command, commandSignatureHolds, signedCommandText } from '../contract/command.ts';
import type { Address } from '../contract/topics.ts';
import { type Refusal, refused } from './command-kind.ts';
import type { Sender } from './port.ts';

/** What the site says of who may ask something of the gateway through one uplink. */
export interface UplinkAuthority {
  readonly id: string;
  /** Raw Ed25519 public keys, base64, each with what it is in memory. */
  readonly platformKeys: readonly { readonly text: string; readonly key: KeyObject }[];
  /** Whether commands that change nothing may come without a signature. */
  readonly unsignedReads: boolean;
}

/** First 16 hexadecimal digits of the SHA-256 of the raw key: enough to tell keys apart by eye. */
function shortName(key: string): string {
  return createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex').slice(0, 16);
}

/**
 * Who sent a command: by its signature, or, where the site allows it and the command changes nothing, by its uplink
 * alone. `digest` names the signed text.
 */
export function senderOf(
  command: Command,
  changes: boolean,
  uplink: UplinkAuthority,
  address: Address,
): { readonly sender: Sender; readonly digest: string } | Refusal {
  const text = signedCommandText(address, command);
  const digest = createHash('sha256').update(text).digest('hex');
  const { signature } = command;
  if (signature === undefined) {
    if (changes || !uplink.unsignedReads) {
      const detail = `${command.body.kind} needs a signature here`;
      return refused('unsigned', detail, `sign it with one of the platformKeys of uplink ${uplink.id}`);
    }
    return { sender: { uplink: uplink.id, key: null, who: `uplink ${uplink.id}, unsigned` }, digest };
  }
  const signer = uplink.platformKeys.find(({ key }) => commandSignatureHolds(text, signature, key));
  if (signer === undefined) {
    const detail = `its signature is of none of the platformKeys of uplink ${uplink.id}, or for another gateway`;
    return refused('signature', detail, 'sign it for this area and gateway with a key that the site file names');
  }
  const who = `uplink ${uplink.id}, key ${shortName(signer.text)}`;
  return { sender: { uplink: uplink.id, key: signer.text, who }, digest };
}
