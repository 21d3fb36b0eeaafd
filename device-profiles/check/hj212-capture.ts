import type { Decoded } from '../decode.ts';
import { findHj212Packet } from '../hj212.ts';
import { readHj212Message } from '../hj212-message.ts';
import { decodeHj212 } from '../hj212-values.ts';
import type { Hj212Profile } from '../profile.ts';
import type { Capture, Values } from './captures.ts';
import type { Complain } from './rules/complain.ts';

/** Decodes a packet. */
export function decodeHj212Capture(profile: Hj212Profile, capture: Capture, complain: Complain): Values {
  const { packet, request, reply, frame } = capture;
  if (packet === undefined || request || reply || frame) {
    complain([], 'a capture of this instrument is one packet', 'give packet, and neither request, reply nor frame');
    return undefined;
  }
  const found = findHj212Packet(Buffer.from(`${packet}\r\n`, 'utf8'));
  if (found.kind === 'damaged') {
    complain(['packet'], 'the CRC is wrong', 'copy the text again, or leave the capture out');
    return undefined;
  }
  const message = found.kind === 'packet' && found.start === 0 ? readHj212Message(found.packet.segment) : null;
  if (found.kind !== 'packet' || message === null) {
    complain(['packet'], 'is not one whole packet', 'give the text from ## to the four digits of the CRC');
    return undefined;
  }
  if (!profile.dialects.includes(found.packet.dialect) || !profile.commands.includes(message.command)) {
    const fault = `a packet of CN ${message.command} with a CRC of kind ${found.packet.dialect} is not read`;
    complain(['packet'], fault, 'correct commands or dialects of the profile');
    return undefined;
  }
  return new Map([...decodeHj212(profile, message)].map(([id, { decoded }]): [string, Decoded] => [id, decoded]));
}
