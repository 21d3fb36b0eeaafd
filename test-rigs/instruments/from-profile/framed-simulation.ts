import type { FramedProfile } from '../../../device-profiles/profile.ts';
import type { Cancel, Clock } from '../../../gateway/clock.ts';
import type { ByteEnd } from '../../links/byte-end.ts';
import { Responder } from '../framed/responder.ts';
import { frameOf } from './encoding/frames.ts';
import type { Picture } from './encoding/modbus-simulation.ts';
import { rawOf } from './encoding/raw-values.ts';
import type { Part } from './part.ts';

/** How often an instrument sends that is not asked, milliseconds. */
const sendingInterval = 1000;

/** An instrument with frames of its own. */
export class FramedPart implements Part {
  readonly #responder: Responder;

  constructor(profile: FramedProfile, clock: Clock, picture: () => Picture) {
    const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();
    const requests: [string, () => Uint8Array | undefined][] = profile.messages.flatMap((message) =>
      message.request ? [[hexOf(message.request), () => announced(profile, frame(message))] as const] : [],
    ) as [string, () => Uint8Array | undefined][];
    const frame = (message: FramedProfile['messages'][number]): Uint8Array =>
      frameOf(profile, message, (id) => rawIn(profile, picture(), id));
    for (const { send, expect } of [profile.wake, ...profile.start, ...profile.stop].filter(
      (step) => step !== undefined,
    )) {
      requests.push([hexOf(send), () => expect]);
    }
    // A request that another begins with is looked for last, so that the longer one is not cut short.
    requests.sort(([a], [b]) => b.length - a.length);
    const [message] = profile.messages;
    const unasked = message && message.request === undefined ? () => frame(message) : undefined;
    const options = { clock, interval: sendingInterval, ...(unasked && { unasked }) };
    this.#responder = new Responder(Object.fromEntries(requests), options);
  }

  get on(): boolean {
    return this.#responder.on;
  }

  set on(on: boolean) {
    this.#responder.on = on;
  }

  serve(end: ByteEnd): Cancel {
    return this.#responder.serve(end);
  }
}

function announced({ framing }: FramedProfile, frame: Uint8Array): Uint8Array {
  return Uint8Array.of(...(framing.announcedBy ?? []), ...frame);
}

/** The raw number of a point or an auxiliary value of a profile with frames of its own. */
function rawIn(profile: FramedProfile, picture: Picture, id: string): number | undefined {
  const point = profile.points.find((one) => one.id === id);
  if (!point) return 0;
  const shown = picture.shown(point);
  if (shown === 'none') return point.sentinels?.[0] ?? 0;
  const named = (name: string): number => picture.parameters[name] ?? 1;
  const raw = rawOf(point, point.factor, shown, named, () => 0);
  return point.type.endsWith('float32') || point.type === 'decimal' ? raw : Math.round(raw);
}
