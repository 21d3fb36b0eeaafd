import type { Raw } from '../decode.ts';
import { findFrame } from '../framed/find-frame.ts';
import { isHeard } from '../framed/messages.ts';
import { decodeFramed, judgeFrame, readFrame } from '../framed/read-frame.ts';
import { type FramedProfile, pointsOf } from '../profile.ts';
import type { FramedMessage } from '../shape/framed.ts';
import type { Capture, Values } from './captures.ts';
import { both, type Complain } from './rules/complain.ts';
import type { FieldPath } from './yaml-document.ts';

/** Decodes one frame that came unasked, or the answers to one or more requests. */
export function decodeFramedCapture(profile: FramedProfile, capture: Capture, complain: Complain): Values {
  const { request, reply, frame, packet, also = [], parameters } = capture;
  const isAsked = !isHeard(profile);
  const bytes = isAsked ? reply : frame;
  if (!bytes || packet !== undefined || (isAsked ? frame : (reply ?? request ?? capture.also)) !== undefined) {
    complain([], ...(isAsked ? askedAlone : heardAlone));
    return undefined;
  }
  const exchanges: Answered[] = [{ request, bytes, path: [isAsked ? 'reply' : 'frame'] }];
  also.forEach(({ request: asked, reply: answer }, index) => {
    exchanges.push({ request: asked, bytes: answer, path: ['also', index, 'reply'] });
  });
  const read = new Map<string, Raw | null>();
  for (const exchange of exchanges) {
    const values = readAnswer(profile, exchange, complain);
    if (!values) return undefined;
    for (const [id, raw] of values) read.set(id, raw);
  }
  return decodeFramed(profile, pointsOf(profile), read, { parameters, auxiliaries: new Map() });
}

const askedAlone = [
  both('a capture of this instrument is a reply, best with its request', '此仪器的实录是一个应答，最好附上请求'),
  both('give reply, and neither frame nor packet', '写 reply，不写 frame 和 packet'),
] as const;
const heardAlone = [
  both('a capture of this instrument is one frame', '此仪器的实录是一帧'),
  both('give frame, and neither request nor reply', '写 frame，不写 request 和 reply'),
] as const;

interface Answered {
  readonly request: Uint8Array | undefined;
  readonly bytes: Uint8Array;
  /** Where the bytes stand. */
  readonly path: FieldPath;
}

function readAnswer(profile: FramedProfile, { request, bytes, path }: Answered, complain: Complain) {
  const { announcedBy } = profile.framing;
  const isAnnounced = announcedBy?.every((byte, index) => byte === bytes[index]) ?? false;
  const answer = isAnnounced ? bytes.subarray(announcedBy?.length) : bytes;
  const finding = findFrame(profile.framing, answer);
  if (finding.kind === 'damaged' && finding.as === 'crc') {
    const remedy = both('copy the bytes again, or leave the capture out', '重新抄录字节，或删去该条');
    complain(path, both('the check sum is wrong', '校验和错误'), remedy);
    return undefined;
  }
  if (finding.kind !== 'frame' || finding.start !== 0 || finding.end !== answer.length) {
    const remedy = both(
      'give it from its first byte to its last, and nothing around it',
      '从首字节写到末字节，前后不带其他字节',
    );
    complain(path, both('is not one whole frame', '不是完整的一帧'), remedy);
    return undefined;
  }
  const { frame } = finding;
  const message = askedBy(profile, request).find((one) => judgeFrame(profile.framing, one, frame) === 'values');
  if (message === undefined) {
    const names = profile.messages.map(({ id }) => id);
    const remedy = both(`give one of: ${names.join(', ')}`, `可写：${names.join('、')}`);
    complain(path, both('is none of the messages with values', '不是带数值的消息'), remedy);
    return undefined;
  }
  return readFrame(profile, message, frame);
}

/** The messages that this request can bring; any, where none is stated. */
function askedBy({ messages }: FramedProfile, request: Uint8Array | undefined): readonly FramedMessage[] {
  if (request === undefined) return messages;
  return messages.filter((message) => message.request && Buffer.compare(message.request, request) === 0);
}
