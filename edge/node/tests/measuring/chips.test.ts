import { describe, expect, test } from 'vitest';
import type { ChipKind, ResetReason } from '../../../../test-rigs/surroundings/lua-machine/chip/chip.ts';
import { ScriptedBroker } from '../../../../test-rigs/surroundings/lua-machine/far-side/scripted-broker.ts';
import { firmwareLua } from '../../../../test-rigs/surroundings/lua-machine/firmware-part.ts';
import { LuaMachine } from '../../../../test-rigs/surroundings/lua-machine/lua-machine.ts';
import { NodeRig, type NodeRigOptions } from '../../../../test-rigs/surroundings/lua-machine/node-rig.ts';
import { SteppedClock } from '../../../../test-rigs/surroundings/lua-machine/stepped-clock.ts';

const kinds: ChipKind[] = ['esp8266', 'esp32'];

/** A chip with its hardware file as the global `hw`, after this Lua has run. */
async function withHardware(kind: ChipKind, program = '', options: Partial<NodeRigOptions> = {}) {
  const clock = new SteppedClock();
  const rig = await NodeRig.create({
    kind,
    clock,
    farSide: new ScriptedBroker(clock),
    ...options,
    files: { 'chip.lua': firmwareLua(`chips/${kind}.ts`), 'init.lua': `hw = dofile('chip.lua').hardware() ${program}` },
  });
  rig.powerOn();
  clock.advance(300);
  return { rig, clock, told: () => rig.console.splice(0) };
}

describe.each(kinds)('an %s', (kind) => {
  test('says what it is, by a number of its own', async () => {
    const { rig } = await withHardware(kind);
    expect(rig.lua('return hw.chip')).toBe(kind);
    expect(rig.lua('return hw.id()')).toBe(kind === 'esp8266' ? '7f3a12' : '0000007f3a12');
    expect(rig.lua('return hw.perMillivolts / hw.perCounts')).toBeCloseTo(
      kind === 'esp8266' ? 1000 / 1024 : 1100 / 4095,
    );
  });

  test('counts seconds over the turns of its counter, forty a day, and never goes back', async () => {
    const { rig, clock } = await withHardware(
      kind,
      'last = -1 hw.every(60000, function() local now = hw.uptime() if now < last then back = true end last = now end)',
    );
    clock.advance(86_400_000);
    const truth = Math.floor((clock.monotonic() - 300) / 1000);
    expect(rig.lua('return back')).toBeUndefined();
    expect(Math.abs((rig.lua('return hw.uptime()') as number) - truth)).toBeLessThanOrEqual(1);
  });

  test('asked once in half an hour, it still counts right', async () => {
    const { rig, clock } = await withHardware(kind);
    for (let turn = 1; turn <= 5; turn += 1) {
      clock.advance(2_100_000);
      expect(rig.lua('return hw.uptime()')).toBe(turn * 2100);
    }
  });

  test('calls once or again and again', async () => {
    const { rig, clock } = await withHardware(
      kind,
      'once, often = 0, 0 hw.after(1000, function() once = once + 1 end) hw.every(1000, function() often = often + 1 end)',
    );
    clock.advance(10_500);
    expect([rig.lua('return once'), rig.lua('return often')]).toEqual([1, 10]);
  });

  test('says why it started', async () => {
    const { rig, clock } = await withHardware(kind, 'why = hw.bootReason()');
    const wanted: [ResetReason, string][] = [
      ['external', kind === 'esp8266' ? 'external' : 'power'],
      ['watchdog', 'watchdog'],
      ['exception', 'exception'],
      ['software', 'software'],
      ['deep-sleep', 'deep-sleep'],
      ['brownout', kind === 'esp8266' ? 'power' : 'brownout'],
    ];
    expect(rig.lua('return why')).toBe('power');
    for (const [reason, word] of wanted) {
      rig.reset(reason);
      clock.advance(300);
      expect([reason, rig.lua('return why')]).toEqual([reason, word]);
    }
  });

  test('restarts when it is not kept alive, and not while it is', async () => {
    const { rig, clock } = await withHardware(
      kind,
      'if hw.bootReason() == "power" then hw.keepAlive(30) beat = true hw.every(10000, function() if beat then hw.keepAlive(30) end end) end',
    );
    clock.advance(600_000);
    expect(rig.boots).toEqual(['power']);
    rig.lua('beat = false');
    clock.advance(29_000);
    expect(rig.boots).toEqual(['power']);
    clock.advance(2000);
    expect(rig.boots).toEqual(['power', 'software']);
  });

  test('hands over what the sensor sends, every byte of 256 of them', async () => {
    const { rig } = await withHardware(kind, 'heard = {} hw.sensor(function(bytes) heard[#heard + 1] = bytes end)');
    const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
    rig.sensorSends(all);
    expect(rig.lua('return table.concat(heard)')).toBe(all);
    expect(rig.toSensor).toBe('');
  });

  test('tells when the network comes and goes, and how strong it is where it can', async () => {
    const { rig, clock, told } = await withHardware(
      kind,
      'hw.wifi("site-nodes", "a password", function(isUp) print(isUp) end)',
    );
    expect(rig.lua('return hw.rssi()')).toBeUndefined();
    clock.advance(10_000);
    expect(told()).toEqual(['true']);
    expect(rig.lua('return hw.rssi()')).toBe(kind === 'esp8266' ? -67 : undefined);
    rig.air.isUp = false;
    clock.advance(20_000);
    expect(new Set(told())).toEqual(new Set(['false']));
    rig.air.isUp = true;
    clock.advance(20_000);
    expect(told().at(-1)).toBe('true');
  });

  test('draws other numbers at each boot, all of them from 0 up to 1', async () => {
    const { rig, clock } = await withHardware(kind, 'drawn = {} for at = 1, 20 do drawn[at] = hw.random() end', {
      seed: 5,
    });
    let noise = 7;
    rig.analogue = () => {
      noise = (noise * 75 + 74) % 65_537;
      return 100 + (noise % 8);
    };
    const first = rig.lua('return drawn') as number[];
    rig.reset();
    clock.advance(300);
    const second = rig.lua('return drawn') as number[];
    expect(second).not.toEqual(first);
    for (const one of [...first, ...second]) expect([one >= 0, one < 1]).toEqual([true, true]);
  });
});

/** An ESP32 asks for the time over and over while it waits, at which Lua 5.1 is several times as fast here. */
const quick = { lua: '5.1' } as const;

/** A voltage on the pin, raw counts at a moment in microseconds, as a function of Lua. */
type Voltage = string;

/** Mean of what a chip makes of this voltage over 20 s, and of how many samples. */
function meanOf(kind: ChipKind, voltage: Voltage): { mean: number; samples: number } {
  const machine = LuaMachine.createNow('5.1');
  // All of it in Lua: an ESP32 asks for the time thousands of times between two samples.
  machine.run(`
    T = 0
    local function moment() T = T + 12 return T end
    local tick
    node = { uptime = moment }
    tmr = { now = moment, delay = function() end, create = function() return { alarm = function(_, ms, _, then_) step, tick = ms, then_ end } end }
    gpio = { write = function() end, mode = function() end, config = function() end }
    local function read() T = T + 10 return math.floor((${voltage})(T) + 0.5) end
    adc = { read = read, setwidth = function() end, setup = function() end, force_init_mode = function() return false end }
    uart, wifi = {}, { sta = {} }
    hw = (function() ${firmwareLua(`chips/${kind}.ts`)} end)().hardware()
    sum, n = 0, 0
    hw.sample(false, function(count) sum, n = sum + count, n + 1 end)
    for at = step, 20000, step do T = math.max(T, at * 1000) tick() end`);
  return { mean: machine.run('return sum / n') as number, samples: machine.run('return n') as number };
}

describe.each(kinds)('what hangs on the analogue pin of an %s', (kind) => {
  /** Hertz: what a grid does, and what a generator on a site does. */
  const mains = [49.5, 49.8, 50, 50.2, 50.5, 59.9, 60];

  test('a rectified current of the mains is met at so many places of its cycle that the mean holds', async () => {
    await LuaMachine.load();
    for (const hertz of mains) {
      for (const phase of [0, 0.3, 1.1]) {
        const turns = (2 * Math.PI * hertz) / 1e6;
        const { mean, samples } = meanOf(
          kind,
          `function(t) return 700 * math.abs(math.sin(t * ${turns} + ${phase})) end`,
        );
        // What ten places of a rectified sine are off at most, and a little for 20 s not being whole rounds of them.
        const off = mean / ((700 * 2) / Math.PI) - 1;
        expect([hertz, phase, Math.abs(off) < 0.008]).toEqual([hertz, phase, true]);
        expect(samples).toBeGreaterThan(600);
      }
    }
  });

  test('the hum of the mains on a loop goes out of its mean', async () => {
    await LuaMachine.load();
    for (const hertz of mains) {
      const { mean } = meanOf(
        kind,
        `function(t) return 500 + 100 * math.sin(t * ${(2 * Math.PI * hertz) / 1e6} + 0.7) end`,
      );
      expect([hertz, Math.abs(mean - 500) < 2]).toEqual([hertz, true]);
    }
  });

  test('a Sharp is sampled 0.28 ms after its LED is lit, every 10 ms, and its LED is dark between', async () => {
    const { rig, clock } = await withHardware(
      kind,
      'n = 0 function go() hw.sample(true, function(count) n = n + 1 last = count end) end',
      quick,
    );
    const leads: number[] = [];
    rig.analogue = (microseconds) => {
      const edge = rig.edges.at(-1);
      if (edge?.level === 1) leads.push(microseconds - edge.at);
      return edge?.level === 1 ? 600 : 5;
    };
    rig.lua('go()');
    clock.advance(2000);
    expect(rig.lua('return n')).toBeGreaterThan(170);
    expect(rig.lua('return last')).toBe(600);
    // What it took to find the wait aside, in the first second.
    for (const lead of leads.slice(100)) expect([lead > 260, lead < 310]).toEqual([true, true]);
    const edges = rig.edges.filter(({ pin }) => pin === (kind === 'esp8266' ? 1 : 25)).slice(-100);
    const on = edges.filter(({ level }) => level === 1);
    for (const [index, { at }] of on.slice(1).entries()) expect(at - (on[index]?.at ?? 0)).toBeCloseTo(10_000, -3);
    for (const [index, { level, at }] of edges.entries()) {
      if (level === 0) expect(at - (edges[index - 1]?.at ?? at)).toBeLessThan(380);
    }
  });

  test('a sample of a Sharp that came late, because something held the chip up, is left out', async () => {
    // Every second wait of the chip is a third of a millisecond too long.
    const held =
      kind === 'esp8266'
        ? 'local delay = tmr.delay tmr.delay = function(us) turn = (turn or 0) + 1 delay(turn % 2 == 0 and us + 330 or us) end'
        : 'local uptime, turn, late = node.uptime, 0, 0 node.uptime = function() local now = uptime() + late turn = turn + 1 if turn % 150 == 0 then late = late + 330 end return now end';
    const { rig, clock } = await withHardware(kind, '', quick);
    rig.lua(`${held} hw = dofile('chip.lua').hardware() n = 0 hw.sample(true, function(count) n = n + 1 end)`);
    clock.advance(1500);
    const n = rig.lua('return n') as number;
    expect(n).toBeGreaterThan(kind === 'esp8266' ? 45 : 15);
    expect(n).toBeLessThan(kind === 'esp8266' ? 80 : 105);
  });
});

test('an ESP8266 that was set to measure its own supply is set to its pin, and restarts for it', async () => {
  const { rig, clock } = await withHardware(
    'esp8266',
    `adc.force_init_mode = function(mode) return mode == adc.INIT_ADC and hw.bootReason() == 'power' end
     n = 0 hw.after(100, function() hw.sample(false, function() n = n + 1 end) end)`,
  );
  clock.advance(2000);
  expect(rig.boots).toEqual(['power', 'software']);
  expect(rig.lua('return n')).toBeGreaterThan(50);
});

test('an ESP8266 that reads 65535 gives no counts', async () => {
  const { rig, clock } = await withHardware('esp8266', 'adc.read = function() return 65535 end');
  rig.lua("hw = dofile('chip.lua').hardware() n = 0 hw.sample(false, function() n = n + 1 end)");
  clock.advance(1000);
  expect(rig.lua('return n')).toBe(0);
});
