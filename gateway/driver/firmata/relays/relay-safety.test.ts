import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoardScene } from '../../../../test-rigs/links/board-scene.ts';
import { MemoryUno } from '../../../../test-rigs/surroundings/memory-board.ts';
import { FirmataAcquisition } from '../firmata-acquisition.ts';
import type { Asker } from './relay.ts';

/*
 * Whatever is asked of a mist cannon, and whatever becomes of its board, its switch and whoever asked: looked at from
 * outside, at its pins, it never does what it must not.
 */

const pins = { remote: 3, lamp: 8, cannon: 9 };
const seed = 20_261_126;
/** Milliseconds from one look at the pins to the next. */
const look = 200;
/** What a board and a debounce of 50 ms may take. */
const slack = look + 600;

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('cannon' as const), seconds: fc.integer({ min: 1, max: 700 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lamp' as const), seconds: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('cannon-off' as const, 'lamp-off' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('lock' as const, 'release' as const, 'release' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('unplug' as const, 'restart' as const, 'asker-lost' as const) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 14 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

class Watch extends BoardScene {
  /** Orders meet the ones that it has not confirmed yet. */
  override readonly uno = new MemoryUno({ clock: this.clock, answersAfter: 250 });
  readonly acquisition: FirmataAcquisition;
  /** Until when the cannon may be on for anybody. */
  #until = 0;
  /** When the switch at the machine was last closed. */
  #releasedAt = 0;
  #isReleased = true;
  /** Since when the lamp has been on without a break. */
  #litSince: number | undefined;
  #wasOn = false;
  /** How often the cannon went on. */
  starts = 0;

  constructor() {
    super();
    const settings = { channels: { cabinet: 'box' }, commands: ['lamp', 'mist-cannon'] };
    this.acquisition = new FirmataAcquisition(this.options('fenceline/uno-construction-site', settings));
    this.uno.setPin(pins.remote, 'ground');
    this.acquisition.start();
  }

  async do(one: Step): Promise<void> {
    switch (one.do) {
      case 'cannon':
      case 'lamp':
        this.#order(one.do === 'lamp' ? 'lamp' : 'mist-cannon', one.seconds);
        break;
      case 'cannon-off':
      case 'lamp-off':
        void this.acquisition.order(
          one.do === 'lamp-off' ? 'lamp' : 'mist-cannon',
          { on: false },
          this.#asker('somebody'),
        );
        break;
      case 'lock':
      case 'release':
        this.#isReleased = one.do === 'release';
        this.uno.setPin(pins.remote, this.#isReleased ? 'ground' : 'open');
        break;
      case 'unplug':
        this.uno.unplug();
        await this.pass(1000);
        this.uno.plug();
        break;
      case 'restart':
        // Its pins float, and everything falls off.
        this.uno.unplug();
        this.uno.plug();
        break;
      case 'asker-lost':
        this.acquisition.askerLost('district');
        break;
      case 'wait':
        await this.pass(one.seconds * 1000);
    }
    await this.pass(look);
  }

  #order(relay: string, seconds: number): void {
    const asker = this.#asker('platform', seconds % 2 === 0 ? 'district' : undefined);
    const answer = this.acquisition.order(relay, { on: true, seconds }, asker);
    if (relay !== 'mist-cannon' || seconds > 600) return;
    const longest = this.clock.monotonic() + 10_000 + seconds * 1000;
    void answer?.then(({ kind }) => {
      if (kind === 'done') this.#until = longest;
    });
  }

  #asker(who: string, uplink?: string): Asker {
    return { who, uplink, at: this.clock.monotonic() };
  }

  async pass(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += look) {
      await this.clock.advance(look);
      this.#check();
    }
  }

  #check(): void {
    const now = this.clock.monotonic();
    if (this.#isReleased) this.#releasedAt = now;
    const isOn = this.uno.driven(pins.cannon) === true;
    if (isOn) {
      expect(now - this.#releasedAt, 'on although it is locked').toBeLessThanOrEqual(slack);
      expect(now, 'on for longer than anybody asked').toBeLessThanOrEqual(this.#until + slack);
      if (!this.#wasOn) {
        this.starts += 1;
        expect(now - (this.#litSince ?? now), 'on without its warning').toBeGreaterThanOrEqual(10_000 - slack);
      }
    }
    this.#wasOn = isOn;
    if (this.uno.driven(pins.lamp) !== true) this.#litSince = undefined;
    else this.#litSince ??= now;
  }

  get isAnythingOn(): boolean {
    return this.uno.driven(pins.cannon) === true || this.uno.driven(pins.lamp) === true;
  }
}

test('a mist cannon is never on locked, unwarned or for longer than was asked, and in the end everything is off', async () => {
  let starts = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 25, maxLength: 25 }), async (steps) => {
      const watch = new Watch();
      await watch.pass(1000);
      for (const one of steps) await watch.do(one);
      await watch.do({ do: 'lock' });
      await watch.pass(61_000);
      expect(watch.isAnythingOn).toBe(false);
      starts += watch.starts;
      await watch.clock.during(watch.acquisition.stop());
    }),
    { seed, numRuns: 120 },
  );
  // It did run, or nothing was proven.
  expect(starts).toBeGreaterThan(60);
});
