import type { FramedMessage, FramedPlace, FramedProfile } from '../shape/framed.ts';

/** The message that a point or an auxiliary value is in; undefined where its name is none. */
export function messageOf(
  { messages }: Pick<FramedProfile, 'messages'>,
  { message }: Pick<FramedPlace, 'message'>,
): FramedMessage | undefined {
  return message === undefined ? messages[0] : messages.find(({ id }) => id === message);
}

/** True if no frame can be an answer to both: their marks contradict each other, or their lengths do. */
export function areToldApart(one: FramedMessage, other: FramedMessage): boolean {
  const contradict = one.is.some((mark) =>
    other.is.some(({ byte, bytes }) =>
      mark.bytes.some((value, index) => {
        const at = mark.byte + index - byte;
        return mark.byte < 0 === byte < 0 && bytes[at] !== undefined && bytes[at] !== value;
      }),
    ),
  );
  return (
    contradict ||
    (one.length !== undefined &&
      other.length !== undefined &&
      !lengthsOf(one).some((length) => lengthsOf(other).includes(length)))
  );
}

function lengthsOf({ length, emptyLength }: FramedMessage): number[] {
  return [length, emptyLength].filter((one) => one !== undefined);
}

/** Every point and auxiliary value that stands in the message. */
export function placesIn(profile: FramedProfile, { id }: Pick<FramedMessage, 'id'>): FramedPlace[] {
  return [...profile.points, ...profile.auxiliaries].filter((place) => messageOf(profile, place)?.id === id);
}

/** True for an instrument that sends its frames without being asked. */
export function isHeard({ messages }: Pick<FramedProfile, 'messages'>): boolean {
  return messages.some(({ request }) => request === undefined);
}
