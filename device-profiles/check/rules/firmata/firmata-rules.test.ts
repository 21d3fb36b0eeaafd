import { describe, expect, test } from 'vitest';
import { WrittenProfiles } from '../../../../test-rigs/profiles/written-profile.ts';
import { readFirmata } from '../../../firmata.ts';

const says = 'says: { closed: { zh: 合, en: closed }, open: { zh: 分, en: open } }';
const contact = (id: string, pin: number, more = '', factor = 'contact-closed'): string =>
  `  - { id: ${id}, factor: ${factor}, channel: ${id}, contact: { pin: ${pin}, name: { zh: 触点, en: contact }, ${says}${more} } }\n`;
const remote = contact('remote', 3, '', 'remote-released');
const cannon = (more: string): string =>
  `relays:\n  - { id: lamp, name: { zh: 灯, en: lamp }, use: lamp, pin: 8, longestSeconds: 60 }\n  - { id: cannon, name: { zh: 雾炮, en: cannon }, use: mist-cannon, pin: 9${more} }\n`;
const whole = ', lockOut: remote, warning: { seconds: 10, lamp: lamp }, longestSeconds: 600';

function faultsOf(points: string, more = ''): string[] {
  const written = WrittenProfiles.inTest();
  const text = `profile: acme/board
name: { zh: 开发板, en: board }
sources: [made up for a test]
confidence: C
protocol: firmata
${more}points:
${points}`;
  written.write('acme/board', text);
  return written.faults('acme/board').map(({ field, fault, remedy }) => `${field}: ${fault}; ${remedy}`);
}

const loop = (more: string): string =>
  `  - { id: level, factor: water-level, loop: { channel: 0, shunt: 200 }${more} }\n`;

describe('a wiring', () => {
  test('is sound with contacts, a loop, a clamp, the cabinet and a locked mist cannon', () => {
    const points = [
      remote,
      loop(', curve: { from: [4, 20], to: [0, 4], under: 3.6, over: 21 }'),
      '  - { id: amperes, factor: current, clamp: { channel: 1, turns: 2000, burden: 33 } }\n',
      '  - { id: warmth, factor: cabinet-temperature, climate: temperature }\n',
    ];
    expect(faultsOf(points.join(''), cannon(whole))).toEqual([]);
  });

  test.each([
    ['a serial pin', contact('a', 1), '', "points[a].contact.pin: pin 1 is the board's serial line"],
    ['an analogue pin as a contact', contact('a', 14), '', 'pin 14 is no digital pin'],
    ['the pin of the lamp', contact('a', 13), '', "pin 13 carries the board's own lamp"],
    ['one pin twice', contact('a', 4) + contact('b', 4), '', 'points[b].contact.pin: pin 4 is already used by a'],
    [
      'a relay on the pin of a contact',
      contact('a', 9) + remote,
      cannon(whole),
      'relays[1].pin: pin 9 is already used by a',
    ],
    [
      'a channel that an Uno does not have',
      '  - { id: a, factor: current, clamp: { channel: 6, turns: 2000, burden: 33 } }\n',
      '',
      'the board uno has no A6',
    ],
    [
      'a clamp on the pins of the sensor in the cabinet',
      '  - { id: a, factor: current, clamp: { channel: 4, turns: 2000, burden: 33 } }\n  - { id: t, factor: cabinet-temperature, climate: temperature }\n',
      '',
      'A4 is already used by the BME280',
    ],
    [
      'sampling in step with the mains',
      contact('a', 4),
      'samplingMs: 10\n',
      'samplingMs: every 10 ms the mains of 50 Hz stand at the same phase',
    ],
    ['sampling in step with every second wave', contact('a', 4), 'samplingMs: 20\n', 'write 11, 13, 17 or 19'],
    ['a contact that a cut wire closes', contact('a', 4, ', closed: high'), '', 'a cut wire would read as closed'],
    ['a contact that nothing holds', contact('a', 4, ', pullUp: false'), '', 'nothing holds the pin high'],
    ['a contact that is called a current', contact('a', 4, '', 'current'), '', 'current is not what a contact says'],
    ['a loop without limits', loop(', curve: { from: [4, 20], to: [0, 4] }'), '', 'under: 3.6, over: 21'],
    [
      'a loop whose break is a value',
      loop(', curve: { from: [4, 20], to: [0, 4], under: 4, over: 21 }'),
      '',
      'is not apart from the signal',
    ],
    [
      'a shunt at which too much current reads as a value',
      loop(', curve: { from: [4, 20], to: [0, 4], under: 3.6, over: 21 }').replace('200', '250'),
      '',
      'use 231 ohms or less',
    ],
    ['a supply that nobody states', contact('a', 4), 'supply: volts\n', 'there is no parameter volts'],
    [
      'the air outside as that in the cabinet',
      '  - { id: t, factor: flue-temperature, climate: temperature }\n',
      '',
      'temperature of the sensor is not flue-temperature',
    ],
    [
      'a point that is wired nowhere',
      '  - { id: t, factor: current }\n',
      '',
      'says in none or in two ways where it is wired',
    ],
  ])('is refused with %s', (_, points, more, expected) => {
    expect(faultsOf(points, more).join('\n')).toContain(expected);
  });

  test.each([
    ['that nobody can lock', ', warning: { seconds: 10 }, longestSeconds: 600', 'relays[1].lockOut: is missing'],
    ['that starts without a warning', ', lockOut: remote, longestSeconds: 600', 'write 5 or more'],
    ['that runs for hours', whole.replace('600', '7200'), 'write 1800 or less'],
    ['locked by a contact that is no switch', whole.replace('remote', 'door'), 'door is no switch at the machine'],
    ['that is on at low level', `${whole}, active: low`, 'would be on at each reset'],
    ['warned of by no lamp', whole.replace('lamp: lamp', 'lamp: siren'), 'there is no relay siren of a lamp'],
  ])('is refused with a mist cannon %s', (_, more, expected) => {
    expect(faultsOf(remote + contact('door', 4, '', 'door-closed'), cannon(more)).join('\n')).toContain(expected);
  });

  test.each(['production-line', 'purifier', 'analyser'])('never switches a %s', (use) => {
    const faults = faultsOf(remote, cannon(whole).replace('use: mist-cannon', `use: ${use}`));
    expect(faults.join('\n')).toContain('write one of: lamp, mist-cannon');
  });
});

describe('messages of a board', () => {
  test.each([
    ['cut off', [0x90, 0x20]],
    ['with a command inside', [0xe0, 0x90, 0x00]],
    ['unknown', [0xc5, 0x00, 0x00]],
    ['a long one without an end', [0xf0, 0x79, 0x02]],
  ])('are not read where they are %s', (_, bytes) => {
    expect(readFirmata(Uint8Array.from(bytes))).toBeUndefined();
  });

  test('carry the eighth pin of a port in a byte of its own', () => {
    const pins = readFirmata(Uint8Array.of(0x91, 0x01, 0x01))?.pins;
    expect([...(pins ?? [])].flatMap(([pin, level]) => (level === 'high' ? [pin] : []))).toEqual([8, 15]);
  });
});
