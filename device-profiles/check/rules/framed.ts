import { checkSumLength } from '../../framed/check-sum.ts';
import { messageOf, placesIn } from '../../framed/messages.ts';
import type { FramedProfile } from '../../profile.ts';
import { type CheckSum, type FramedMessage, type FramedPlace, framedTypes } from '../../shape/framed.ts';
import { oneOf } from '../faults.ts';
import type { FieldPath } from '../yaml-document.ts';
import { both, type Complain } from './complain.ts';

/** Rules of a profile whose frames are its own: how they end, what brings them, where values stand in them. */
export function checkFramed(profile: FramedProfile, complain: Complain): void {
  checkFraming(profile, complain);
  checkMessages(profile, complain);
  checkAsking(profile, complain);
  for (const list of ['points', 'auxiliaries'] as const) {
    profile[list].forEach((place, index) => {
      checkPlace(profile, place, [list, index], complain);
    });
  }
  for (const message of profile.messages) checkOverlaps(profile, message, complain);
}

function checkFraming(
  { framing: { start, length, end, checkSum, stuffing } }: FramedProfile,
  complain: Complain,
): void {
  if (length === undefined && end === undefined) {
    complain(
      ['framing'],
      both('says not where a frame ends', '未说明帧尾'),
      both('write length or end', '写 length 或 end'),
    );
  }
  if (start === undefined && end === undefined) {
    const fault = both('says of no byte where a frame begins or ends', '没有帧头也没有帧尾');
    complain(['framing', 'start'], fault, both('write the bytes it begins with', '写帧头字节'));
  }
  if (stuffing && (start === undefined || end === undefined)) {
    const fault = both('says not between which bytes it holds', '未说明在哪些字节之间转义');
    complain(['framing', 'stuffing'], fault, both('write start and end, or remove it', '写 start 和 end，或删去'));
  }
  if (checkSum && coversItself(checkSum)) {
    const fault = both('is among the bytes that it covers', '校验和在自身的校验范围内');
    complain(
      ['framing', 'checkSum', 'to'],
      fault,
      both('end before it, as with to: -2, at: -1', '范围止于校验和之前，如 to: -2, at: -1'),
    );
  }
  if (checkSum && checkSum.from < 0 === checkSum.to < 0 && checkSum.from > checkSum.to) {
    const fault = both('covers nothing', '校验范围为空');
    complain(
      ['framing', 'checkSum', 'from'],
      fault,
      both('write the first byte before the last', '首字节应在末字节之前'),
    );
  }
}

/** Of places that count from different ends, nothing is known before there is a frame. */
function coversItself({ from, to, at, ...rest }: CheckSum): boolean {
  if (at < 0 !== to < 0) return false;
  const beginsBefore = at < 0 !== from < 0 ? at < 0 : from < at + checkSumLength({ from, to, at, ...rest });
  return to >= at && beginsBefore;
}

function checkMessages({ messages }: FramedProfile, complain: Complain): void {
  messages.forEach(({ id }, index) => {
    if (messages.findIndex((other) => other.id === id) === index) return;
    const fault = both(`the id ${id} is used twice`, `id ${id} 重复`);
    complain(['messages', index, 'id'], fault, both('give each message its own id', '每个消息各用一个 id'));
  });
}

/** What comes unasked is one kind of frame; what is asked for is asked for by itself. */
function checkAsking({ messages, wake, stop, start }: FramedProfile, complain: Complain): void {
  const unasked = messages.findIndex(({ request }) => request === undefined);
  if (unasked >= 0 && messages.length > 1) {
    const fault = both('comes unasked beside others', '主动上报的消息不能与其他消息并存');
    complain(
      ['messages', unasked],
      fault,
      both('give it a request, or a profile of its own', '写 request，或另立型号'),
    );
  }
  if (wake && unasked >= 0) {
    const fault = both('nothing is asked, so nothing is woken', '无请求，不会唤醒');
    complain(['wake'], fault, both('remove it', '删去'));
  }
  if (stop.length > 0 && start.length === 0) {
    const fault = both('nothing was started', '没有 start');
    complain(['stop'], fault, both('write start too, or remove it', '同时写 start，或删去'));
  }
}

function checkPlace(profile: FramedProfile, place: FramedPlace, path: FieldPath, complain: Complain): void {
  const message = messageOf(profile, place);
  if (message === undefined) {
    const names = profile.messages.map(({ id }) => id);
    const fault = both(`there is no message ${place.message}`, `没有消息 ${place.message}`);
    complain([...path, 'message'], fault, oneOf(names, place.message ?? ''));
    return;
  }
  const ways = [place.byte, place.field, place.after].filter((way) => way !== undefined).length;
  if (ways !== 1) {
    const fault = both('says in none or in several ways where it stands', '未说明或以多种方式说明位置');
    complain([...path, 'byte'], fault, both('write one of byte, field and after', 'byte、field、after 只写其一'));
    return;
  }
  checkText(message, place, path, complain);
  checkEnd(profile, message, place, path, complain);
}

function checkText(message: FramedMessage, place: FramedPlace, path: FieldPath, complain: Complain): void {
  const { byte, field, after, record, type, length, bits } = place;
  const isText = framedTypes[type].bytes === null || type === 'hex-float32';
  if (byte === undefined && !isText) {
    const fault = both(`${type} is bytes, and stands at a byte`, `${type} 是二进制，须写 byte`);
    complain([...path, 'type'], fault, both('write decimal, hex or hex-float32', '写 decimal、hex 或 hex-float32'));
  }
  if (after !== undefined && type === 'text') {
    const fault = both('a number stands behind a name', '名称之后为数值');
    complain([...path, 'type'], fault, both('write decimal, hex or hex-float32', '写 decimal、hex 或 hex-float32'));
  }
  if (field !== undefined && message.separator === undefined) {
    const fault = both(`${message.id} has no separator`, `${message.id} 没有分隔符`);
    complain([...path, 'field'], fault, both('write separator in the message', '在消息中写 separator'));
  }
  if (record !== undefined && (message.records === undefined || byte === undefined)) {
    const fault = both(`${message.id} has no records that a byte could be in`, `${message.id} 没有记录，或未写 byte`);
    complain(
      [...path, 'record'],
      fault,
      both('write records in the message, and byte here', '在消息中写 records，此处写 byte'),
    );
  }
  if (byte !== undefined && framedTypes[type].bytes === null && length === undefined) {
    const fault = both(`how many characters the ${type} has is missing`, `缺少 ${type} 的字符数`);
    complain([...path, 'length'], fault, both('write length', '写 length'));
  }
  if (bits && (framedTypes[type].kind !== 'whole' || bits[0] > bits[1] || bits[1] >= widthOf(place))) {
    const fault = both('are no bits of a whole number', '不是整数的位');
    complain(
      [...path, 'bits'],
      fault,
      both('write [lowest, highest] of a whole type that has them', '用于整数类型，写其中的 [低位, 高位]'),
    );
  }
}

/** How many bits a whole number of the type has. */
function widthOf({ type, length = 8 }: FramedPlace): number {
  if (type === 'u14') return 14;
  const { bytes } = framedTypes[type];
  return bytes === null ? length * 4 : bytes * 8;
}

const lengthOf = ({ type, length }: FramedPlace): number => framedTypes[type].bytes ?? length ?? 1;

/** Where the length of the frame is known, a value ends before its check sum. */
function checkEnd(
  { framing }: FramedProfile,
  message: FramedMessage,
  place: FramedPlace,
  path: FieldPath,
  complain: Complain,
): void {
  const size = message.length ?? (typeof framing.length === 'number' ? framing.length : undefined);
  const { byte, record, type } = place;
  if (size === undefined || byte === undefined || record !== undefined) return;
  const from = byte < 0 ? size + byte : byte;
  const { checkSum } = framing;
  const tail = checkSum === undefined ? size : checkSum.at < 0 ? size + checkSum.at : size;
  const overlapsSum = checkSum !== undefined && from + lengthOf(place) > tail && from < tail + checkSumLength(checkSum);
  if (from >= 0 && from + lengthOf(place) <= size && !overlapsSum) return;
  const fault = both(`${type} at byte ${byte} would end beyond the data`, `第 ${byte} 字节的 ${type} 超出数据`);
  const most = tail - lengthOf(place);
  complain([...path, 'byte'], fault, both(`write a byte of at most ${most}`, `字节最大为 ${most}`));
}

function checkOverlaps(profile: FramedProfile, message: FramedMessage, complain: Complain): void {
  const taken = new Map<string, string>();
  for (const place of placesIn(profile, message)) {
    const { id, byte, bits, record = '' } = place;
    if (byte === undefined || bits) continue;
    const index = profile.points.findIndex((point) => point.id === id);
    const cells = Array.from({ length: lengthOf(place) }, (_, step) => `${record} ${byte + step}`);
    const other = cells.map((cell) => taken.get(cell)).find((one) => one !== undefined);
    if (other !== undefined && index >= 0) {
      const fault = both(`overlaps the point ${other}`, `与测点 ${other} 重叠`);
      complain(['points', index, 'byte'], fault, both('correct the byte of one of the two', '改正其中一个的字节'));
    }
    for (const cell of cells) taken.set(cell, id);
  }
}
