import type { Clock } from '../../../gateway/clock.ts';
import { bytesOf, Responder } from './responder.ts';

/** Masses that a particle sensor measures, µg/m³. */
interface Masses {
  readonly pm1: number;
  readonly fine: number;
  readonly pm10: number;
}

type Measure = () => Masses;

const total = (bytes: readonly number[]): number => bytes.reduce((sum, byte) => sum + byte, 0);
const highFirst = (number: number): number[] => [Math.floor(number / 256) % 256, Math.round(number) % 256];

const stuffed: Readonly<Record<number, readonly number[]>> = {
  126: [0x7d, 0x5e],
  125: [0x7d, 0x5d],
  17: [0x7d, 0x31],
  19: [0x7d, 0x33],
};

/** An SHDLC frame of a slave: address 0, command, state, length, data, what makes the sum FF; escaped between two 7E. */
export function shdlcAnswer(command: number, state: number, data: readonly number[]): Uint8Array {
  const content = [0, command, state, data.length, ...data];
  const whole = [...content, 255 - (total(content) % 256)];
  return Uint8Array.of(0x7e, ...whole.flatMap((byte) => stuffed[byte] ?? [byte]), 0x7e);
}

/**
 * A Sensirion SPS30: asleep until woken twice, measures once it is started, has new numbers once a second and answers with
 * nothing in between. State 43 where it was not started.
 */
export function sps30(clock: Clock, measure: Measure): Responder & { isMeasuring: boolean } {
  let wakes = 0;
  let readAt = Number.NEGATIVE_INFINITY;
  const isAwake = (): boolean => wakes >= 2;
  const read = (): Uint8Array | undefined => {
    if (!isAwake()) return undefined;
    if (!sensor.isMeasuring) return shdlcAnswer(0x03, 0x43, []);
    if (clock.monotonic() - readAt < 950) return shdlcAnswer(0x03, 0, []);
    readAt = clock.monotonic();
    const { pm1, fine, pm10 } = measure();
    const view = new DataView(new ArrayBuffer(40));
    [pm1, fine, (fine + pm10) / 2, pm10, 26.3, 37, 41.5, 42.4, 42.5, 0.8].forEach((number, place) => {
      view.setFloat32(place * 4, number);
    });
    return shdlcAnswer(0x03, 0, [...new Uint8Array(view.buffer)]);
  };
  const sensor = Object.assign(
    new Responder(
      {
        '7E007D3100EE7E': () => {
          wakes += 1;
          return isAwake() ? shdlcAnswer(0x11, 0, []) : undefined;
        },
        '7E0000020103F97E': () => {
          if (!isAwake()) return undefined;
          sensor.isMeasuring = true;
          return shdlcAnswer(0x00, 0, []);
        },
        '7E000100FE7E': () => {
          sensor.isMeasuring = false;
          return shdlcAnswer(0x01, 0, []);
        },
        '7E000300FC7E': read,
      },
      { clock },
    ),
    { isMeasuring: false },
  );
  return sensor;
}

/** A Honeywell HPMA115S0: sends a 42 4D frame each second until it is told to stop, then answers what it is asked. */
export function hpma115s0(clock: Clock, measure: Measure): Responder {
  let sends = true;
  const acknowledgement = Uint8Array.of(0xa5, 0xa5);
  const answer = (): Uint8Array => {
    const { fine, pm10 } = measure();
    const head = [0x40, 5, 4, ...highFirst(fine), ...highFirst(pm10)];
    return Uint8Array.of(...head, (65_536 - total(head)) % 256);
  };
  return new Responder(
    {
      '68012077': () => {
        sends = false;
        return acknowledgement;
      },
      '68010196': () => acknowledgement,
      '68010493': () => (sends ? undefined : answer()),
    },
    { clock, unasked: () => (sends ? sendingFrame(measure()) : undefined) },
  );
}

/** The frame that an HPMA115 sends by itself: PM2.5 at byte 6, PM10 at byte 8, the sum of all before it at the end. */
export function sendingFrame({ fine, pm10 }: Masses): Uint8Array {
  const head = [0x42, 0x4d, 0, 0x1c, 0, 0, ...highFirst(fine), ...highFirst(pm10), ...new Array(20).fill(0)];
  return Uint8Array.of(...head, ...highFirst(total(head)));
}

/** Nine bytes of Winsen: FF, 86, six bytes, what makes the sum of the bytes behind the first one zero. */
export function winsenAnswer(data: readonly number[]): Uint8Array {
  const content = [0x86, ...data, ...new Array(6 - data.length).fill(0)];
  return Uint8Array.of(0xff, ...content, (256 - (total(content) % 256)) % 256);
}

/** A Winsen ZH03B: mute until it is set to be asked; masses in the order PM2.5, PM10, PM1. */
export function zh03b(clock: Clock, measure: Measure): Responder {
  let isAsked = false;
  return new Responder(
    {
      FF0178410000000046: () => {
        isAsked = true;
        return undefined;
      },
      FF0186000000000079: () => {
        const { pm1, fine, pm10 } = measure();
        return isAsked ? winsenAnswer([...highFirst(fine), ...highFirst(pm10), ...highFirst(pm1)]) : undefined;
      },
    },
    { clock },
  );
}

/** A Winsen MH-Z19B: CO2 in ppm, and its temperature plus 40. */
export function mhZ19b(clock: Clock, ppm: () => number): Responder {
  const request = Buffer.from(bytesOf('FF 01 86 00 00 00 00 00 79')).toString('hex').toUpperCase();
  return new Responder({ [request]: () => winsenAnswer([...highFirst(ppm()), 0x42]) }, { clock });
}
