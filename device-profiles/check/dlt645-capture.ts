import { type Dlt645Frame, type Dlt645Question, findDlt645Frame, judgeDlt645, wakeBytesBefore } from '../dlt645.ts';
import { type Dlt645Request, decodeDlt645, planDlt645, readDlt645 } from '../dlt645-values.ts';
import { type Dlt645Profile, pointsOf } from '../profile.ts';
import type { Capture, Values } from './captures.ts';
import type { Complain } from './rules/complain.ts';

/**
 * Decodes a reply with data; where its request stands beside it, as the answer to that. A reply names its meter and
 * identifier itself, so one that was published alone proves as much.
 */
export function decodeDlt645Capture(profile: Dlt645Profile, capture: Capture, complain: Complain): Values {
  const { request, reply, frame, packet } = capture;
  if (!reply || frame || packet !== undefined) {
    complain([], 'a DL/T 645 capture is a reply, best with its request', 'give reply, and neither frame nor packet');
    return undefined;
  }
  const answered = wholeFrame('reply', reply, complain);
  const asked = request && wholeFrame('request', request, complain);
  if (!answered || (request && !asked)) return undefined;
  const question = asked ? questionOf(profile, asked, complain) : questionAnsweredBy(profile, answered);
  if (!question) return undefined;
  const answer = judgeDlt645(answered, question);
  if (answer.kind !== 'data') {
    const fault = answer.kind === 'refusal' ? `is a refusal (${answer.code})` : 'is no answer with data to the request';
    complain(['reply'], fault, 'give the reply with data to this very request');
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
    complain([field], 'the check sum is wrong', 'copy the bytes again, or leave the capture out');
  } else {
    complain([field], 'is not one whole frame', 'give FE or 68 to 16, and nothing around it');
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
  complain(['request'], `does not read data in the ${edition} edition`, 'give the request that the reply answers');
  return undefined;
}

function questionAnsweredBy({ edition }: Dlt645Profile, { address, data }: Dlt645Frame): AskedData {
  return { ask: 'data', edition, address, identifier: identifierIn(data.subarray(0, identifierBytes[edition])) };
}

function decodeData(profile: Dlt645Profile, question: AskedData, data: Uint8Array, complain: Complain): Values {
  const requests = planDlt645(profile).flatMap((one): Dlt645Request[] => [one, ...one.apart]);
  const request = requests.find(({ identifier }) => identifier === question.identifier);
  if (request === undefined) {
    const remedy = 'give a point or a block this identifier';
    complain(['reply'], `the profile does not read ${question.identifier}`, remedy);
    return undefined;
  }
  if (data.length !== request.length) {
    const fault = `brings ${data.length} bytes of data where the profile has ${request.length}`;
    complain(['reply'], fault, 'correct the format of the points');
    return undefined;
  }
  const read = new Map(request.fields.map((field) => [field.point.id, readDlt645(field, data)]));
  return decodeDlt645(profile, pointsOf(profile), read);
}
