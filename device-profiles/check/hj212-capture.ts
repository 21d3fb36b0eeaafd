import type { Decoded } from '../decode.ts';
import { findHj212Packet } from '../hj212.ts';
import { readHj212Message } from '../hj212-message.ts';
import { decodeHj212 } from '../hj212-values.ts';
import type { Hj212Profile } from '../profile.ts';
import type { Capture, Values } from './captures.ts';
import { both, type Complain } from './rules/complain.ts';

/** Decodes a packet. */
export function decodeHj212Capture(profile: Hj212Profile, capture: Capture, complain: Complain): Values {
  const { packet, request, reply, frame } = capture;
  if (packet === undefined || request || reply || frame) {
    complain(
      [],
      both('a capture of this instrument is one packet', '此仪器的实录是一个数据包'),
      both('give packet, and neither request, reply nor frame', '写 packet，不写 request、reply 和 frame'),
    );
    return undefined;
  }
  const found = findHj212Packet(Buffer.from(`${packet}\r\n`, 'utf8'));
  if (found.kind === 'damaged') {
    complain(
      ['packet'],
      both('the CRC is wrong', 'CRC 错误'),
      both('copy the text again, or leave the capture out', '重新抄录文本，或删去该条'),
    );
    return undefined;
  }
  const message = found.kind === 'packet' && found.start === 0 ? readHj212Message(found.packet.segment) : null;
  if (found.kind !== 'packet' || message === null) {
    complain(
      ['packet'],
      both('is not one whole packet', '不是完整的数据包'),
      both('give the text from ## to the four digits of the CRC', '从 ## 写到四位 CRC'),
    );
    return undefined;
  }
  if (!profile.dialects.includes(found.packet.dialect) || !profile.commands.includes(message.command)) {
    const fault = both(
      `a packet of CN ${message.command} with a CRC of kind ${found.packet.dialect} is not read`,
      `不读 CN ${message.command}、CRC 类型 ${found.packet.dialect} 的数据包`,
    );
    complain(
      ['packet'],
      fault,
      both('correct commands or dialects of the profile', '改正型号文件的 commands 或 dialects'),
    );
    return undefined;
  }
  return new Map([...decodeHj212(profile, message)].map(([id, { decoded }]): [string, Decoded] => [id, decoded]));
}
