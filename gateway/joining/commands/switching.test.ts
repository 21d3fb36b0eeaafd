import { expect, onTestFinished, test, vi } from 'vitest';
import { BoardScene } from '../../../test-rigs/links/board-scene.ts';
import { LocalTime } from '../../clock.ts';
import type { SwitchAnswer } from '../../command/port.ts';
import { FirmataAcquisition } from '../../driver/firmata/firmata-acquisition.ts';
import type { RelayOrder } from '../../driver/firmata/relays/relay.ts';
import type { AuditRecord } from '../../record/record.ts';
import { Switching } from './switching.ts';

const lampPin = 8;

/** A site with a board whose lamp may be switched. */
class SwitchingScene extends BoardScene {
  readonly records: AuditRecord[] = [];
  /** When the store commits. */
  committed: Promise<unknown> = Promise.resolve();
  switching!: Switching;

  async begin(): Promise<this> {
    const settings = { channels: { cabinet: 'box' }, commands: ['lamp'] };
    const board = new FirmataAcquisition(this.options('fenceline/uno-construction-site', settings));
    this.switching = new Switching({
      acquisitions: new Map([['board', board]]),
      site: { instruments: [{ id: 'io', link: 'board' }] as never },
      clock: this.clock,
      localTime: new LocalTime('Asia/Shanghai'),
      record: (record) => {
        this.records.push(record);
        return this.committed;
      },
    });
    onTestFinished(() => {
      this.switching.stop();
      return this.clock.during(board.stop());
    });
    board.start();
    await this.clock.advance(1000);
    return this;
  }

  /** Asked in this moment. */
  ask(order: RelayOrder, asker: { uplink?: string }, instrument = 'io', relay = 'lamp'): Promise<SwitchAnswer> {
    const at = this.clock.monotonic();
    return this.switching.order(instrument, relay, order, { who: 'somebody', at, ...asker });
  }

  get isLit(): boolean | undefined {
    return this.uno.driven(lampPin);
  }
}

const minutes = { on: true, seconds: 600 } as const;
const district = { uplink: 'district' };
const connected = { kind: 'uplink-state', uplink: 'district', state: 'connected', detail: '' } as const;
const waiting = { ...connected, state: 'waiting' } as const;

test('who asks on the page is recorded before anything is switched on', async () => {
  const scene = await new SwitchingScene().begin();
  const answer = await scene.clock.during(scene.switching.orderFromPage('io', 'lamp', minutes, 'li'));
  expect(answer).toEqual({ kind: 'done', state: 'on', next: null, until: '2026-11-24T00:10:01.000+08:00' });
  expect(scene.records).toMatchObject([
    { who: 'page, li', action: 'relay-asked', details: { instrument: 'io', relay: 'lamp', on: true, seconds: 600 } },
  ]);
});

test('what cannot be recorded is not switched on, and is switched off all the same', async () => {
  const scene = await new SwitchingScene().begin();
  await scene.clock.during(scene.switching.orderFromPage('io', 'lamp', minutes, 'li'));
  scene.committed = new Promise(() => undefined);
  await scene.clock.during(scene.switching.orderFromPage('io', 'lamp', { on: false }, 'li'));
  expect(scene.isLit).toBe(false);
  const refused = scene.switching.orderFromPage('io', 'lamp', minutes, 'li');
  await scene.clock.advance(6000);
  expect([await refused, scene.isLit]).toMatchObject([{ kind: 'refused', reason: 'not-recorded' }, false]);
});

test('off on the page also ends an order whose record is still being written', async () => {
  const scene = await new SwitchingScene().begin();
  let commit = (): void => undefined;
  scene.committed = new Promise((resolve) => {
    commit = () => resolve(undefined);
  });
  const slow = scene.switching.orderFromPage('io', 'lamp', minutes, 'li');
  await scene.clock.advance(1000);
  const off = await scene.clock.during(scene.switching.orderFromPage('io', 'lamp', { on: false }, 'wang'));
  expect(off).toMatchObject({ kind: 'done', state: 'off' });
  await scene.clock.advance(1000);
  commit();
  expect([await slow, scene.isLit]).toMatchObject([{ kind: 'refused', reason: 'superseded' }, false]);
});

test('what a platform asked for that nobody has reached for half a minute is not switched on', async () => {
  const scene = await new SwitchingScene().begin();
  scene.switching.observe(waiting);
  await scene.clock.advance(31_000);
  expect(await scene.ask(minutes, district)).toMatchObject({ kind: 'refused', reason: 'asker-lost' });
  expect(scene.isLit).toBe(false);
  expect(await scene.ask({ on: false }, district)).toMatchObject({ kind: 'done', state: 'off' });
  scene.switching.observe(connected);
  await scene.clock.advance(1);
  expect(await scene.clock.during(scene.ask(minutes, district))).toMatchObject({ kind: 'done', state: 'on' });
});

test('before the time is known a record is held, which will do; one that is refused later will not', async () => {
  const scene = await new SwitchingScene().begin();
  scene.committed = Promise.reject(new Error('held'));
  scene.committed.catch(() => undefined);
  const isKnown = vi.fn(() => false);
  Object.assign(scene.clock, { isKnown });
  expect(await scene.clock.during(scene.switching.orderFromPage('io', 'lamp', minutes, 'li'))).toMatchObject({
    kind: 'done',
  });
  isKnown.mockReturnValue(true);
  expect(await scene.clock.during(scene.switching.orderFromPage('io', 'lamp', minutes, 'li'))).toMatchObject({
    kind: 'refused',
    reason: 'not-recorded',
  });
});

test('a platform that is tried for a while and then reached again has lost nothing', async () => {
  const scene = await new SwitchingScene().begin();
  await scene.clock.during(scene.ask(minutes, district));
  for (const state of ['waiting', 'connecting', 'waiting'] as const) scene.switching.observe({ ...connected, state });
  await scene.clock.advance(10_000);
  scene.switching.observe(connected);
  await scene.clock.advance(60_000);
  expect(scene.isLit).toBe(true);
});

test('nothing else of the site can be switched', async () => {
  const scene = await new SwitchingScene().begin();
  for (const [instrument, relay] of [
    ['io', 'mist-cannon'],
    ['io', 'purifier'],
    ['meter', 'lamp'],
  ] as const) {
    const answer = await scene.clock.during(scene.ask(minutes, {}, instrument, relay));
    expect(answer).toMatchObject({ kind: 'refused', reason: 'not-allowed' });
    expect(scene.switching.roleFor(instrument, relay)).toBeUndefined();
  }
  expect(scene.isLit).toBe(false);
});

test('once it is stopped it waits for nobody: an uplink that says goodbye keeps no process alive', async () => {
  const scene = await new SwitchingScene().begin();
  const before = scene.clock.pending;
  scene.switching.observe(waiting);
  expect(scene.clock.pending).toBe(before + 1);
  scene.switching.stop();
  scene.switching.observe({ ...connected, state: 'stopped' });
  expect(scene.clock.pending).toBe(before);
});

test('a platform that is away for less than half a minute keeps what it asked for; away for longer it does not', async () => {
  const scene = await new SwitchingScene().begin();
  await scene.clock.during(scene.ask(minutes, district));
  scene.switching.observe(waiting);
  await scene.clock.advance(25_000);
  scene.switching.observe(connected);
  await scene.clock.advance(60_000);
  expect(scene.isLit).toBe(true);
  scene.switching.observe(waiting);
  await scene.clock.advance(20_000);
  scene.switching.observe({ ...connected, state: 'connecting' });
  await scene.clock.advance(11_000);
  expect(scene.isLit).toBe(false);
});
