import type { FramedMessage, FramedPlace, FramedProfile } from '../shape/framed.ts';

/** The message that a point or an auxiliary value is in; undefined where its name is none. */
export function messageOf(
  { messages }: Pick<FramedProfile, 'messages'>,
  { message }: Pick<FramedPlace, 'message'>,
): FramedMessage | undefined {
  return message === undefined ? messages[0] : messages.find(({ id }) => id === message);
}

/** Every point and auxiliary value that stands in the message. */
export function placesIn(profile: FramedProfile, { id }: Pick<FramedMessage, 'id'>): FramedPlace[] {
  return [...profile.points, ...profile.auxiliaries].filter((place) => messageOf(profile, place)?.id === id);
}

/** True for an instrument that sends its frames without being asked. */
export function isHeard({ messages }: Pick<FramedProfile, 'messages'>): boolean {
  return messages.some(({ request }) => request === undefined);
}
