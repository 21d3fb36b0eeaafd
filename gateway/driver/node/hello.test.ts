import { expect, test } from 'vitest';
import { readHello } from './hello.ts';

const said =
  '{"l":1,"b":17,"u":4012,"version":"0.1.0","chip":"esp8266","reason":"power","rssi":-67,"heap":21344,"lowest":19800,"held":190,"flash":[3,40],"dropped":0,"frames":[3412,2],"silent":12,"configuration":3,"boots":["power","watchdog"],"sensor":"plantower"}';
const changed = (fields: object): Uint8Array => Buffer.from(JSON.stringify({ ...JSON.parse(said), ...fields }));

test('a hello is read as the node means it', () => {
  expect(readHello(Buffer.from(said))).toEqual({
    ...{ boot: 17, uptime: 4012, version: '0.1.0', chip: 'esp8266', reason: 'power', rssi: -67 },
    ...{ heap: 21_344, lowest: 19_800, held: 190, flashUsed: 3, flashAllowed: 40, dropped: 0, torn: 0 },
    ...{ goodFrames: 3412, badFrames: 2, silent: 12, configuration: 3, boots: ['power', 'watchdog'] },
    sensor: 'plantower',
  });
});

test('what a node does not know is null, never 0', () => {
  expect(readHello(changed({ rssi: undefined, silent: undefined, boots: [''] }))).toMatchObject({
    ...{ rssi: null, silent: null, boots: [] },
  });
  expect(readHello(changed({ rssi: 31 }))).toMatchObject({ rssi: null });
});

test.each([
  ['not json', 'hello is no JSON'],
  ['[]', 'hello: '],
  [changed({ l: 2 }), 'hello: l'],
  [changed({ b: 0 }), 'hello: b'],
  [changed({ rssi: 400 }), 'hello: rssi'],
  [changed({ heap: 0.5 }), 'hello: heap'],
  [changed({ version: '<script>' }), 'hello: version'],
  [changed({ boots: Array.from({ length: 9 }, () => 'power') }), 'hello: boots'],
  [changed({ flash: [3] }), 'hello: flash'],
])('what is no hello is told with the place: %#', (payload, told) => {
  const read = readHello(Buffer.from(payload as string));
  expect('fault' in read && read.fault).toContain(told);
});
