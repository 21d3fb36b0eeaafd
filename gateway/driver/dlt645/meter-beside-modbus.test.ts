import { expect, test } from 'vitest';
import { type Profile, profileSchema } from '../../../device-profiles/profile.ts';
import { SimulatedDlt645Meter } from '../../../test-rigs/instruments/simulated-dlt645-meter.ts';
import { SimulatedModbusSlave } from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import { profileWith } from '../../../test-rigs/links/line-scene.ts';
import { MemoryLink } from '../../../test-rigs/links/memory-link.ts';
import { PacedLine } from '../../../test-rigs/links/paced-line.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import type { Reading } from '../../reading/reading.ts';
import type { DriverEvent } from '../events.ts';
import { Line } from '../line/line.ts';

const meterProfile: Profile = profileSchema.parse({
  profile: 'test/meter',
  name: { zh: '测试', en: 'Test' },
  sources: ['made up for a test'],
  confidence: 'C',
  protocol: 'dlt645',
  edition: 2007,
  besideModbus: true,
  serial: { default: '2400-8E1' },
  points: [{ id: 'voltage', factor: 'voltage', identifier: '02010100', format: 'XXX.X' }],
});

test('a meter and a Modbus slave that share a line each get their own answers, also when one of them falls silent', async () => {
  const clock = new SimulatedClock();
  const wires = new PacedLine({ clock, baudRate: 2400, characterBits: 11, grain: 'character' });
  const meter = new SimulatedDlt645Meter({ address: '000000000161', clock });
  meter.serve(wires.connect());
  const slave = new SimulatedModbusSlave({ address: 7, registers: () => 1234, clock, turnAround: 20 });
  slave.serveRtu(wires.connect());
  const readings: Reading[] = [];
  const events: DriverEvent[] = [];
  const common = { link: 'rs485', every: 2000 };
  const line = new Line({
    link: new MemoryLink({ id: 'rs485', clock, end: wires.connect(), characterTime: wires.characterTime }),
    framing: 'modbus-rtu',
    instruments: [
      {
        settings: { ...common, id: 'meter', profile: 'test/meter', meterAddress: '000000000161', point: 'a' },
        profile: meterProfile,
        origin: 'measured',
      },
      {
        settings: { ...common, id: 'slave', profile: 'test/registers', address: 7, point: 'b' },
        profile: profileWith(1),
        origin: 'measured',
      },
    ],
    clock,
    observe: (event) => events.push(event),
    onReadings: (more) => readings.push(...more),
    random: () => 0.5,
  });
  line.start();
  const valuesOf = (instrument: string): Set<number | null> =>
    new Set(readings.filter((one) => one.instrument === instrument).map(({ value }) => value));
  await clock.advance(60_000);
  expect([valuesOf('meter'), valuesOf('slave')]).toEqual([new Set([231]), new Set([1234])]);
  expect(new Set(events.map((event) => (event.kind === 'transaction' ? event.outcome : event.kind)))).toEqual(
    new Set(['ok', 'instrument-condition']),
  );
  slave.on = false;
  readings.length = 0;
  await clock.advance(60_000);
  expect([valuesOf('meter'), valuesOf('slave')]).toEqual([new Set([231]), new Set([null])]);
  slave.on = true;
  meter.on = false;
  readings.length = 0;
  await clock.advance(120_000);
  expect(valuesOf('meter')).toEqual(new Set([null]));
  expect(readings.findLast(({ instrument }) => instrument === 'slave')?.value).toBe(1234);
  await clock.during(line.stop());
});
