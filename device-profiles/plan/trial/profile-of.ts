import { type ModbusProfile, profileSchema } from '../../profile.ts';

/** A point to be read; a u16 holding register unless it says otherwise. */
export interface Wanted {
  register: number;
  type?: string;
  functionCode?: number;
  frame?: string | undefined;
  cadence?: string;
}

/** A profile of these points, `p0`, `p1`, … */
export function profileOf(wanted: readonly Wanted[], limits = {}, holes: unknown[] = []): ModbusProfile {
  const profile = profileSchema.parse({
    profile: 'test/station',
    name: { zh: '站', en: 'station' },
    sources: ['made up'],
    confidence: 'C',
    protocol: 'modbus',
    serial: { default: '9600-8N1' },
    address: { default: 1 },
    limits,
    holes,
    points: wanted.map((point, index) => ({
      id: `p${index}`,
      factor: 'temperature',
      functionCode: 3,
      type: 'u16',
      ...point,
    })),
  });
  if (profile.protocol !== 'modbus') throw new Error('the test profile is not Modbus');
  return profile;
}
