import { interpret, nothingKnown, type Raw, readModbus, unpackModbusData } from '../../../device-profiles/decode.ts';
import { factorCodes } from '../../../device-profiles/factors.ts';
import { type ModbusProfile, pointsOf, profileSchema } from '../../../device-profiles/profile.ts';

/** The answer to a request of 120 registers and a profile that reads all of it, with what it must come to. */
export interface BlockWork {
  readonly name: string;
  readonly data: Uint8Array;
  readonly points: number;
  /** Ours: from the bytes of the answer to values in the units of their factors; the sum of them. */
  readonly ours: () => number;
  /** By hand: a loop over the bytes that knows the layout; no states, no reasons, no decimals. */
  readonly bare: () => number;
}

const registers = 120;

function profileOf(points: readonly object[]): ModbusProfile {
  const profile = profileSchema.parse({
    profile: 'bench/block',
    name: { zh: '测速', en: 'bench' },
    sources: ['made up for the bench'],
    confidence: 'C',
    protocol: 'modbus',
    points,
  });
  if (profile.protocol !== 'modbus') throw new Error('the profile of the bench is Modbus');
  return profile;
}

const pointOf = (index: number, rest: object): object => ({
  id: `p${index}`,
  // What is measured makes no difference to decoding; any factor that may have a plain number does.
  factor: factorCodes[index % factorCodes.length],
  functionCode: 3,
  ...rest,
});

function decode(profile: ModbusProfile, data: Uint8Array): number {
  const block = unpackModbusData(3, data, registers);
  if (!block) throw new Error('the block of the bench is not whole');
  const raws = new Map<string, Raw>();
  for (const point of profile.points) raws.set(point.id, readModbus(point, block, 0));
  let sum = 0;
  for (const { value } of interpret(profile, pointsOf(profile), raws, nothingKnown).values()) sum += value ?? 0;
  return sum;
}

/** 60 float32, as an electricity meter sends them. */
export function floats(): BlockWork {
  const data = Buffer.alloc(registers * 2);
  for (let index = 0; index < 60; index += 1) data.writeFloatBE(200 + index * 1.1, index * 4);
  const points = Array.from({ length: 60 }, (_, index) => pointOf(index, { register: index * 2, type: 'float32' }));
  const profile = profileOf(points);
  return {
    name: '60 float32',
    data,
    points: 60,
    ours: () => decode(profile, data),
    bare: () => {
      let sum = 0;
      for (let at = 0; at < data.length; at += 4) sum += data.readFloatBE(at);
      return sum;
    },
  };
}

/** 120 registers of 16 bits with tenths, as a multi-sensor station sends them. */
export function words(): BlockWork {
  const data = Buffer.alloc(registers * 2);
  for (let index = 0; index < registers; index += 1) data.writeUInt16BE(1000 + index * 7, index * 2);
  const points = Array.from({ length: registers }, (_, index) =>
    pointOf(index, { register: index, type: 'u16', scale: 0.1 }),
  );
  const profile = profileOf(points);
  return {
    name: '120 u16 with tenths',
    data,
    points: registers,
    ours: () => decode(profile, data),
    bare: () => {
      let sum = 0;
      for (let at = 0; at < data.length; at += 2) sum += data.readUInt16BE(at) * 0.1;
      return sum;
    },
  };
}
