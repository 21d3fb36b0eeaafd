import { describe, expect, test } from 'vitest';
import { checkChanged, type LooseSite, told } from './trial/sample-site.ts';

const board = {
  ...{ id: 'io', profile: 'fenceline/uno-construction-site', link: 'io', every: '4s' },
  channels: { cabinet: 'box' },
};

const checked = (instrument: Record<string, unknown> = {}, change: (site: LooseSite) => void = () => undefined) =>
  checkChanged((site) => {
    site.links.io = { kind: 'firmata', path: '/dev/serial/by-id/usb-Arduino' };
    site.points.push({ id: 'box' });
    site.instruments.push({ ...board, ...instrument });
    change(site);
  });
const faults = (...given: Parameters<typeof checked>): string[] => told(checked(...given).faults);

describe('a board with pins', () => {
  test('is sound on a link of its own, with the relays named that may be switched', () => {
    const check = checked({ commands: ['lamp', 'mist-cannon'], fitted: ['temperature', 'humidity'] });
    expect([...told(check.faults), ...told(check.warnings)]).toEqual([]);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['a relay that it does not have', { commands: ['lmap'] }, /commands\[0\]: .* has no relay lmap; write lamp/],
    ['a relay twice', { commands: ['lamp', 'lamp'] }, /commands\[1\]: lamp stands twice/],
    [
      'a mist cannon whose switch nobody sees',
      { commands: ['mist-cannon'], channels: { tank: 'box' }, fitted: ['tank'], parameters: { 'tank-high': 4 } },
      /commands\[0\]: mist-cannon is locked by the switch at the mist cannon, .*; map the channel cabinet/,
    ],
    ['a slave address', { address: 3 }, /address: .*has no slave address/],
    ['a line for a link', { link: 'rs485-2' }, /link: .* is a board with pins, and rs485-2 is a link of kind serial/],
    [
      'a level without its ends',
      { fitted: ['tank'], channels: { cabinet: 'box', tank: 'fan' } },
      /tank-high: is missing/,
    ],
    [
      'no channels',
      { channels: undefined },
      /^[^\n]*channels: is missing: which channel measures which point\?[^\n]*$/,
    ],
    ['a supply that no board runs on', { parameters: { supply: 12 } }, /supply: 12 cannot be right/],
  ])('is a fault with %s', (_, instrument, words) => {
    expect(faults(instrument).join('\n')).toMatch(words);
  });

  test('takes no second instrument on its link', () => {
    const second = (site: LooseSite) =>
      void site.instruments.push({ ...board, id: 'io-2', channels: { cabinet: 'fan' } });
    expect(faults({}, second)).toEqual([expect.stringMatching(/^instruments\[4\]\.link: .* needs a line for itself/)]);
  });

  test('carries no instrument that is wired to a line', () => {
    const onBoard = (site: LooseSite) => void Object.assign(site.instruments[0] ?? {}, { link: 'io' });
    expect(faults({}, onBoard)).toContainEqual(
      expect.stringMatching(/^instruments\[0\]\.link: jxct\/jxbs-3001-pm is wired to a line, and io is none/),
    );
  });

  test('has one link alone: the remedy is not to share it', () => {
    const twice = (site: LooseSite) => void Object.assign(site.links, { twin: { ...site.links.io } });
    expect(faults({}, twice)).toEqual([
      expect.stringMatching(
        /^links\.twin\.path: .* is already used by the link io; correct the path, or delete the link twin/,
      ),
    ]);
  });

  test('shares its port with no line', () => {
    const shared = (site: LooseSite) =>
      void Object.assign(site.links.io ?? {}, { path: '/dev/serial/by-id/usb-FTDI_A-again' });
    expect(faults({}, shared)).toEqual([
      expect.stringMatching(/^links\.io\.path: \/dev\/ttyUSB0 .* is already used by the link rs485-1/),
    ]);
  });

  test('is warned of under a name that may pass to another adapter', () => {
    const passing = (site: LooseSite) => void Object.assign(site.links.io ?? {}, { path: '/dev/ttyACM0' });
    expect(told(checked({}, passing).warnings)).toEqual([
      expect.stringMatching(/^links\.io\.path: \/dev\/ttyACM0 may become another adapter/),
    ]);
  });

  test('is the only kind of instrument with relays', () => {
    const onMeter = (site: LooseSite) => void Object.assign(site.instruments[1] ?? {}, { commands: ['lamp'] });
    expect(faults({}, onMeter)).toEqual(['instruments[1].commands[0]: eastron/sdm630 has no relay lamp; delete it']);
  });
});
