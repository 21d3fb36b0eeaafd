import { expect, test } from 'vitest';
import { openBoard } from '../../../edge/site-io/johnny-five-board.ts';
import type { SiteDocument } from '../../../gateway/site/site-schema.ts';
import { Commander } from '../../platform/commander.ts';
import { ClockedUno } from '../../surroundings/avr-board/clocked-uno.ts';
import { firmataOfAnotherName, standardFirmata } from '../../surroundings/avr-board/sketches.ts';
import { minutesOf, received } from '../received.ts';
import { SimulatedSite } from '../simulated-site.ts';

/*
 * A whole gateway, and Unos that run the real StandardFirmata in a simulated chip on the site's clock: voltages and wires at
 * their pins at one end, what the platform has at the other.
 */

const pins = { remote: 3, door: 4, lamp: 8 };

/** The wiring of a construction site, with a lamp that the switch at the machine locks, so that no warning is waited for. */
const yard = `profile: acme/yard
extends: fenceline/uno-construction-site
name: { zh: 试验, en: test }
relays:
  - { id: lamp, name: { zh: 灯, en: lamp }, use: lamp, pin: ${pins.lamp}, lockOut: remote, longestSeconds: 60 }
`;

interface Boards {
  readonly keys?: readonly string[];
  /** The Uno that hangs on each link while it is plugged in. */
  readonly unos: Map<string, ClockedUno>;
  readonly flash: Readonly<Record<string, Uint8Array>>;
  readonly from: string;
}

/** A site with a board on each link, each at a point of the link's name. */
function siteOf({ keys = [], unos, flash, from }: Boards): Promise<SimulatedSite> {
  const links = Object.keys(flash);
  const settings = { fitted: ['tank'], commands: ['lamp'], parameters: { 'tank-low': 0, 'tank-high': 4, supply: 5 } };
  return SimulatedSite.start({
    ...{ instruments: [], from, profiles: { 'acme/yard': yard } },
    board: (link, clock) => {
      unos.set(link, new ClockedUno({ clock, flash: flash[link] ?? new Uint8Array(0), step: 5 }));
      return async (options) => {
        const uno = unos.get(link);
        if (!uno?.isPlugged) return { kind: 'absent', message: `${link}: there is no such board; plug it in` };
        return openBoard({ port: uno.port(), clock, ...options });
      };
    },
    document: (document): SiteDocument => ({
      ...document,
      links: Object.fromEntries(links.map((id) => [id, { kind: 'firmata', path: `/dev/${id}` }])),
      points: links.flatMap((id) => [{ id }, { id: `tank-${id}` }]),
      instruments: links.map((id) => {
        const channels = { cabinet: id, tank: `tank-${id}` };
        return { id: `io-${id}`, profile: 'acme/yard', link: id, every: '1s', channels, ...settings };
      }),
      uplinks: (document.uplinks ?? []).map((one) => ({ ...one, platformKeys: [...keys] })),
    }),
  });
}

const eventsOf = (site: SimulatedSite) =>
  received(site.platform, 'event').flatMap(({ entry }) => (entry.event.startsWith('contact') ? [entry] : []));

/** Puts an end to the chip's work, so that nobody waits for it while the rest of the story is put away. */
const unplugAll = (unos: ReadonlyMap<string, ClockedUno>): void => {
  for (const uno of unos.values()) uno.unplug();
};

test('what hangs on an Uno comes to the platform as minutes and events; its lamp obeys a signed command, and the switch beside it', async () => {
  const unos = new Map<string, ClockedUno>();
  const signer = new Commander(() => undefined);
  const from = '2026-11-24T00:00:56.500+08:00';
  await using site = await siteOf({ keys: [signer.publicKey], unos, flash: { usb: standardFirmata() }, from });
  const { commander } = site.platform;
  const uno = unos.get('usb') as ClockedUno;
  uno.setAnalogue(0, 12 * 0.2);
  for (const pin of [pins.remote, pins.door]) uno.setPin(pin, 'ground');
  await site.clock.advance(1700);

  uno.bounce(pins.door, 'ground', 'open', [0, 1.1, 2.3, 4, 4.4]);
  const address = { area: '320404', gateway: 'zl-0001' };
  const base = site.gateway.diagnosis.picture().gateway.site;
  const ask = (id: string): void => {
    const body = { kind: 'switch', instrument: 'io-usb', relay: 'lamp', on: true, seconds: 30 };
    commander.send(address, signer.signed(address, body, { id, base }));
  };
  ask('c-lamp');
  await site.clock.advance(1200);
  expect(commander.lastWord('c-lamp')).toMatchObject({ outcome: 'done', result: { state: 'on' } });
  expect(uno.driven(pins.lamp)).toBe(true);
  uno.setPin(pins.remote, 'open');
  await site.clock.advance(200);
  expect(uno.driven(pins.lamp)).toBe(false);
  ask('c-locked');
  uno.setAnalogue(0, 0);
  await site.clock.advance(2300);
  expect(commander.lastWord('c-locked')).toMatchObject({ outcome: 'refused', reason: 'locked-out' });
  const board = site.gateway.diagnosis.picture().instruments[0]?.board;
  expect(board?.contacts.map(({ id, closed }) => [id, closed])).toEqual([
    ['remote', false],
    ['door', false],
    ['mains', false],
  ]);
  expect(board?.relays).toMatchObject([{ id: 'lamp', allowed: true, state: 'off', cause: 'locked-out' }]);

  uno.setPin(pins.remote, 'ground');
  await site.clock.advance(200);
  ask('c-again');
  await site.clock.advance(1200);
  expect(uno.driven(pins.lamp)).toBe(true);
  let atTheEnd: boolean | undefined = true;
  site.clock.after(1500, () => {
    atTheEnd = uno.driven(pins.lamp);
    unplugAll(unos);
  });
  await site.stopGateway(2000);
  expect(atTheEnd).toBe(false);

  const [tank] = minutesOf(site.platform, 'tank-usb', 'water-level');
  expect(tank?.average).toBeCloseTo(2, 1);
  expect(tank?.count).toBeLessThan(tank?.expected ?? 0);
  const [door] = minutesOf(site.platform, 'usb', 'door-closed');
  expect(door?.maximum).toBe(100);
  expect(door?.minimum).toBeLessThan(60);
  expect(eventsOf(site).map(({ event, details }) => [event, details])).toEqual(
    expect.arrayContaining([
      ['contact-state', { contact: 'door', state: 'closed', changes: 1 }],
      ['contact-changed', { contact: 'door', state: 'open', changes: 1 }],
      ['contact-changed', { contact: 'remote', state: 'open', changes: 1 }],
    ]),
  );
  const relays = received(site.platform, 'audit').filter(({ entry }) => entry.action.startsWith('relay'));
  expect(relays.map(({ entry: { who, action, details } }) => [who.split(',')[0], action, details])).toMatchObject([
    ['uplink district', 'relay-on', { relay: 'lamp', before: 'off', cause: 'asked' }],
    ['gateway', 'relay-off', { relay: 'lamp', before: 'on', cause: 'locked-out' }],
    ['uplink district', 'relay-on', { relay: 'lamp', before: 'off', cause: 'asked' }],
    ['gateway', 'relay-off', { relay: 'lamp', before: 'on', cause: 'stopping' }],
  ]);
});

test('of two boards one runs another sketch and the other is pulled out and put back: each is told by itself, with what to do', async () => {
  const unos = new Map<string, ClockedUno>();
  const flash = { good: standardFirmata(), other: firmataOfAnotherName() };
  await using site = await siteOf({ unos, flash, from: '2026-11-24T00:00:30.000+08:00' });
  const uno = unos.get('good') as ClockedUno;
  uno.setPin(pins.door, 'ground');
  const faultOf = (id: string) => site.gateway.diagnosis.picture().links.find((link) => link.id === id)?.fault;
  await site.clock.advance(1200);
  expect(faultOf('good')).toBeNull();
  expect(faultOf('other')).toMatchObject({ kind: 'refused', message: expect.stringContaining('GreenhouseLight') });
  unplugAll(unos);
  await site.clock.advance(1200);
  expect(faultOf('good')).toMatchObject({ kind: expect.stringMatching(/lost|absent/) });
  uno.setPin(pins.door, 'open');
  uno.plug();
  await site.clock.advance(4500);
  expect(faultOf('good')).toBeNull();
  unplugAll(unos);
  await site.stopGateway(2000);
  const states = received(site.platform, 'state').map(({ entry }) => `${entry.instrument} ${entry.state}`);
  expect(states).toEqual(
    expect.arrayContaining(['io-good answering', 'io-good not-answering', 'io-other not-answering']),
  );
  expect(states).not.toContain('io-other answering');
  const door = eventsOf(site).filter(({ details }) => (details as { contact: string }).contact === 'door');
  expect(door.map(({ instrument, event, details }) => [instrument, event, details])).toMatchObject([
    ['io-good', 'contact-state', { state: 'closed' }],
    ['io-good', 'contact-state', { state: 'open' }],
  ]);
});
