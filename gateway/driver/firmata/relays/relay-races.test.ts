import { expect, onTestFinished, test } from 'vitest';
import { BoardScene } from '../../../../test-rigs/links/board-scene.ts';
import { MemoryUno } from '../../../../test-rigs/surroundings/memory-board.ts';
import { FirmataAcquisition } from '../firmata-acquisition.ts';
import type { RelayAnswer, RelayOrder } from './relay.ts';

/** Orders that meet while the board has not confirmed the one before. */

const pins = { remote: 3, lamp: 8, cannon: 9, other: 10 };

class RaceScene extends BoardScene {
  override readonly uno = new MemoryUno({ clock: this.clock, answersAfter: 5 });
  acquisition!: FirmataAcquisition;

  async begin(): Promise<this> {
    this.uno.setPin(pins.remote, 'ground');
    const commands = ['lamp', 'mist-cannon', 'other-cannon'];
    const options = this.options('fenceline/uno-construction-site', { channels: { cabinet: 'box' }, commands });
    const { instrument } = options;
    const [, cannon] = instrument.profile.relays;
    if (cannon === undefined) throw new RangeError('it has no mist cannon');
    // One more, which warns with the same lamp.
    const relays = [...instrument.profile.relays, { ...cannon, id: 'other-cannon', pin: pins.other }];
    const profile = { ...instrument.profile, relays };
    this.acquisition = new FirmataAcquisition({ ...options, instrument: { ...instrument, profile } });
    onTestFinished(() => this.clock.during(this.acquisition.stop()));
    this.acquisition.start();
    await this.clock.advance(1500);
    this.events.length = 0;
    return this;
  }

  ask(relay: string, order: RelayOrder): Promise<RelayAnswer | undefined> {
    const asker = { who: 'li', at: this.clock.monotonic() };
    return this.acquisition.order(relay, order, asker) ?? Promise.resolve(undefined);
  }

  get driven(): Record<'lamp' | 'cannon' | 'other', boolean | undefined> {
    const { lamp, cannon, other } = pins;
    return { lamp: this.uno.driven(lamp), cannon: this.uno.driven(cannon), other: this.uno.driven(other) };
  }

  /** How a relay stands, as it was last told. */
  state(relay: string): string | undefined {
    return this.of('relay-changed').findLast((event) => event.relay === relay)?.state;
  }
}

const minute = { on: true, seconds: 60 } as const;

test('asked again in the moment in which it goes on, a mist cannon is off until its second warning is over', async () => {
  const scene = await new RaceScene().begin();
  void scene.ask('mist-cannon', minute);
  await scene.clock.advance(10_002);
  expect(scene.driven.cannon).toBe(true);
  void scene.ask('mist-cannon', minute);
  await scene.clock.advance(100);
  expect([scene.driven, scene.state('mist-cannon')]).toEqual([{ lamp: true, cannon: false, other: false }, 'warning']);
  await scene.clock.advance(10_000);
  expect([scene.driven.cannon, scene.state('mist-cannon')]).toEqual([true, 'on']);
});

test.each([
  ['goes on', () => undefined],
  ['is told to stop', (scene: RaceScene) => void scene.ask('mist-cannon', { on: false })],
])('a lamp that warns of two mist cannons stays on for the second when the first %s', async (_, ends) => {
  const scene = await new RaceScene().begin();
  void scene.ask('mist-cannon', minute);
  await scene.clock.advance(5000);
  void scene.ask('other-cannon', minute);
  await scene.clock.advance(4000);
  ends(scene);
  for (let passed = 0; passed < 5900; passed += 100) {
    await scene.clock.advance(100);
    expect(scene.driven).toMatchObject({ lamp: true, other: false });
  }
  await scene.clock.advance(200);
  expect(scene.driven).toMatchObject({ lamp: false, other: true });
});

test('a lamp that somebody asked for stays on when it need not warn any more, and goes off at his time', async () => {
  const scene = await new RaceScene().begin();
  void scene.ask('mist-cannon', minute);
  await scene.clock.advance(9000);
  void scene.ask('lamp', { on: true, seconds: 10 });
  await scene.clock.advance(2000);
  expect(scene.driven).toMatchObject({ lamp: true, cannon: true });
  await scene.clock.advance(8100);
  expect([scene.driven.lamp, scene.state('lamp')]).toEqual([false, 'off']);
});
