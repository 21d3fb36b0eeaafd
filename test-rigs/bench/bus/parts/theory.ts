import type { LinePlan } from '../masters/line-plan.ts';
import { betweenFrames, requestLength } from '../rig/wire.ts';

/** The line of this bench: 9600 bit/s, 8N1: ten bits a character. */
export const baudRate = 9600;
export const characterTime = 10_000 / baudRate;
/** Silence between two frames, milliseconds: 3.5 characters of ten bits. */
export const silence = betweenFrames * characterTime;
/** Milliseconds that every slave here takes before it answers. */
export const turnAround = 5;
/** Milliseconds that masters wait for an answer to begin. */
export const timeout = 300;
/** Bytes around the registers of an answer: address, function code, count, check sum. */
const answerEnvelope = 5;

/** The least that one read of so many registers takes on the line, milliseconds: silence, request, turn-around, answer. */
export function transactionTime(registers: number): number {
  const characters = requestLength + answerEnvelope + 2 * registers;
  return silence + characters * characterTime + Math.max(turnAround, silence);
}

/** The least that so many points take when they are read with the fewest requests, milliseconds. */
export function leastTime(points: number, { registers, maxRegisters }: Pick<LinePlan, 'registers' | 'maxRegisters'>) {
  const [whole, rest] = [Math.floor(registers / maxRegisters), registers % maxRegisters];
  const oneSlave = whole * transactionTime(maxRegisters) + (rest > 0 ? transactionTime(rest) : 0);
  return (points / registers) * oneSlave;
}
