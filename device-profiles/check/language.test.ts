import { expect, test } from 'vitest';
import { faultsOf, head, modbusProfile, WrittenProfiles } from '../../test-rigs/profiles/written-profile.ts';
import { readsAtConnect, readsOf } from '../modbus/reads.ts';
import { planRequests } from '../plan.ts';
import { pointsOf, profileSchema } from '../profile.ts';
import { operatorNames } from '../shape/computed.ts';

// Parts A, B, F and G of the requirements for profiles. Each test names the requirement it meets.

const noise = '  - { id: noise, factor: noise, functionCode: 3, register: 0, type: u16, scale: 0.1 }\n';

test('A1: a variant says by which register, or by which addresses, it is told at the instrument', () => {
  const profile = modbusProfile(`points:
${noise}variants:
  - { id: old, name: { zh: 旧, en: old }, probe: { functionCode: 3, register: 2001, type: u16, range: [0x3F80, 0x3F80] } }
  - { id: low, name: { zh: 低, en: low }, probe: { addresses: [1, 2] } }
`);
  expect(profile.variants?.map(({ probe }) => probe?.range ?? probe?.addresses)).toEqual([
    [0x3f80, 0x3f80],
    [1, 2],
  ]);
  expect(
    faultsOf(`points:\n${noise}variants:\n  - { id: a, name: { zh: 旧, en: old }, probe: { register: 1 } }\n`),
  ).toEqual([
    '11 variants[0].probe: is no whole rule; write functionCode, register, type and range; or addresses alone',
  ]);
});

test('A2: a sibling takes over everything and changes single facts, in every list of parts', () => {
  const written = WrittenProfiles.inTest();
  written.write(
    'acme/base',
    `${head.replace('acme/test', 'acme/base')}points:\n${noise}auxiliaries:\n  - { id: state, functionCode: 3, register: 1, type: u16 }\nstatus:\n  - { auxiliary: state, values: { 0: { flag: N } } }\n`,
  );
  written.write(
    'acme/sibling',
    'profile: acme/sibling\nextends: acme/base\nauxiliaries:\n  - { id: state, register: 9 }\n',
  );
  expect(written.load('acme/sibling')).toMatchObject({ auxiliaries: [{ id: 'state', register: 9, type: 'u16' }] });
});

test('A2: what a repeat stands for is inherited and overridden like any other point', () => {
  const written = WrittenProfiles.inTest();
  const repeat = `repeat:
  - over: [a, b]
    stride: 2
    points:
      - { id: voltage-<each>, factor: voltage-<each>, functionCode: 3, register: 0, type: u32 }
`;
  written.write('acme/base', head.replace('acme/test', 'acme/base') + repeat);
  written.write(
    'acme/sibling',
    'profile: acme/sibling\nextends: acme/base\nwithout: [voltage-a]\npoints:\n  - { id: voltage-b, type: s32 }\n',
  );
  expect(written.load('acme/sibling').points).toMatchObject([{ id: 'voltage-b', register: 2, type: 's32' }]);
});

test('A3: sources, confidence and what surprises people are part of every profile', () => {
  expect(faultsOf(`points:\n${noise}`)).toEqual([]);
  const written = WrittenProfiles.inTest();
  written.write('acme/test', `${head.replace('sources: [made up for a test]\n', '')}points:\n${noise}`);
  expect(written.faults('acme/test')[0]).toMatchObject({ field: 'sources', fault: 'is missing' });
});

test('A4: a capture may need parameters of the site and several exchanges, and proves flags too', () => {
  const written = WrittenProfiles.inTest();
  written.write(
    'acme/test',
    `${head}parameters:
  ct: { zh: 变比？, en: CT ratio?, range: [1, 1000] }
points:
  - { id: power, factor: active-power, functionCode: 3, register: 0, type: u16, times: [ct], scaleFrom: { auxiliary: digits, as: decimals } }
auxiliaries:
  - { id: digits, functionCode: 3, register: 8, type: u16 }
status:
  - { auxiliary: digits, values: { 1: { flag: N } }, otherwise: { flag: M, zh: 维护, en: maintenance } }
`,
  );
  const captures = (expected: string) => `profile: acme/test
captures:
  - id: a
    kind: constructed
    source: made up for a test
    request: 01 03 00 00 00 01 84 0A
    reply: 01 03 02 00 EA 39 CB
    also:
      - { request: 01 03 00 08 00 01 05 C8, reply: 01 03 02 00 02 39 85 }
    parameters: { ct: 10 }
    expect: { power: ${expected} }
`;
  written.write('acme/test.captures', captures('{ value: 23.4, flag: M }'));
  expect(written.faults('acme/test')).toEqual([]);
  written.write('acme/test.captures', captures('23.4'));
  expect(written.faults('acme/test')[0]?.fault).toBe('the bytes decode to 23.4 with flag M, not to 23.4');
});

test('A5, G43: the language has no expressions, no random numbers and nothing that clamps', () => {
  expect(operatorNames).toEqual([
    'join',
    'sum',
    'difference',
    'product',
    'ratio',
    'efficiency',
    'noxAsNo2',
    'dryStandard',
  ]);
  for (const field of [
    'expression: raw * 2',
    'random: 0.1',
    'clamp: [0, 100]',
    'minimum: 0',
    'script: x',
    'default: 1',
  ]) {
    expect(
      faultsOf(`points:\n  - { id: p, factor: noise, functionCode: 3, register: 0, type: u16, ${field} }\n`),
    ).toEqual([
      `9 points[p].${field.split(':')[0]}: unknown field; remove it or correct its spelling; device-profiles/README.md lists the fields`,
    ]);
  }
  expect(
    faultsOf(
      'points:\n  - { id: p, factor: noise, functionCode: 3, register: 0, type: u16, scale: "Math.random()" }\n',
    ),
  ).toHaveLength(1);
});

test('B7, B8: line settings with alternatives, address with range and the addresses that everybody answers', () => {
  const profile = profileSchema.parse({
    profile: 'a/b',
    name: { zh: '表', en: 'meter' },
    sources: ['x'],
    confidence: 'C',
    protocol: 'modbus',
    serial: { default: '9600-8N1', alternatives: ['2400-8E1', '9600-8N2', '9600-7E1'] },
    address: { default: 1, range: [1, 247], general: [248] },
    points: [{ id: 'p', factor: 'noise', functionCode: 3, register: 0, type: 'u16' }],
  });
  expect(profile.serial?.alternatives[2]).toEqual({ baudRate: 9600, dataBits: 7, parity: 'even', stopBits: 1 });
  expect(profile).toMatchObject({ address: { general: [248] } });
});

test('B7, B8: what no source states of line settings and address is left open', () => {
  const written = WrittenProfiles.inTest();
  const open = head.replace(/^(serial|address):.*\n/gm, '');
  written.write('acme/test', `${open}points:\n${noise}`);
  expect(written.faults('acme/test')).toEqual([]);
  expect(written.load('acme/test').serial).toBeUndefined();
  expect(written.load('acme/test')).toMatchObject({ address: { range: [1, 247] } });
});

test('B12: a read of no registers at connect starts an instrument (Yosemitech)', () => {
  const profile = modbusProfile(`start: [{ functionCode: 3, register: 0x2500, count: 0 }]
stop: [{ functionCode: 3, register: 0x2E00, count: 0 }]
points:
${noise}`);
  expect(profile.start).toEqual([{ functionCode: 3, register: 0x2500, count: 0 }]);
  expect(faultsOf(`start: [{ functionCode: 6, register: 1, count: 0 }]\npoints:\n${noise}`)).toHaveLength(1);
});

test('B9: each instrument says how long it takes, what pauses it wants and how often it is asked again', () => {
  const limits = 'limits: { timeoutMs: 1700, gapMs: 200, turnAroundMs: 10, retries: 2, outstanding: 1 }';
  expect(modbusProfile(`${limits}\npoints:\n${noise}`).limits).toMatchObject({
    timeoutMs: 1700,
    gapMs: 200,
    retries: 2,
  });
  expect(faultsOf(`limits: { timeoutMs: 5 }\npoints:\n${noise}`)[0]).toContain('write a number of at least 10');
});

test('D22: one register means something else by order code: each variant has its own factor, scale and unit', () => {
  const written = WrittenProfiles.inTest();
  const variants = `variants:
  - { id: ozone, name: { zh: 臭氧, en: ozone }, points: [{ id: gas, factor: ozone, functionCode: 3, register: 6, type: u16, scale: 0.01, unit: ppm, reference: 25C }] }
  - { id: co, name: { zh: 一氧化碳, en: CO }, points: [{ id: gas, factor: carbon-monoxide, functionCode: 3, register: 6, type: u16, scale: 0.1, unit: ppm, reference: 25C }] }
`;
  written.write('acme/test', `${head}points:\n${noise}${variants}`);
  const gasOf = (variant: string) => written.load(`acme/test@${variant}`).points.find(({ id }) => id === 'gas');
  expect(gasOf('ozone')).toMatchObject({ factor: 'ozone', scale: 0.01 });
  expect(gasOf('co')).toMatchObject({ factor: 'carbon-monoxide', scale: 0.1 });
  expect(written.load('acme/test').points.map(({ id }) => id)).toEqual(['noise']);
});

test('F37: longest request, holes, what may be read through and what must not be passed shape the requests', () => {
  const profile = modbusProfile(`limits: { maxRegisters: 4, maxHole: 1 }
holes: [{ functionCode: 3, from: 7, to: 7 }, { functionCode: 3, from: 20, to: 65535 }]
points:
  - { id: a, factor: noise, functionCode: 3, register: 0, type: u16 }
  - { id: b, factor: humidity, functionCode: 3, register: 2, type: u32 }
  - { id: c, factor: temperature, functionCode: 3, register: 6, type: u16 }
  - { id: d, factor: pressure, functionCode: 3, register: 8, type: u16 }
`);
  const requests = planRequests(profile, readsOf(profile, pointsOf(profile)));
  expect(requests.map(({ start, count }) => [start, count])).toEqual([
    [0, 4],
    [6, 1],
    [8, 1],
  ]);
  const past = noise.replace('register: 0', 'register: 20');
  expect(faultsOf(`holes: [{ functionCode: 3, from: 20, to: 65535 }]\npoints:\n${past}`)).toEqual([
    expect.stringContaining('lies in the hole 20 to 65535'),
  ]);
});

const collector = (register: number) => `frames: { fill: { functionCode: 3, register: 0, count: 13 } }
points:
  - { id: a, factor: noise, functionCode: 3, register: ${register}, type: u16, frame: fill }
  - { id: b, factor: humidity, functionCode: 3, register: 9, type: u16, frame: fill }
`;

test('F37: an instrument that answers one request only is asked exactly that, whatever of it is read (A/L collector)', () => {
  const profile = modbusProfile(collector(3));
  const [a] = pointsOf(profile);
  for (const points of [pointsOf(profile), [a].filter((point) => point !== undefined)]) {
    const requests = planRequests(profile, readsOf(profile, points));
    expect(requests.map(({ functionCode, start, count }) => [functionCode, start, count])).toEqual([[3, 0, 13]]);
  }
});

test('F37: what stands outside of a frame that is spelled out is told, and so is a frame that holds nothing', () => {
  expect(faultsOf(collector(13))).toEqual([
    '10 points[a].register: does not lie within the frame fill, which is asked as 0 to 12 by function code 3; correct the register, or the frame under frames',
  ]);
  expect(faultsOf(collector(3).replaceAll(', frame: fill', ''))).toEqual([
    '8 frames.fill: nothing belongs to the frame fill; write frame: fill at what it holds, or remove it',
  ]);
});

test('F38: what a point leans on is read with it, as often as it is, and nothing else', () => {
  const profile = modbusProfile(`points:
  - { id: fast, factor: noise, functionCode: 3, register: 0, type: u16, scaleFrom: { auxiliary: digits, as: decimals } }
  - { id: slow, factor: ph, functionCode: 3, register: 1, type: u16, cadence: slow, scaleFrom: { auxiliary: digits, as: decimals }, times: [ratio] }
auxiliaries:
  - { id: digits, functionCode: 3, register: 8, type: u16 }
  - { id: ratio, functionCode: 3, register: 9, type: u16, once: true }
`);
  const [fast, slow] = pointsOf(profile);
  const read = (...points: (typeof fast)[]) =>
    readsOf(
      profile,
      points.filter((point) => point !== undefined),
    ).map(({ id, cadence }) => `${id} ${cadence}`);
  expect(read(fast).sort()).toEqual(['digits fast', 'fast fast']);
  expect(read(fast, slow).sort()).toEqual(['digits fast', 'digits slow', 'fast fast', 'slow slow']);
  expect(readsAtConnect(profile, pointsOf(profile)).map(({ id }) => id)).toEqual(['ratio']);
});

test('F39: each point says how often it is worth reading', () => {
  const body = (cadence: string) =>
    `points:\n  - { id: p, factor: noise, functionCode: 3, register: 0, type: u16, cadence: ${cadence} }\n`;
  for (const cadence of ['fast', 'slow', 'once', 'daily']) expect(faultsOf(body(cadence))).toEqual([]);
  expect(faultsOf(body('hourly'))[0]).toContain('write one of: fast, slow, once, daily');
});

const command = (what: string) => `points:
${noise}commands:
  - id: reset
    name: { zh: 清零, en: reset }
    confirm: { zh: 确认清零？, en: Reset the counter? }
    role: administrator
    coolDownSeconds: 60
    ${what}
`;

test('G40, G41: commands are a list of their own, with role, question, cool-down and what is read back', () => {
  const profile = modbusProfile(
    command(
      'write: { functionCode: 6, register: 0x6002, values: [0] }\n    readBack: { functionCode: 3, register: 513 }',
    ),
  );
  expect(profile.commands).toMatchObject([{ id: 'reset', role: 'administrator', coolDownSeconds: 60 }]);
  expect(readsOf(profile, pointsOf(profile)).map(({ id }) => id)).toEqual(['noise']);
});

test('G40: a command cannot pass for a read, nor a read for a command', () => {
  expect(faultsOf(command('request: 03 00 00'))[0]).toContain('function code 3 only reads');
  expect(faultsOf(command('request: 06 00 00'))[0]).toContain('say it with write');
  expect(faultsOf(command('write: { functionCode: 3, register: 0, values: [1] }'))[0]).toContain('write.functionCode');
  expect(faultsOf(command('write: { functionCode: 5, register: 20, values: [2] }'))[0]).toContain('a coil is 0 or 1');
  expect(faultsOf(command('write: { functionCode: 6, register: 20 }'))[0]).toContain('write either values or range');
});

test('B14: a command may be a function code of the maker, as raw bytes (PZEM 0x42)', () => {
  expect(modbusProfile(command("request: '42'")).commands[0]?.request).toBe('42');
});

test('an auxiliary value that nothing leans on, in no variant, is told: it would never be read', () => {
  const body = (more: string) =>
    `points:\n${noise}auxiliaries:\n  - { id: nobody, functionCode: 3, register: 10, type: u16 }\n${more}`;
  expect(faultsOf(body(''))).toEqual([
    '11 auxiliaries[nobody]: nothing leans on nobody, so it is never read; name it where it is needed, under identity if it says which unit it is, or remove it',
  ]);
  expect(faultsOf(body('identity: [nobody]\n'))).toEqual([]);
  const variant = '  - { id: a, name: { zh: 甲, en: a }, points: [{ id: noise, times: [nobody] }] }\n';
  expect(faultsOf(body(`variants:\n${variant}`))).toEqual([]);
});

test.each([
  [
    'points: [{ id: p, factor: noise, functionCode: 3, register: 0, type: u16, times: [ct] }]',
    'no ct to take this from',
  ],
  [
    'points: [{ id: p, factor: noise, functionCode: 3, register: 0, type: u16, scaleFrom: { auxiliary: x } }]',
    'there is no x',
  ],
  ['points: [{ id: p, factor: noise, functionCode: 3, register: 0, type: u16, bits: [4, 20] }]', 'not within u16'],
  ['points: [{ id: p, factor: noise, functionCode: 3, register: 0, type: float32, bits: [0, 1] }]', 'no word of bits'],
  ['points: [{ id: p, factor: noise, functionCode: 3, register: 0, type: u16, signBit: true }]', 'for BCD only'],
  ['points: [{ id: p, factor: noise, functionCode: 3, register: 0, type: text }]', '"text" is not allowed'],
  [
    'points: [{ id: p, factor: noise, functionCode: 3, register: 0, type: u16, curve: { from: [4, 20] } }]',
    'is not one curve',
  ],
  [
    'points: [{ id: p, factor: noise, functionCode: 3, register: 0, type: u16, curve: { from: [20, 4], to: [0, 1] } }]',
    'does not rise',
  ],
  [
    'points: [{ id: p, factor: noise, functionCode: 3, register: 0, type: u16, curve: { table: [[2, 0], [1, 1]] } }]',
    'does not rise',
  ],
  [
    'points: [{ id: p, factor: noise, functionCode: 3, register: 0, type: u16, curve: { from: [4, 20], to: [0, span] } }]',
    'no parameter span',
  ],
  ['computed: [{ id: c, factor: noise, sum: [c, c] }]', 'is made of itself'],
  [
    'points: [{ id: p, factor: noise, functionCode: 3, register: 0, type: u16, times: [a] }]\nauxiliaries: [{ id: a, functionCode: 3, register: 1, type: u16, times: [b] }, { id: b, functionCode: 3, register: 2, type: u16, times: [a] }]',
    'is multiplied by itself',
  ],
  ['computed: [{ id: c, factor: noise, sum: [a, b], ratio: [a, b] }]', 'not exactly one operator'],
  ['computed: [{ id: c, factor: noise }]', 'not exactly one operator'],
  [
    'parameters: { ct: { zh: 比, en: ratio, range: [1, 5], default: 9 } }\npoints: [{ id: p, factor: noise, functionCode: 3, register: 0, type: u16 }]',
    '9 is not within the range',
  ],
])('a profile that says %s is told that it %s', (body, fault) => {
  expect(faultsOf(`${body}\n`).join('\n')).toContain(fault);
});

test('a fault in a repeat is told once, at the line where it is written', () => {
  expect(
    faultsOf(`repeat:
  - over: [a, b, c]
    stride: 2
    points:
      - { id: voltage-<each>, factor: voltage-<each>, functionCode: 3, register: 0, type: u99 }
`).filter((fault) => fault.includes('u99')),
  ).toEqual([expect.stringMatching(/^12 repeat\[0\]\.points\[0\]\.type: "u99" is not allowed/)]);
});
