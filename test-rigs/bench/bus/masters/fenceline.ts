import { type ModbusProfile, type Profile, profileSchema } from '../../../../device-profiles/profile.ts';
import { systemClock } from '../../../../gateway/clock.ts';
import type { Instrument } from '../../../../gateway/driver/instrument.ts';
import { Line } from '../../../../gateway/driver/line/line.ts';
import { SerialportLink } from '../../../../gateway/link/serialport-link.ts';
import { serialLinkSettings } from '../../../../gateway/link/settings.ts';
import type { Reading } from '../../../../gateway/reading/reading.ts';
import { childPlan, serveParent } from '../../measure/child-program.ts';
import type { LinePlan } from './line-plan.ts';
import { Tally } from './tally.ts';

/*
 * Our own: the product's line loop on the product's serial link, with a profile as a site would have one. Stations
 * behind the line are left out, as they are with the peers.
 */

/** The site file allows nothing faster, milliseconds; the lines here are busy long before. */
const fastest = 100;

const plan = childPlan<LinePlan>();
const tally = new Tally(plan.counted);

function profile(): Profile {
  const { registers, maxRegisters, timeout } = plan;
  return profileSchema.parse({
    profile: 'bench/registers',
    name: { zh: '测试寄存器', en: 'Registers for measuring' },
    sources: ['the slaves of this bench'],
    confidence: 'A',
    protocol: 'modbus',
    serial: { default: '9600-8N1' },
    address: { default: 1 },
    limits: { maxRegisters, timeoutMs: timeout } satisfies Partial<ModbusProfile['limits']>,
    points: Array.from({ length: registers }, (_, register) => ({
      ...{ id: `r${register}`, factor: 'current', functionCode: 3, register, type: 'u16' },
    })),
  });
}

function instruments(link: string): Instrument[] {
  const common = { profile: 'bench/registers', link, every: Math.max(fastest, plan.every) };
  const known = profile();
  return plan.addresses.map((address) => ({
    settings: { ...common, id: `slave-${address}`, address, point: `point-${address}` },
    profile: known,
    origin: 'simulated',
  }));
}

/** All points of one slave at once, each with its value or with none. */
function take(readings: readonly Reading[]): void {
  const values = readings.map(({ value }) => value);
  if (values.includes(null)) tally.failed();
  const address = Number(readings[0]?.instrument.slice('slave-'.length));
  if (values.some((value) => value !== null)) tally.delivered(address, 0, values);
}

const lines = plan.paths.map((path, index) => {
  const settings = serialLinkSettings.parse({ kind: 'serial', path, baudRate: plan.baudRate });
  const link = new SerialportLink({ id: `line-${index}`, settings, clock: systemClock, observe: () => undefined });
  return new Line({
    link,
    framing: 'modbus-rtu',
    instruments: instruments(link.id),
    clock: systemClock,
    observe: () => undefined,
    onReadings: take,
  });
});

for (const line of lines) line.start();
serveParent({
  answers: { figures: () => tally.figures() },
  end: async () => void (await Promise.all(lines.map((line) => line.stop()))),
});
