import { type Dlt645Frame, type Dlt645Question, findDlt645Frame, judgeDlt645, wakeBytesBefore } from '../dlt645.ts';
import { type Dlt645Request, decodeDlt645, planDlt645, readDlt645 } from '../dlt645-values.ts';
import { type Dlt645Profile, pointsOf } from '../profile.ts';
import type { Capture, Values } from './captures.ts';
import { both, type Complain } from './rules/complain.ts';

/**
 * Decodes a reply with data; where its request stands beside it, as the answer to that. A reply names its meter and
 * identifier itself, so one that was published alone proves as much.
 */
export function decodeDlt645Capture(profile: Dlt645Profile, capture: Capture, complain: Complain): Values {
  const { request, reply, frame, packet } = capture;
  if (!reply || frame || packet !== undefined) {
    complain(
      [],
      both('a DL/T 645 capture is a reply, best with its request', 'DL/T 645 实录是一个应答，最好附上请求'),
      both('give reply, and neither frame nor packet', '写 reply，不写 frame 和 packet'),
    );
    return undefined;
  }
  const answered = wholeFrame('reply', reply, complain);
  const asked = request && wholeFrame('request', request, complain);
  if (!answered || (request && !asked)) return undefined;
  const question = asked ? questionOf(profile, asked, complain) : questionAnsweredBy(profile, answered);
  if (!question) return undefined;
  const answer = judgeDlt645(answered, question);
  if (answer.kind !== 'data') {
    const fault =
      answer.kind === 'refusal'
        ? both(`is a refusal (${answer.code})`, `是拒绝应答（${answer.code}）`)
        : both('is no answer with data to the request', '不是对该请求的数据应答');
    complain(['reply'], fault, both('give the reply with data to this very request', '写对这一请求的数据应答'));
    return undefined;
  }
  return decodeData(profile, question, answer.data, complain);
}

/** The one frame that the bytes are, wake bytes before it allowed. */
function wholeFrame(field: 'request' | 'reply', bytes: Uint8Array, complain: Complain): Dlt645Frame | undefined {
  const found = findDlt645Frame(bytes);
  if (found.kind === 'frame' && found.end === bytes.length && wakeBytesBefore(bytes, found.start) === found.start) {
    return found.frame;
  }
  if (found.kind === 'damaged') {
    complain(
      [field],
      both('the check sum is wrong', '校验和错误'),
      both('copy the bytes again, or leave the capture out', '重新抄录字节，或删去该条'),
    );
  } else {
    complain(
      [field],
      both('is not one whole frame', '不是完整的一帧'),
      both('give FE or 68 to 16, and nothing around it', '从 FE 或 68 写到 16，前后不带其他字节'),
    );
  }
  return undefined;
}

type AskedData = Extract<Dlt645Question, { ask: 'data' }>;

const identifierIn = (data: Uint8Array): string => Buffer.from(data).reverse().toString('hex').toUpperCase();
const identifierBytes = { 2007: 4, 1997: 2 } as const;

function questionOf({ edition }: Dlt645Profile, frame: Dlt645Frame, complain: Complain): AskedData | undefined {
  const { control, address, data } = frame;
  if (control === (edition === 2007 ? 0x11 : 0x01) && data.length === identifierBytes[edition]) {
    return { ask: 'data', edition, address, identifier: identifierIn(data) };
  }
  complain(
    ['request'],
    both(`does not read data in the ${edition} edition`, `不是 ${edition} 版的读数据请求`),
    both('give the request that the reply answers', '写该应答所对应的请求'),
  );
  return undefined;
}

function questionAnsweredBy({ edition }: Dlt645Profile, { address, data }: Dlt645Frame): AskedData {
  return { ask: 'data', edition, address, identifier: identifierIn(data.subarray(0, identifierBytes[edition])) };
}

function decodeData(profile: Dlt645Profile, question: AskedData, data: Uint8Array, complain: Complain): Values {
  const requests = planDlt645(profile).flatMap((one): Dlt645Request[] => [one, ...one.apart]);
  const request = requests.find(({ identifier }) => identifier === question.identifier);
  if (request === undefined) {
    const remedy = both('give a point or a block this identifier', '为某个测点或数据块写上此标识');
    complain(
      ['reply'],
      both(`the profile does not read ${question.identifier}`, `型号文件不读 ${question.identifier}`),
      remedy,
    );
    return undefined;
  }
  if (data.length !== request.length) {
    const fault = both(
      `brings ${data.length} bytes of data where the profile has ${request.length}`,
      `带 ${data.length} 字节数据，而型号文件为 ${request.length} 字节`,
    );
    complain(['reply'], fault, both('correct the format of the points', '改正测点的格式'));
    return undefined;
  }
  const read = new Map(request.fields.map((field) => [field.point.id, readDlt645(field, data)]));
  return decodeDlt645(profile, pointsOf(profile), read);
}
