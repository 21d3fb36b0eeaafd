import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../device-profiles/catalogue.ts';
import { jxctDust } from '../../test-rigs/instruments/jxct-jxbs-3001.ts';
import { float32, registerImage, word } from '../../test-rigs/instruments/register-image.ts';
import { renkeStation } from '../../test-rigs/instruments/renke-rs-fsxcs.ts';
import { Sdm630 } from '../../test-rigs/instruments/sdm630.ts';
import { counting, type Registers, rtuFrame } from '../../test-rigs/instruments/simulated-modbus-slave.ts';
import { type Fault, faults } from '../../test-rigs/links/faulty-end.ts';
import { ScanScene, type ScanScenePlan } from '../../test-rigs/links/scan-scene.ts';
import { Line } from '../driver/line/line.ts';
import { candidatesOf } from './candidates.ts';
import type { FoundInstrument, ScanReport } from './report.ts';
import { Scan } from './scan.ts';

const candidates = candidatesOf(loadCatalogue({ directories: [] }));
const scene = (plan?: ScanScenePlan): ScanScene => new ScanScene((options) => new Line(options), plan);
const search = (on: ScanScene, addresses: readonly number[]) =>
  on.search((options) => new Scan(options), addresses, candidates);
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);
const at = ({ instruments }: ScanReport, address: number): FoundInstrument => {
  const found = instruments.find((one) => one.address === address);
  if (!found)
    throw new Error(`nothing was found at ${address}: ${JSON.stringify(instruments.map((one) => one.address))}`);
  return found;
};
const ids = (fits: readonly { readonly id: string }[]): string[] => fits.map(({ id }) => id).sort();
/** Answers every register, with nothing in it. */
const zeros: Registers = () => 0;

describe('a search', () => {
  test('finds every instrument of the line and says which profiles fit', async () => {
    const line = scene();
    line.add(17, new Sdm630(line.clock).registers);
    line.add(3, renkeStation(line.clock));
    const report = await search(line, upTo(20));
    expect(report.ended).toBe('whole');
    expect(report.instruments.map(({ address }) => address)).toEqual([3, 17]);
    // The two have one register map, so that nobody can tell them apart.
    expect(ids(at(report, 17).best)).toEqual(['eastron/sdm630', 'eastron/sdm72']);
    expect(ids(at(report, 3).best)).toContain('renke/rs-fsxcs-n01@wind-tenths');
    expect([report.asked, report.notAsked]).toEqual([upTo(20), 0]);
  });

  test('sends nothing but requests to read registers', async () => {
    const line = scene();
    line.add(5, jxctDust(line.clock));
    await search(line, upTo(9));
    const requests = Array.from({ length: line.sent.length / 8 }, (_, index) =>
      line.sent.slice(index * 8, index * 8 + 8),
    );
    const own = requests.filter(([address = 0, code = 0, ...rest]) => {
      const whole = rtuFrame(address, [code, ...rest.slice(0, 4)]);
      return code >= 1 && code <= 4 && Buffer.compare(whole, Uint8Array.from([address, code, ...rest])) === 0;
    });
    expect(own.length).toBeGreaterThan(100);
    expect(line.sent.length % 8).toBe(0);
    expect(own).toHaveLength(requests.length);
  });

  test('begins with the addresses that instruments are delivered with', async () => {
    const line = scene();
    await search(line, [199, 11, 1, 198]);
    const asked = line.events.flatMap((event) => (event.kind === 'asking' && event.round === 1 ? event.address : []));
    expect(asked).toEqual([1, 11, 198, 199]);
  });

  test('takes a refusal for a sign of life', async () => {
    const line = scene();
    const { slave } = line.add(4, zeros);
    slave.refuses = () => 1;
    const found = at(await search(line, upTo(6)), 4);
    expect([found.best, found.others, found.ruledOut]).toEqual([[], [], candidates.length]);
  });

  test('finds one that keeps silent at registers which it does not have, in a second round', async () => {
    const line = scene();
    const { slave } = line.add(1, new Sdm630(line.clock).registers);
    slave.refuses = (table, start) => (table === 4 && start < 0x180 ? null : 'silence');
    const report = await search(line, upTo(5));
    expect(ids(at(report, 1).best)).toContain('eastron/sdm630');
    expect(report.second.asked).toBeGreaterThan(0);
    expect(report.second.asked).toBeLessThanOrEqual(report.second.of);
  });

  test('finds one that answers only when it was given up', async () => {
    const line = scene();
    line.add(1, new Sdm630(line.clock).registers);
    line.add(9, renkeStation(line.clock), 700);
    const report = await search(line, upTo(12));
    expect(report.instruments.map(({ address }) => address)).toEqual([1, 9]);
    expect(report.garbled).toEqual([]);
  });

  test.each(['character', 'burst'] as const)(
    'tells of an address at which two answer at once, their bytes by %s',
    async (grain) => {
      const line = scene({ grain });
      line.add(6, counting());
      line.add(6, zeros, 21);
      const report = await search(line, upTo(8));
      const found = report.instruments.find(({ address }) => address === 6);
      expect(report.garbled.includes(6) || (found?.damaged ?? 0) > 0).toBe(true);
    },
  );

  test('counts the damaged answers of one that is understood now and then', async () => {
    const line = scene();
    let answers = 0;
    const { end } = line.add(8, new Sdm630(line.clock).registers);
    end.choose = () => (answers++ % 3 === 0 ? faults.flipped(4) : faults.none);
    const found = at(await search(line, upTo(8)), 8);
    expect(ids(found.best)).toContain('eastron/sdm630');
    expect(found.damaged).toBeGreaterThan(5);
  });

  test('understands one whose check sums come high byte first, and says so', async () => {
    const line = scene();
    const swapped: Fault = (answer) =>
      faults.replaced((bytes) => Uint8Array.of(...bytes.slice(0, -2), ...bytes.slice(-2).reverse()))(answer);
    const { end } = line.add(2, new Sdm630(line.clock).registers);
    end.choose = () => swapped;
    const found = at(await search(line, upTo(3)), 2);
    expect([found.crcSwapped, ids(found.best)]).toEqual([true, ['eastron/sdm630', 'eastron/sdm72']]);
  });

  test('suggests the order of the bytes where no profile fits', async () => {
    const line = scene();
    const values = [231.4, 5.13, 49.98, 1187.2, 0.963, 22.7];
    const image = registerImage(3, () => values.map((value, place) => [place * 2, float32(value).reverse()]));
    line.add(12, image);
    const found = at(await search(line, [12]), 12);
    expect(found.best).toEqual([]);
    expect(found.orders[0]).toMatchObject({ functionCode: 3, type: 'float32', order: 'CDAB', of: 6 });
    expect(found.orders[0]?.values.map(({ value }) => Number(value.toPrecision(4)))).toEqual([
      231.4, 5.13, 49.98, 1187, 0.963, 22.7,
    ]);
  });

  test('makes nothing of an instrument that answers everything with zeros, or with numbers of no meaning', async () => {
    const line = scene();
    line.add(1, zeros);
    line.add(2, counting());
    const report = await search(line, [1, 2]);
    expect([at(report, 1).best, at(report, 2).best]).toEqual([[], []]);
    expect(at(report, 1).others.every(({ verdict }) => verdict === 'weak')).toBe(true);
  });

  test('does not take a meter for one whose power is not that of its voltage and current', async () => {
    const line = scene();
    const meter = (power: number) =>
      registerImage(4, () => [
        [0, word(2251)],
        [1, [1080, 0]],
        [3, [power, 0]],
        [5, [38, 0]],
        [7, word(500)],
        [8, word(100)],
      ]);
    line.add(1, meter(2430));
    line.add(2, meter(900));
    const report = await search(line, [1, 2]);
    expect(ids(at(report, 1).best)).toEqual(expect.arrayContaining(['peacefair/pzem-004t']));
    expect(ids(at(report, 1).best).every((id) => id.startsWith('peacefair/pzem-0'))).toBe(true);
    expect(at(report, 2).best).toEqual([]);
    expect(ids(at(report, 2).contradicted)).toEqual(expect.arrayContaining(['peacefair/pzem-004t']));
  });

  test('broken off, reports what was found so far', async () => {
    const line = scene();
    line.add(1, new Sdm630(line.clock).registers);
    line.clock.after(30_000, () => line.stop.abort());
    const report = await search(line, upTo(247));
    expect(report.ended).toBe('interrupted');
    expect(ids(at(report, 1).best)).toContain('eastron/sdm630');
    expect(report.asked.length + report.notAsked).toBe(247);
    expect(report.notAsked).toBeGreaterThan(100);
  });

  test('says how long the rest takes, within a quarter of what it does, from the tenth question on', async () => {
    const line = scene();
    line.add(1, new Sdm630(line.clock).registers);
    const left: { at: number; left: number }[] = [];
    const began = line.clock.monotonic();
    const { push } = Array.prototype;
    line.events.push = (...told) => {
      const at = line.clock.monotonic();
      for (const one of told) if (one.kind === 'asking' && one.done > 10) left.push({ at, left: one.left });
      return push.apply(line.events, told);
    };
    const report = await search(line, upTo(100));
    const end = began + report.took;
    const wrong = left.filter((one) => Math.abs(one.left - (end - one.at)) > 0.25 * (end - one.at) + 3000);
    expect(left.length).toBeGreaterThan(200);
    expect(wrong).toEqual([]);
  });

  test('ends with the reason when the adapter is pulled out, and keeps what was found', async () => {
    const line = scene();
    line.add(1, new Sdm630(line.clock).registers);
    line.clock.after(20_000, () => line.link.unplug());
    const report = await search(line, upTo(247));
    expect(report.ended).toEqual({ reason: 'line-fault', message: 'rs485-1: the device is not there; plug it in' });
    expect(report.instruments).toHaveLength(1);
  });
});

describe('where another master polls', () => {
  test('nothing is sent, and the addresses that it asks are told', async () => {
    const line = scene({ listenFirst: 10_000 });
    line.add(1, new Sdm630(line.clock).registers);
    const master = line.connect();
    const poll = (): void => {
      master.send(rtuFrame(1, [4, 0, 0, 0, 2]));
      line.clock.after(1000, poll);
    };
    poll();
    const report = await search(line, upTo(10));
    expect(report.ended).toEqual({
      reason: 'other-master',
      message: expect.stringContaining('another master polls this line'),
    });
    expect([report.asked, report.instruments]).toEqual([[], []]);
    expect(line.silences.at(-1)).toMatchObject({ state: 'other-master', asked: [1] });
    expect(line.sent).toEqual([]);
  });
});

describe('on the network', () => {
  test('a slave behind a gateway is found; what the gateway says of those that are not there is silence', async () => {
    const line = scene({ framing: 'modbus-tcp' });
    line.add(3, new Sdm630(line.clock).registers);
    for (const address of [1, 2, 4, 5, 6]) {
      const { slave } = line.add(address, zeros);
      // Gateway target device failed to respond (Modbus Application Protocol V1.1b3, 7).
      slave.refuses = () => 0x0b;
    }
    const report = await search(line, upTo(6));
    expect(report.instruments.map(({ address }) => address)).toEqual([3]);
    expect(ids(at(report, 3).best)).toContain('eastron/sdm630');
  });

  test('a device that answers at every address is told as one', async () => {
    const line = scene({ framing: 'modbus-tcp' });
    const { registers } = new Sdm630(line.clock);
    for (const address of upTo(12)) line.add(address, registers);
    const report = await search(line, upTo(12));
    expect([report.everyAddress, report.instruments.length]).toEqual([true, 1]);
    expect(report.asked).toHaveLength(1);
  });
});
