import { expect, test } from 'vitest';
import { pause } from '../../../gateway/clock.ts';
import { freePort } from '../../links/free-port.ts';
import { MqttJsFarSide } from '../../surroundings/lua-machine/far-side/mqtt-js-far-side.ts';
import { samplesOf } from '../received.ts';
import { RealNode } from './real-firmware.ts';
import { expectWhole, rowsIn, valuesOf } from './real-rows.ts';
import { SpedSite } from './sped-site.ts';

const minute = 60_000;
const node = 'esp-1';
const chip = '7f3a12';

test("the compiled firmware over TCP into the gateway's own broker: adopted by its code, cut off in between, and every row is a reading once", async () => {
  const port = await freePort();
  const troubles: unknown[] = [];
  const fresh: string[] = [];
  await using site = await SpedSite.start(node, `127.0.0.1:${port}`, (event) => {
    if (event.kind === 'node-trouble') troubles.push(event);
    if (event.kind === 'new-node') fresh.push(event.chip);
  });
  const farSide = new MqttJsFarSide(`mqtt://127.0.0.1:${port}`);
  const real = await RealNode.create({ kind: 'esp8266', clock: site.clock, farSide });
  const { rig } = real;
  const sent = () =>
    rowsIn(farSide.published.filter(({ topic }) => topic.endsWith('/rows')).map(({ payload }) => payload));
  try {
    real.powerOn();
    await expect.poll(() => fresh, { timeout: 10_000 }).toEqual([chip]);
    const code = rig.console.join('\n').match(/adoption code (\d{6})/)?.[1] ?? '';
    const asked = { chip, node, by: 'a technician', at: '2026-11-24T00:00:00.000+08:00' };
    expect(await site.adoption.adopt({ ...asked, code: code === '000000' ? '000001' : '000000' })).toMatchObject({
      kind: 'refused',
      why: 'code',
    });
    expect(await site.adoption.adopt({ ...asked, code })).toMatchObject({ kind: 'adopted', node });

    await pause(site.clock, 1.2 * minute);
    farSide.isCut = true;
    await pause(site.clock, 1.2 * minute);
    farSide.isCut = false;
    await expect.poll(() => valuesOf(sent()).length, { timeout: 15_000, interval: 100 }).toBeGreaterThan(3);
  } finally {
    real.powerOff();
  }
  await pause(site.clock, minute);

  const rows = sent();
  expectWhole(rows);
  const values = valuesOf(rows);
  const samples = samplesOf(site.platform, `dust-${node}`).filter(
    (one) => one.factor === 'pm2.5' && one.value !== null,
  );
  const had = samples.toSorted((a, b) => a.at - b.at).map(({ value }) => value);
  expect(had).toEqual(values.slice(0, had.length));
  // The last row may have been on its way when the power went.
  expect(values.length - had.length).toBeLessThanOrEqual(1);
  expect([rig.panics, rig.boots, troubles]).toEqual([[], ['power', 'software'], []]);
}, 40_000);
