import { describe, expect, test } from 'vitest';
import type { ChipKind } from './chip/chip.ts';
import { ScriptedBroker } from './far-side/scripted-broker.ts';
import { NodeRig, type NodeRigOptions } from './node-rig.ts';
import { SteppedClock } from './stepped-clock.ts';

interface Bench {
  readonly rig: NodeRig;
  readonly clock: SteppedClock;
  readonly broker: ScriptedBroker;
  /** What the program has said since it was last asked. */
  said(): string[];
}

/** A chip that has booted with this program as its `init.lua`. */
async function running(kind: ChipKind, program: string, options: Partial<NodeRigOptions> = {}): Promise<Bench> {
  const clock = new SteppedClock();
  const broker = new ScriptedBroker(clock);
  const rig = await NodeRig.create({
    kind,
    clock,
    farSide: broker,
    ...options,
    files: { 'init.lua': program, ...options.files },
  });
  rig.powerOn();
  clock.advance(1000);
  const said = (): string[] => rig.console.splice(0);
  return { rig, clock, broker, said };
}

describe('files (SPIFFS)', () => {
  test.each<ChipKind>(['esp8266', 'esp32'])(
    'on an %s keep over a restart, and no name is taken twice',
    async (kind) => {
      const { rig, clock, said } = await running(
        kind,
        `local open = file.open or io.open
       local f = open('boots', 'a') f:write('x') f:close()
       f = open('boots', 'r') print(f:read(10)) f:close()
       print(file.rename('boots', 'init.lua'), file.rename('missing', 'other'), file.exists('boots'))`,
      );
      expect(said()).toEqual(['x', 'false\tfalse\ttrue']);
      rig.reset();
      clock.advance(1000);
      expect(said()).toEqual(['xx', 'false\tfalse\ttrue']);
    },
  );

  test('with a name of more than 31 characters are an error on an ESP8266', async () => {
    const { said } = await running('esp8266', `print(pcall(file.open, string.rep('n', 32), 'w'))`);
    expect(said()[0]).toMatch(/^false\t.*filename invalid/);
  });

  test('take what fits, and then a write says nil', async () => {
    const { rig, said } = await running(
      'esp8266',
      `local f = file.open('block', 'w')
       print(f:write(string.rep('a', 300)), f:write(string.rep('b', 900)))
       f:close() print(file.fsinfo())`,
      { flashSize: 1280 },
    );
    expect(said()).toEqual(['true\tnil', '0\t1280\t1280']);
    const kept = rig.flash.files.get('block') as string;
    expect(kept).toMatch(/^a{300}b+$/);
    expect(kept.length).toBeLessThan(1200);
  });

  test('have the first bytes of a write in whose middle the power went, and nothing runs on', async () => {
    const program = `local f = file.open('row', 'a')
      if f:write('0123456789') then f:write('not reached') end
      print('not reached')`;
    for (const kept of [0, 1, 9, 10]) {
      const clock = new SteppedClock();
      const rig = await NodeRig.create({
        kind: 'esp8266',
        clock,
        farSide: new ScriptedBroker(clock),
        files: { 'init.lua': program, row: 'old ' },
      });
      rig.cutPowerAt({ operation: 1, kept });
      rig.powerOn();
      clock.advance(5000);
      expect([rig.isPowered, rig.flash.files.get('row'), rig.console]).toEqual([
        false,
        `old ${'0123456789'.slice(0, kept)}`,
        [],
      ]);
    }
  });

  test('are opened through io on an ESP32, whose image has no file.open', async () => {
    const { said } = await running(
      'esp32',
      `print(file.open, file.getcontents, type(io.open)) print((io.open('missing')))`,
    );
    expect(said()).toEqual(['nil\tnil\tfunction', 'nil']);
  });
});

describe('timers and counters', () => {
  test('a single timer fires once, an automatic one on and on, a semi-automatic one at each start', async () => {
    const { clock, said } = await running(
      'esp8266',
      `tmr.create():alarm(1000, tmr.ALARM_SINGLE, function() print('single') end)
       local count = 0
       tmr.create():alarm(1000, tmr.ALARM_AUTO, function(t) count = count + 1 if count == 3 then t:unregister() end print('auto') end)
       local semi = tmr.create()
       semi:alarm(1000, tmr.ALARM_SEMI, function() print('semi') end)
       tmr.create():alarm(2500, tmr.ALARM_SINGLE, function() print(semi:start(), semi:start()) end)
       print(pcall(tmr.create().alarm, tmr.create(), 0, 0, print))`,
    );
    expect(said()[0]).toMatch(/Range: 1-6870947/);
    clock.advance(10_000);
    expect(said()).toEqual(['single', 'auto', 'semi', 'auto', 'true\tfalse', 'auto', 'semi']);
  });

  test('tmr.now goes back to 0 after 31 bits of microseconds, tmr.time goes on', async () => {
    const { rig, clock } = await running('esp8266', '');
    clock.advance(2_146_500);
    expect(rig.lua('return tmr.now()')).toBeGreaterThan(2_147_000_000);
    clock.advance(1000);
    expect(rig.lua('return tmr.now()')).toBeLessThan(1_000_000);
    expect(rig.lua('return tmr.time()')).toBe(2148);
  });

  test("an ESP32's uptime comes in two numbers, and its timers in ticks of 10 ms", async () => {
    const { rig, clock, said } = await running(
      'esp32',
      `tmr.create():alarm(19, tmr.ALARM_SINGLE, function() print(node.uptime()) end)
       print(pcall(tmr.create().alarm, tmr.create(), 9, 0, print)) print(tmr.now, tmr.delay, tmr.softwd)`,
    );
    const [refused, none, at] = said();
    expect([refused?.startsWith('false'), none]).toEqual([true, 'nil\tnil\tnil']);
    expect(Number(at?.split('\t')[0])).toBeCloseTo(10_000, -2);
    clock.advance(2_147_483.648);
    const [low, high] = rig.lua('local low, high = node.uptime() return { low, high }') as number[];
    expect(high).toBe(1);
    expect(low).toBeLessThan(2_000_000);
  });

  test('the soft watchdog restarts a chip that does not feed it, and calls it a restart by software', async () => {
    const { rig, clock, said } = await running(
      'esp8266',
      'print(node.bootreason()) if fed == nil then tmr.softwd(5) end',
    );
    clock.advance(5000);
    rig.lua('tmr.softwd(-1)');
    expect([said(), rig.boots]).toEqual([
      ['1\t0', '2\t4'],
      ['power', 'software'],
    ]);
    clock.advance(60_000);
    expect(rig.boots).toHaveLength(2);
  });
});

describe('a restart', () => {
  test('comes when Lua has come back; an error that nobody caught is one too, and is shown', async () => {
    const { rig, clock, said } = await running(
      'esp8266',
      `print(node.bootreason())
       tmr.create():alarm(2000, tmr.ALARM_SINGLE, function() node.restart() print('still here') end)
       tmr.create():alarm(4000, tmr.ALARM_SINGLE, function() print('never') end)`,
    );
    clock.advance(1500);
    expect(said()).toEqual(['1\t0', 'still here']);
    rig.flash.files.set('init.lua', `tmr.create():alarm(10, tmr.ALARM_SINGLE, function() local x = nil + 1 end)`);
    clock.advance(300);
    rig.flash.files.set('init.lua', 'print(node.bootreason())');
    clock.advance(1000);
    expect(rig.boots).toEqual(['power', 'software', 'exception']);
    expect(said()).toEqual([expect.stringMatching(/^PANIC: .*init\.lua:1: .*arithmetic/), '2\t2']);
    expect(rig.panics).toHaveLength(1);
  });

  test('keeps the words of the RTC, which a loss of power turns into anything', async () => {
    const { rig, clock } = await running('esp8266', '');
    rig.lua('rtcmem.write32(3, 7, -8) rtcmem.write32(127, 9, 10)');
    rig.reset();
    clock.advance(1000);
    expect(rig.lua('return { rtcmem.read32(3, 2) }')).toEqual([7, -8]);
    expect(rig.lua('return select("#", rtcmem.read32(127, 5))')).toBe(1);
    expect(rig.lua('return select("#", rtcmem.read32(128))')).toBe(0);
    rig.cutPower();
    rig.powerOn();
    clock.advance(1000);
    expect(rig.lua('return rtcmem.read32(3)')).not.toBe(7);
  });
});

describe('the UART', () => {
  const listening = `uart.setup(0, 9600, 8, uart.PARITY_NONE, uart.STOPBITS_1, 0)
    heard = ''
    uart.on('data', 0, function(bytes) heard = heard .. #bytes .. ' ' end, 0)`;

  test('of an ESP8266 is the console until it moves to the sensor: what is printed then goes there', async () => {
    const { rig, said } = await running('esp8266', `print('hello') uart.on('data', 3, function() end, 1) ${listening}`);
    rig.sensorSends('lost');
    rig.type('x');
    expect(rig.lua('return heard')).toBe('1 ');
    rig.lua('uart.alt(1) heard = "" print("to the sensor")');
    rig.sensorSends('\x42\x4d\x00');
    rig.type('unheard');
    expect(rig.lua('return heard')).toBe('1 1 1 ');
    expect([said(), rig.toSensor]).toEqual([['hello'], 'to the sensor\n']);
  });

  test('waits for as many bytes as were asked for, across what the sensor means as a frame', async () => {
    const { rig } = await running(
      'esp8266',
      `${listening} uart.alt(1) uart.on('data', 4, function(b) heard = heard .. b .. '|' end, 0)`,
    );
    rig.sensorSends('abcdef');
    rig.sensorSends('ghi');
    expect(rig.lua('return heard')).toBe('abcd|efgh|');
  });

  test('at another rate hears noise', async () => {
    const { rig } = await running(
      'esp8266',
      `${listening} uart.alt(1) uart.on('data', 2, function(b) heard = b end, 0) uart.setup(0, 115200, 8, 0, 1, 0)`,
    );
    rig.sensorSends('BM');
    expect(rig.lua('return heard == "BM"')).toBe(false);
  });

  test('of an ESP32 for the sensor hears nothing before it is started, and the console stays', async () => {
    const { rig, said } = await running(
      'esp32',
      `heard = '' uart.setup(2, 9600, 8, uart.PARITY_NONE, uart.STOPBITS_1, { tx = 17, rx = 16 })
       uart.on(2, 'data', 0, function(bytes) heard = heard .. bytes end)`,
    );
    rig.sensorSends('lost');
    rig.lua('uart.start(2)');
    rig.sensorSends('BM');
    rig.type('print(heard)\nprint(1 +)\n');
    expect(said()).toEqual(['BM', expect.stringMatching(/unexpected symbol/)]);
  });
});

describe('pins', () => {
  test.each<[ChipKind, string]>([
    ['esp8266', 'gpio.mode(1, gpio.OUTPUT) gpio.write(1, 1) tmr.delay(260) count = adc.read(0) gpio.write(1, 0)'],
    [
      'esp32',
      `adc.setwidth(adc.ADC1, 12) adc.setup(adc.ADC1, 6, adc.ATTEN_0db) gpio.config({ gpio = 1, dir = gpio.OUT }) gpio.write(1, 1)
       local start = node.uptime() while node.uptime() - start < 260 do end count = adc.read(adc.ADC1, 6) gpio.write(1, 0)`,
    ],
  ])('on an %s show how long a pulse was and what stood at the ADC in it', async (kind, program) => {
    const { rig } = await running(kind, program.replace(/^/, 'function sample() ').concat(' return count end'));
    rig.analogue = (microseconds) => (microseconds - (rig.edges.at(-1)?.at ?? 0) > 250 ? 600 : 10);
    expect(rig.lua('return sample()')).toBe(600);
    const [on, off] = rig.edges;
    expect([on?.level, off?.level]).toEqual([1, 0]);
    expect((off?.at ?? 0) - (on?.at ?? 0)).toBeGreaterThan(260);
    expect((off?.at ?? 0) - (on?.at ?? 0)).toBeLessThan(330);
  });
});

describe('JSON', () => {
  test('null is an object, an empty table a list, a backslash goes as it is, what follows the end does not matter', async () => {
    const { rig } = await running('esp8266', '');
    expect(
      rig.lua(
        `return type(sjson.decode('[null]')[1]) .. type(sjson.NULL) .. tostring(sjson.decode('[null]')[1] == sjson.NULL)`,
      ),
    ).toBe('userdatauserdatatrue');
    expect(rig.lua(`return sjson.encode({ a = {} }) .. sjson.encode({ 1, 'x"\\\\' })`)).toBe('{"a":[]}[1,"x\\"\\"]');
    expect(rig.lua(`return sjson.decode('{"a":1}}garbage').a`)).toBe(1);
    for (const wrong of ['', '{', '7', '"x"', '{"a":}', '['.repeat(21)]) {
      expect(rig.lua(`return (pcall(sjson.decode, '${wrong}'))`), wrong).toBe(false);
    }
    expect(rig.lua(`return #sjson.decode('["\\\\u20ac"]')[1]`)).toBe(3);
  });
});

describe('Wi-Fi', () => {
  test('of an ESP8266 joins by itself, tells each attempt that fails, and joins again', async () => {
    const { rig, clock, said } = await running(
      'esp8266',
      `wifi.setmode(wifi.STATION)
       wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function(t) print('up', t.IP, wifi.sta.getrssi()) end)
       wifi.eventmon.register(wifi.eventmon.STA_DISCONNECTED, function(t) print('down', t.reason, wifi.sta.getrssi()) end)
       wifi.sta.config({ ssid = 'site', pwd = 'a password', auto = true, save = false })`,
    );
    clock.advance(5000);
    rig.air.isUp = false;
    clock.advance(4000);
    rig.air.isUp = true;
    clock.advance(5000);
    expect(said()).toEqual(['up\t10.42.0.23\t-67', 'down\t200\tnil', 'down\t201\tnil', 'up\t10.42.0.23\t-67']);
  });

  test('of an ESP32 does nothing before it is started', async () => {
    const { clock, said } = await running(
      'esp32',
      `wifi.mode(wifi.STATION) wifi.sta.on('got_ip', function(event, info) print(event, info.ip) end)
       wifi.sta.config({ ssid = 'site', pwd = 'a password' }, false) print(pcall(wifi.sta.connect))`,
    );
    clock.advance(10_000);
    expect(said()).toEqual([expect.stringMatching(/^false\t.*12290/)]);
  });
});

test.each<ChipKind>(['esp8266', 'esp32'])(
  'an %s joins the network of its configuration, and no other',
  async (kind) => {
    const program =
      kind === 'esp8266'
        ? `wifi.setmode(wifi.STATION) wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function() print("joined") end)
         wifi.sta.config({ ssid = "training", pwd = "quiet-lake" })`
        : `wifi.mode(wifi.STATION) wifi.sta.on("got_ip", function() print("joined") end)
         wifi.sta.config({ ssid = "training", pwd = "quiet-lake" }) wifi.start()`;
    const { rig, clock, said } = await running(kind, program);
    rig.air.network = 'elsewhere';
    clock.advance(20_000);
    expect(said()).toEqual([]);
    rig.air.network = 'training';
    clock.advance(20_000);
    expect(said()).toEqual(['joined']);
  },
);

test('the heap falls with what Lua holds and rises when it lets go', async () => {
  const { rig } = await running('esp8266', '');
  const free = rig.lua('return node.heap()') as number;
  expect(free).toBeGreaterThan(40_000);
  rig.lua('kept = string.rep("x", 10000)');
  expect(free - (rig.lua('return node.heap()') as number)).toBeGreaterThan(8900);
  rig.lua('kept = nil');
  rig.heapTaken = 30_000;
  expect(free - (rig.lua('return node.heap()') as number)).toBeLessThan(30_300);
});

test('the most heap that was in use at once is found, and what is being compiled is not counted in it', async () => {
  const { rig } = await running(
    'esp8266',
    `local large = string.rep('x', 9000) file.exists(large:sub(1, 9)) large = nil
     local f = file.open('code', 'r')
     load(function() return f:read(256) end)
     f:close() print(node.heap())`,
    { watchesHeap: true, files: { code: `local t = {} ${'t[#t + 1] = #t '.repeat(2000)}` } },
  );
  expect(rig.peakHeap).toBeGreaterThan(9000);
  expect(rig.peakHeap).toBeLessThan(15_000);
  expect(rig.heap as number).toBeLessThan(4000);
});
