import { describe, expect, test } from 'vitest';
import { MemoryNodeLink } from '../../../../test-rigs/links/memory-node-link.ts';
import { SimulatedClock } from '../../../../test-rigs/surroundings/simulated-clock.ts';
import type { NodeLinkEvent } from '../node-link.ts';
import { type AccountOffer, type AdoptionAccounts, NodeAdoption } from './node-adoption.ts';

type Kept = AccountOffer & { confirmed: boolean };

class Scene {
  readonly clock = new SimulatedClock();
  readonly events: NodeLinkEvent[] = [];
  readonly kept: Kept[] = [];
  /** What happened, in order: accounts made durable, and what was sent to the node. */
  readonly order: string[] = [];
  readonly adoption: NodeAdoption;
  link!: MemoryNodeLink;
  medium: 'sound' | 'full' = 'sound';

  constructor() {
    const accounts: AdoptionAccounts = {
      list: () => this.kept,
      offer: async (account) => {
        await Promise.resolve();
        if (this.medium === 'full') throw new Error('ENOSPC: no space left on device');
        this.kept.push({ ...account, confirmed: false });
        this.order.push('kept');
        return 'secret';
      },
      confirm: async (node, chip) => {
        const before = this.kept.filter((one) => one.confirmed && (one.node === node || one.chip === chip));
        for (const one of before) this.kept.splice(this.kept.indexOf(one), 1);
        for (const one of this.kept) if (one.node === node && one.chip === chip) one.confirmed = true;
        return before.map((one) => one.node);
      },
      withdraw: async (node, chip) => {
        const at = this.kept.findIndex((one) => !one.confirmed && one.node === node && one.chip === chip);
        if (at >= 0) this.kept.splice(at, 1);
      },
      remove: async (node) => {
        const at = this.kept.findIndex((one) => one.node === node);
        if (at >= 0) this.kept.splice(at, 1);
        return at >= 0;
      },
    };
    this.adoption = new NodeAdoption(accounts, this.clock);
    const observe = (event: NodeLinkEvent): void => void this.events.push(event);
    const make = (told: (event: NodeLinkEvent) => void): MemoryNodeLink => {
      this.link = new MemoryNodeLink({ id: 'nodes', clock: this.clock, observe: told });
      return this.link;
    };
    this.adoption.attach('nodes', make, observe).start(() => undefined);
  }

  /** A node with this code on its console; it answers as the firmware does, unless it is told what to do. */
  newNode(chip: string, code: string, answer?: () => void): void {
    this.link.connectNew(chip, (_, payload) => {
      this.order.push('sent');
      if (answer !== undefined) return answer();
      const offer = JSON.parse(new TextDecoder().decode(payload)) as { code: string; node: string };
      if (offer.code === code) this.link.sayNew(chip, 'adopted', JSON.stringify({ node: offer.node }));
      else this.link.sayNew(chip, 'refused', '{"what":"adopt","why":"code"}');
    });
    this.link.sayNew(chip, 'hello', '{"l":1,"chip":"esp8266","version":"0.1.0"}');
  }

  adopt(chip: string, code: string, more: { node?: string; replace?: boolean } = {}) {
    const asked = { chip, code, by: 'technician', at: '2026-11-26T10:00:00.000+08:00', ...more };
    return this.clock.during(this.adoption.adopt(asked));
  }

  accounts(): string[] {
    return this.kept.map(({ node, chip, confirmed }) => `${node} ${chip} ${confirmed ? 'confirmed' : 'offered'}`);
  }
}

describe('a node without an account', () => {
  test('is told of when it says hello, and as new once', () => {
    const scene = new Scene();
    scene.newNode('7f3a12', '492817');
    scene.link.sayNew('7f3a12', 'hello', '{"l":1,"chip":"esp8266","version":"0.1.0","more":1}');
    expect(scene.events.slice(1)).toEqual([
      expect.objectContaining({ kind: 'new-node', chip: '7f3a12', type: 'esp8266', version: '0.1.0', isFirst: true }),
      expect.objectContaining({ kind: 'new-node', chip: '7f3a12', isFirst: false }),
    ]);
  });

  test.each(['', '{', '{"l":2,"chip":"esp8266","version":"1"}', '{"l":1,"chip":"esp\\u0000","version":"1"}', '[]'])(
    'that says %j is told of as malformed and cannot be adopted',
    async (hello) => {
      const scene = new Scene();
      scene.link.connectNew('7f3a12');
      scene.link.sayNew('7f3a12', 'hello', hello);
      expect(scene.events.at(-1)).toMatchObject({ kind: 'node-turned-away', why: 'malformed', chip: '7f3a12' });
      expect(await scene.adopt('7f3a12', '492817')).toEqual({ kind: 'not-heard', chip: '7f3a12' });
    },
  );

  test('is adopted with the code of its console, under the name that follows from its chip', async () => {
    const scene = new Scene();
    scene.newNode('7f3a12', '492817');
    const outcome = await scene.adopt('7f3a12', '492817');
    expect(outcome).toEqual({ kind: 'adopted', node: 'esp-7f3a12', chip: '7f3a12', link: 'nodes' });
    expect(scene.accounts()).toEqual(['esp-7f3a12 7f3a12 confirmed']);
    expect(scene.events.at(-1)).toEqual({ kind: 'node-adopted', link: 'nodes', node: 'esp-7f3a12', chip: '7f3a12' });
    expect(scene.kept[0]).toMatchObject({ type: 'esp8266', by: 'technician', at: '2026-11-26T10:00:00.000+08:00' });
  });

  test('is sent its account only once that is durable', async () => {
    const scene = new Scene();
    scene.newNode('7f3a12', '492817');
    await scene.adopt('7f3a12', '492817', { node: 'dust-2' });
    expect(scene.order).toEqual(['kept', 'sent']);
  });

  test('is sent nothing where the account cannot be kept', async () => {
    const scene = new Scene();
    scene.newNode('7f3a12', '492817');
    scene.medium = 'full';
    expect(await scene.adopt('7f3a12', '492817')).toMatchObject({
      kind: 'not-kept',
      message: expect.stringMatching(/ENOSPC/),
    });
    expect(scene.order).toEqual([]);
    scene.medium = 'sound';
    expect(await scene.adopt('7f3a12', '492817')).toMatchObject({ kind: 'adopted' });
  });

  test('refuses a wrong code: it has no account then, and the wrong ones are counted', async () => {
    const scene = new Scene();
    scene.newNode('7f3a12', '492817');
    const refused = { kind: 'refused', node: 'esp-7f3a12', chip: '7f3a12', why: 'code' };
    expect(await scene.adopt('7f3a12', '000000')).toEqual({ ...refused, wrong: 1 });
    expect(await scene.adopt('7f3a12', '000001')).toEqual({ ...refused, wrong: 2 });
    expect(scene.accounts()).toEqual([]);
  });

  test('that says nothing within 20 s may have taken its account: it stands, and its log-in proves it', async () => {
    const scene = new Scene();
    scene.newNode('7f3a12', '492817', () => undefined);
    const began = scene.clock.monotonic();
    expect(await scene.adopt('7f3a12', '492817')).toMatchObject({ kind: 'silent', node: 'esp-7f3a12' });
    expect(scene.clock.monotonic() - began).toBeGreaterThanOrEqual(20_000);
    expect(scene.accounts()).toEqual(['esp-7f3a12 7f3a12 offered']);
    scene.link.connect('esp-7f3a12', undefined, '7f3a12');
    await scene.clock.advance(1);
    expect(scene.accounts()).toEqual(['esp-7f3a12 7f3a12 confirmed']);
  });

  test('whose word is lost is adopted as soon as it logs in', async () => {
    const scene = new Scene();
    scene.newNode('7f3a12', '492817', () => {
      scene.clock.after(3000, () => scene.link.connect('esp-7f3a12', undefined, '7f3a12'));
    });
    expect(await scene.adopt('7f3a12', '492817')).toMatchObject({ kind: 'adopted', node: 'esp-7f3a12' });
    expect(scene.accounts()).toEqual(['esp-7f3a12 7f3a12 confirmed']);
  });

  test('is known by its first hello where the broker does not tell chips, unless another has the name', async () => {
    const scene = new Scene();
    scene.newNode('aaaa01', '111111', () => undefined);
    await scene.adopt('aaaa01', '111111', { node: 'dust-2' });
    scene.link.connect('dust-2');
    await scene.clock.advance(1);
    expect(scene.accounts()).toEqual(['dust-2 aaaa01 confirmed']);
    scene.newNode('bbbb01', '222222', () => undefined);
    await scene.adopt('bbbb01', '222222', { node: 'dust-2', replace: true });
    scene.link.connect('dust-2');
    await scene.clock.advance(1);
    expect(scene.accounts()).toEqual(['dust-2 aaaa01 confirmed', 'dust-2 bbbb01 offered']);
  });

  test('that was not heard for two minutes cannot be adopted', async () => {
    const scene = new Scene();
    scene.newNode('7f3a12', '492817');
    await scene.clock.advance(121_000);
    expect(await scene.adopt('7f3a12', '492817')).toEqual({ kind: 'not-heard', chip: '7f3a12' });
    expect(scene.order).toEqual([]);
  });

  test('is adopted once, though two ask at once', async () => {
    const scene = new Scene();
    scene.newNode('7f3a12', '492817');
    const [first, second] = await Promise.all([scene.adopt('7f3a12', '492817'), scene.adopt('7f3a12', '492817')]);
    expect([first.kind, second.kind]).toEqual(['adopted', 'busy']);
  });

  test.each(['', 'new', 'Dust', 'a_b', 'a'.repeat(25)])('cannot be called %j', async (node) => {
    const scene = new Scene();
    scene.newNode('7f3a12', '492817');
    expect(await scene.adopt('7f3a12', '492817', { node })).toEqual({ kind: 'no-name', node });
  });
});

describe('a chip in the place of another', () => {
  async function withOld(): Promise<Scene> {
    const scene = new Scene();
    scene.newNode('aaaa01', '111111');
    await scene.adopt('aaaa01', '111111', { node: 'dust-2' });
    scene.link.connect('dust-2', undefined, 'aaaa01');
    scene.newNode('bbbb01', '222222');
    return scene;
  }

  test('has to be asked for', async () => {
    const scene = await withOld();
    const outcome = await scene.adopt('bbbb01', '222222', { node: 'dust-2' });
    expect(outcome).toEqual({ kind: 'taken', node: 'dust-2', chip: 'aaaa01' });
    expect(scene.accounts()).toEqual(['dust-2 aaaa01 confirmed']);
  });

  test('ends the other one when it has taken its account, and not before', async () => {
    const scene = await withOld();
    expect(await scene.adopt('bbbb01', '000000', { node: 'dust-2', replace: true })).toMatchObject({ kind: 'refused' });
    expect(scene.accounts()).toEqual(['dust-2 aaaa01 confirmed']);
    expect(scene.events.some(({ kind }) => kind === 'node-disconnected')).toBe(false);
    expect(await scene.adopt('bbbb01', '222222', { node: 'dust-2', replace: true })).toMatchObject({ kind: 'adopted' });
    expect(scene.accounts()).toEqual(['dust-2 bbbb01 confirmed']);
    expect(scene.events.at(-1)).toMatchObject({ kind: 'node-disconnected', node: 'dust-2' });
  });
});

test('a node that is forgotten has no account and no connection any more', async () => {
  const scene = new Scene();
  scene.newNode('7f3a12', '492817');
  await scene.adopt('7f3a12', '492817');
  scene.link.connect('esp-7f3a12', undefined, '7f3a12');
  expect(await scene.adoption.forget('esp-7f3a12')).toBe(true);
  expect(scene.accounts()).toEqual([]);
  expect(scene.events.slice(-2)).toEqual([
    expect.objectContaining({ kind: 'node-turned-away', why: 'forgotten', node: 'esp-7f3a12' }),
    expect.objectContaining({ kind: 'node-disconnected', node: 'esp-7f3a12' }),
  ]);
  expect(await scene.adoption.forget('esp-7f3a12')).toBe(false);
});

test('what a chip says that nobody asked is told of and changes nothing', () => {
  const scene = new Scene();
  scene.newNode('7f3a12', '492817');
  scene.link.sayNew('7f3a12', 'adopted', '{"node":"dust-1"}');
  scene.link.sayNew('7f3a12', 'refused', '{"what":"adopt","why":"code"}');
  expect(scene.accounts()).toEqual([]);
  expect(scene.events.at(-1)).toMatchObject({ kind: 'node-turned-away', why: 'malformed' });
});
