import { expect, onTestFinished, test } from 'vitest';
import type { Relay } from '../../../../device-profiles/profile.ts';
import { BoardScene } from '../../../../test-rigs/links/board-scene.ts';
import type { Monotonic } from '../../../clock.ts';
import { FirmataAcquisition } from '../firmata-acquisition.ts';
import type { RelayAnswer, RelayOrder } from './relay.ts';

const pins = { remote: 3, lamp: 8, cannon: 9 };
const somebody = { who: 'technician li' };
const platform = { who: 'uplink district key 1', uplink: 'district' };

/** A board whose mist cannon and lamp may be switched, with the switch at the machine closed. */
class RelayScene extends BoardScene {
  acquisition!: FirmataAcquisition;

  /** With those relays of the profile alone. */
  async begin(commands = ['lamp', 'mist-cannon'], has: (relay: Relay) => boolean = () => true): Promise<this> {
    this.uno.setPin(pins.remote, 'ground');
    const options = this.options('fenceline/uno-construction-site', { channels: { cabinet: 'box' }, commands });
    const { profile, ...instrument } = options.instrument;
    const fitted = { ...instrument, profile: { ...profile, relays: profile.relays.filter(has) } };
    this.acquisition = new FirmataAcquisition({ ...options, instrument: fitted });
    onTestFinished(() => this.clock.during(this.acquisition.stop()));
    this.acquisition.start();
    await this.clock.advance(1000);
    this.events.length = 0;
    return this;
  }

  /** Asked so many milliseconds ago. */
  order(
    relay: string,
    order: RelayOrder,
    asker: { readonly who: string; readonly uplink?: string } = somebody,
    ago = 0,
  ): Promise<RelayAnswer | undefined> {
    const at = (this.clock.monotonic() - ago) as Monotonic;
    return this.clock.during(this.acquisition.order(relay, order, { ...asker, at }) ?? Promise.resolve(undefined));
  }

  get driven(): { lamp: boolean | undefined; cannon: boolean | undefined } {
    return { lamp: this.uno.driven(pins.lamp), cannon: this.uno.driven(pins.cannon) };
  }

  /** What was told of a relay: state and cause. */
  course(relay: string): string[] {
    return this.of('relay-changed').flatMap((event) =>
      event.relay === relay ? [`${event.state} ${event.cause}`] : [],
    );
  }
}

const allOff = { lamp: false, cannon: false };

test('a lamp is on for as long as was asked, and goes off by itself', async () => {
  const scene = await new RelayScene().begin();
  expect(await scene.order('lamp', { on: true, seconds: 30 })).toMatchObject({
    kind: 'done',
    standing: { state: 'on' },
  });
  expect(scene.driven.lamp).toBe(true);
  await scene.clock.advance(29_900);
  expect(scene.driven.lamp).toBe(true);
  await scene.clock.advance(200);
  expect(scene.driven.lamp).toBe(false);
  expect(scene.course('lamp')).toEqual(['on asked', 'off time-over']);
  expect(scene.of('relay-changed').map(({ who }) => who)).toEqual(['technician li', null]);
});

test('a mist cannon warns with the lamp first, then runs, then stops', async () => {
  const scene = await new RelayScene().begin();
  expect(await scene.order('mist-cannon', { on: true, seconds: 60 })).toMatchObject({ standing: { state: 'warning' } });
  expect(scene.driven).toEqual({ lamp: true, cannon: false });
  await scene.clock.advance(9900);
  expect(scene.driven).toEqual({ lamp: true, cannon: false });
  await scene.clock.advance(200);
  expect(scene.driven).toEqual({ lamp: false, cannon: true });
  await scene.clock.advance(59_700);
  expect(scene.driven.cannon).toBe(true);
  await scene.clock.advance(300);
  expect(scene.driven).toEqual(allOff);
  expect(scene.course('mist-cannon')).toEqual(['warning asked', 'on asked', 'off time-over']);
  expect(scene.course('lamp')).toEqual(['on warning', 'off warning']);
});

test.each([
  ['that the board does not have', 'siren'],
  ['that the site does not allow', 'mist-cannon'],
])('a relay %s cannot be switched', async (_, relay) => {
  const scene = await new RelayScene().begin(['lamp']);
  expect(await scene.order(relay, { on: true, seconds: 5 })).toBeUndefined();
  await scene.clock.advance(20_000);
  expect(scene.driven).toEqual(allOff);
});

test('the switch at the machine counts also where its point is optional and not listed as fitted', async () => {
  const scene = new RelayScene();
  const options = scene.options('fenceline/uno-construction-site', {
    channels: { cabinet: 'box' },
    commands: ['mist-cannon'],
  });
  const { profile, ...instrument } = options.instrument;
  const points = profile.points.map((point) => (point.id === 'remote' ? { ...point, optional: true } : point));
  scene.uno.setPin(pins.remote, 'ground');
  scene.acquisition = new FirmataAcquisition({
    ...options,
    instrument: { ...instrument, profile: { ...profile, points } },
  });
  onTestFinished(() => scene.clock.during(scene.acquisition.stop()));
  scene.acquisition.start();
  await scene.clock.advance(1000);
  expect(await scene.order('mist-cannon', { on: true, seconds: 60 })).toMatchObject({ standing: { state: 'warning' } });
  scene.uno.setPin(pins.remote, 'open');
  await scene.clock.advance(100);
  expect(await scene.order('mist-cannon', { on: true, seconds: 60 })).toMatchObject({ reason: 'locked-out' });
});

test('the switch at the machine locks: open before, and nothing is done', async () => {
  const scene = await new RelayScene().begin();
  scene.uno.setPin(pins.remote, 'open');
  await scene.clock.advance(100);
  expect(await scene.order('mist-cannon', { on: true, seconds: 60 })).toMatchObject({
    kind: 'refused',
    reason: 'locked-out',
  });
  await scene.clock.advance(20_000);
  expect([scene.driven, scene.course('mist-cannon')]).toEqual([allOff, []]);
});

test.each([
  ['during the warning', 5000, ['warning asked', 'off locked-out']],
  ['while it runs', 30_000, ['warning asked', 'on asked', 'off locked-out']],
])('opened %s, the switch at the machine stops it at once', async (_, after, course) => {
  const scene = await new RelayScene().begin();
  await scene.order('mist-cannon', { on: true, seconds: 60 });
  await scene.clock.advance(after);
  scene.uno.setPin(pins.remote, 'open');
  await scene.clock.advance(60);
  expect(scene.driven).toEqual(allOff);
  // Closing it again does not start anything.
  scene.uno.setPin(pins.remote, 'ground');
  await scene.clock.advance(120_000);
  expect([scene.driven, scene.course('mist-cannon')]).toEqual([allOff, course]);
});

test('a switch at the machine that does not stand still locks as well: nobody knows how it stands', async () => {
  const scene = await new RelayScene().begin();
  await scene.order('mist-cannon', { on: true, seconds: 60 });
  await scene.clock.advance(15_000);
  expect(scene.driven.cannon).toBe(true);
  for (let turn = 0; turn < 75; turn += 1) {
    scene.uno.setPin(pins.remote, turn % 2 === 0 ? 'open' : 'ground');
    await scene.clock.advance(20);
  }
  expect([scene.driven, scene.course('mist-cannon').at(-1)]).toEqual([allOff, 'off locked-out']);
  expect(await scene.order('mist-cannon', { on: true, seconds: 60 })).toMatchObject({
    reason: 'locked-out',
    detail: expect.stringContaining('not known'),
  });
});

test('it can be stopped during the warning, and while it runs', async () => {
  for (const after of [3000, 15_000]) {
    const scene = await new RelayScene().begin();
    await scene.order('mist-cannon', { on: true, seconds: 60 });
    await scene.clock.advance(after);
    expect(await scene.order('mist-cannon', { on: false })).toMatchObject({ kind: 'done', standing: { state: 'off' } });
    await scene.clock.advance(120_000);
    expect(scene.driven).toEqual(allOff);
    expect(scene.course('mist-cannon').at(-1)).toBe('off asked');
  }
});

test('a mist cannon that was switched off rests for ten seconds; a lamp does not', async () => {
  const scene = await new RelayScene().begin();
  for (const relay of ['mist-cannon', 'lamp']) await scene.order(relay, { on: true, seconds: 60 });
  await scene.clock.advance(15_000);
  for (const relay of ['mist-cannon', 'lamp']) await scene.order(relay, { on: false });
  await scene.clock.advance(8000);
  expect(await scene.order('mist-cannon', { on: true, seconds: 60 })).toMatchObject({ reason: 'resting' });
  expect(await scene.order('lamp', { on: true, seconds: 60 })).toMatchObject({ kind: 'done' });
  await scene.clock.advance(2000);
  expect(await scene.order('mist-cannon', { on: true, seconds: 60 })).toMatchObject({ kind: 'done' });
});

test('a mist cannon whose warning lamp is not there does not start', async () => {
  const scene = await new RelayScene().begin(['mist-cannon'], ({ id }) => id !== 'lamp');
  expect(await scene.order('mist-cannon', { on: true, seconds: 60 })).toMatchObject({ reason: 'not-confirmed' });
  await scene.clock.advance(20_000);
  expect(scene.driven.cannon).toBe(false);
});

test('nobody has it on for longer than its profile says', async () => {
  const scene = await new RelayScene().begin();
  expect(await scene.order('mist-cannon', { on: true, seconds: 601 })).toMatchObject({ reason: 'too-long' });
  await scene.clock.advance(20_000);
  expect(scene.driven).toEqual(allOff);
});

test('asked again while it runs, it runs on from then, without a second warning', async () => {
  const scene = await new RelayScene().begin();
  await scene.order('mist-cannon', { on: true, seconds: 60 });
  await scene.clock.advance(50_000);
  await scene.order('mist-cannon', { on: true, seconds: 60 });
  await scene.clock.advance(59_000);
  expect(scene.driven).toEqual({ lamp: false, cannon: true });
  await scene.clock.advance(2000);
  expect(scene.driven).toEqual(allOff);
});

test.each<[string, (scene: RelayScene) => Promise<unknown>]>([
  ['somebody switched it off', (scene) => scene.order('mist-cannon', { on: false })],
  [
    'the switch at the machine was opened and closed',
    async ({ uno, clock }) => {
      uno.setPin(pins.remote, 'open');
      await clock.advance(100);
      uno.setPin(pins.remote, 'ground');
      await clock.advance(100);
    },
  ],
  [
    'its board was lost and came back',
    async ({ uno, clock }) => {
      uno.unplug();
      await clock.advance(10);
      uno.plug();
      await clock.advance(3000);
    },
  ],
])('an order that waited while %s is void: what ended the others ends it too', async (_, happens) => {
  const scene = await new RelayScene().begin();
  const asked = scene.clock.monotonic();
  await scene.clock.advance(1);
  await happens(scene);
  await scene.clock.advance(1);
  const waited = scene.clock.monotonic() - asked;
  expect(await scene.order('mist-cannon', { on: true, seconds: 60 }, somebody, waited)).toMatchObject({
    kind: 'refused',
    reason: 'superseded',
  });
  await scene.clock.advance(20_000);
  expect(scene.driven).toEqual(allOff);
  expect(await scene.order('mist-cannon', { on: true, seconds: 60 })).toMatchObject({ kind: 'done' });
});

test('an order that was asked while there was no board is void once it is there', async () => {
  const scene = await new RelayScene().begin();
  scene.uno.unplug();
  await scene.clock.advance(10);
  const asked = scene.clock.monotonic();
  scene.uno.plug();
  await scene.clock.advance(3000);
  const waited = scene.clock.monotonic() - asked;
  expect(await scene.order('lamp', { on: true, seconds: 60 }, somebody, waited)).toMatchObject({
    reason: 'superseded',
  });
});

test('a board that is lost forgets what was asked of it: it comes back with everything off', async () => {
  const scene = await new RelayScene().begin();
  await scene.order('mist-cannon', { on: true, seconds: 600 });
  await scene.clock.advance(20_000);
  scene.uno.unplug();
  await scene.clock.advance(1000);
  expect(scene.course('mist-cannon').at(-1)).toBe('unknown board-lost');
  expect(await scene.order('mist-cannon', { on: true, seconds: 60 })).toMatchObject({ reason: 'no-board' });
  scene.uno.plug();
  await scene.clock.advance(60_000);
  expect(scene.driven).toEqual(allOff);
  expect(scene.course('mist-cannon').at(-1)).toBe('off null');
});

test('a gateway that stops leaves everything off', async () => {
  const scene = await new RelayScene().begin();
  await scene.order('lamp', { on: true, seconds: 600 });
  await scene.order('mist-cannon', { on: true, seconds: 600 });
  await scene.clock.advance(20_000);
  expect(scene.driven).toEqual({ lamp: true, cannon: true });
  await scene.clock.during(scene.acquisition.stop());
  expect(scene.driven).toEqual(allOff);
  expect(scene.course('mist-cannon').at(-1)).toBe('off stopping');
});

test('a gateway that stops during a warning leaves everything off, and says no more of it', async () => {
  const scene = await new RelayScene().begin();
  await scene.order('mist-cannon', { on: true, seconds: 600 });
  await scene.clock.advance(5000);
  await scene.clock.during(scene.acquisition.stop());
  expect([scene.driven, scene.course('mist-cannon'), scene.course('lamp')]).toEqual([
    allOff,
    ['warning asked', 'off stopping'],
    ['on warning', 'off stopping'],
  ]);
});

test('a board that does not confirm it when the gateway stops is not said to have let go', async () => {
  const scene = await new RelayScene().begin();
  await scene.order('lamp', { on: true, seconds: 600 });
  scene.uno.answersAfter = 2000;
  await scene.clock.during(scene.acquisition.stop());
  expect(scene.course('lamp')).toEqual(['on asked', 'unknown stopping']);
});

test('a platform that cannot be reached any more has nothing on; what somebody at the site asked for goes on', async () => {
  const scene = await new RelayScene().begin();
  await scene.order('mist-cannon', { on: true, seconds: 600 }, platform);
  await scene.order('lamp', { on: true, seconds: 600 });
  await scene.clock.advance(20_000);
  scene.acquisition.askerLost('another');
  await scene.clock.advance(100);
  expect(scene.driven).toEqual({ lamp: true, cannon: true });
  scene.acquisition.askerLost('district');
  await scene.clock.advance(100);
  expect(scene.driven).toEqual({ lamp: true, cannon: false });
  expect(scene.course('mist-cannon').at(-1)).toBe('off asker-lost');
});
