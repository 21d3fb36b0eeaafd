import type { MemoryNodeLink } from '../../links/memory-node-link.ts';
import type { ResetReason } from '../../surroundings/lua-machine/chip/chip.ts';
import { ScriptedBroker } from '../../surroundings/lua-machine/far-side/scripted-broker.ts';
import { firmwareFiles } from '../../surroundings/lua-machine/firmware-part.ts';
import { NodeRig, type NodeRigOptions } from '../../surroundings/lua-machine/node-rig.ts';
import type { SimulatedClock } from '../../surroundings/simulated-clock.ts';
import { bootCounter, rowsInFlash } from './flash-rows.ts';

/** A frame that the sensor gave: when, and which. */
export interface Frame {
  readonly at: number;
  readonly number: number;
}

/** One boot of the chip, as seen from outside. */
export interface Boot {
  readonly at: number;
  readonly reason: ResetReason;
  /** By the counter in flash; null where the power went before it was written. */
  number: number | null;
  /** Undefined while it runs. */
  endedAt?: number;
  /** It ended in a restart of its own, which keeps what is in RAM. */
  isOwnRestart: boolean;
  /** The highest sound row in flash at its end, by boot. */
  inFlash: ReadonlyMap<number, number>;
}

/** A row as it came out of the node. */
export interface SaidRow {
  readonly boot: number;
  readonly seq: number;
  readonly start: number;
  readonly length: number;
  readonly frames: number;
  readonly values: readonly (number | null)[];
  /** Moments at which it reached the gateway. */
  readonly at: number[];
}

const frameEvery = 10_000;
const periods = [251, 241, 239] as const;

/** PM1, PM2.5 and PM10 of a frame: no two frames of 14 million are the same. */
export function valuesOfFrame(number: number): readonly [number, number, number] {
  return [20 + (number % periods[0]), 30 + (number % periods[1]), 40 + (number % periods[2])];
}

/**
 * A sensor node with its real firmware and a Plantower on its line that says a frame in ten seconds; the network between it
 * and the gateway's broker; and what the rig alone knows: what the sensor gave and when, and each boot.
 */
export class SoakNode {
  readonly id: string;
  readonly broker: ScriptedBroker;
  readonly frames: Frame[] = [];
  readonly boots: Boot[] = [];
  /** By `boot seq`. */
  readonly rows = new Map<string, SaidRow>();
  /** A row that was said again with other contents. */
  readonly contradictions: string[] = [];
  /** The highest row that the gateway said it has, by boot. */
  readonly had = new Map<number, number>();
  /** So many of the next are lost, or come twice. */
  readonly losing = { 'pubacks-lost': 0, 'messages-lost': 0, 'messages-twice': 0, 'haves-lost': 0 };
  rig!: NodeRig;
  /** What it said while the network stood still; null while it does not. */
  #stalled: (() => void)[] | null = null;
  /** The power has gone in the middle of a write. */
  onDark: () => void = () => undefined;
  readonly #clock: SimulatedClock;
  readonly #link: () => MemoryNodeLink | undefined;
  #cancel: () => void = () => undefined;
  #counted = 0;
  #isSwitchedOff = false;

  private constructor(id: string, clock: SimulatedClock, link: () => MemoryNodeLink | undefined) {
    this.id = id;
    this.#clock = clock;
    this.#link = link;
    this.broker = new ScriptedBroker(clock.quiet);
    this.#join();
  }

  static async create(
    { id, ...how }: { readonly id: string } & Pick<NodeRigOptions, 'kind' | 'lua' | 'seed'>,
    clock: SimulatedClock,
    link: () => MemoryNodeLink | undefined,
  ): Promise<SoakNode> {
    const node = new SoakNode(id, clock, link);
    const configuration = {
      ...{ version: 1, node: id, password: 'a-password', wifi: ['site', 'a password'], gateway: ['10.42.0.1', 1883] },
      ...{ tls: false, sensor: 'plantower', adc: 'none', period: 60 },
    };
    node.rig = await NodeRig.create({
      ...{ ...how, clock: clock.quiet, farSide: node.broker, uartPiece: 32 },
      files: { ...firmwareFiles(how.kind), 'node.json': JSON.stringify(configuration) },
      onBoot: (reason) => node.#booted(reason),
      onBootEnd: () => node.#bootEnded(),
    });
    return node;
  }

  /** The sensor has its power with it. */
  powerOn(): void {
    if (this.rig.isPowered) return;
    this.rig.powerOn();
    this.#say();
  }

  powerOff(): void {
    this.#cancel();
    this.#isSwitchedOff = true;
    this.rig.cutPower();
    this.#isSwitchedOff = false;
  }

  #say(): void {
    this.#cancel = this.#clock.quiet.after(frameEvery, () => {
      // The power may have gone in the middle of a write.
      if (!this.rig.isPowered) return;
      const number = this.frames.length + 1;
      this.frames.push({ at: this.#clock.monotonic(), number });
      this.rig.sensorSends(frameOf(valuesOfFrame(number)));
      this.#say();
    });
  }

  #booted(reason: ResetReason): void {
    this.#counted = bootCounter(this.rig.flash.files)?.boot ?? 0;
    const at = this.#clock.monotonic();
    this.boots.push({ at, reason, number: null, isOwnRestart: false, inFlash: new Map() });
  }

  #bootEnded(): void {
    const boot = this.boots.at(-1) as Boot;
    const { files } = this.rig.flash;
    boot.endedAt = this.#clock.monotonic();
    this.look(boot);
    boot.isOwnRestart = bootCounter(files)?.why !== '' && this.rig.isPowered;
    if (this.rig.isPowered || this.#isSwitchedOff) return;
    this.#cancel();
    this.onDark();
    this.onDark = () => undefined;
  }

  /** Looks at flash for a boot that has ended, or runs. */
  look(boot: Boot): void {
    const { files } = this.rig.flash;
    const counter = bootCounter(files)?.boot ?? 0;
    boot.number = counter > this.#counted ? counter : null;
    boot.inFlash = rowsInFlash(files);
  }

  #join(): void {
    const { broker } = this;
    const lost = (what: 'pubacks-lost' | 'messages-lost' | 'haves-lost'): boolean => {
      if (this.losing[what] === 0) return false;
      this.losing[what] -= 1;
      return true;
    };
    broker.losesPuback = () => this.#stalled !== null || lost('pubacks-lost');
    broker.losesPublish = () => lost('messages-lost');
    broker.onConnect = ({ user = '' }) => {
      this.#clock.stir();
      this.#link()?.connect(user, (kind, payload) => {
        const text = Buffer.from(payload).toString('latin1');
        if (kind === 'have') this.#noteHave(text);
        if (this.#stalled === null && (kind !== 'have' || !lost('haves-lost')))
          broker.send(`fenceline-node/v1/${user}/${kind}`, text);
      });
    };
    broker.onDisconnect = ({ user = '' }) => {
      if (this.#stalled !== null) this.#stalled = [];
      this.#clock.stir();
      this.#link()?.disconnect(user);
    };
    broker.onMessage = ({ topic, payload }) => {
      const [, , node = '', kind = ''] = topic.split('/');
      if (kind === 'rows') this.#noteRows(payload);
      if (this.#stalled === null) this.#hand(node, kind, payload);
      else this.#stalled.push(() => this.#hand(node, kind, payload));
    };
  }

  /** What a node says does not reach the gateway before `resume`, and it hears nothing; nobody notices. */
  stall(): void {
    this.#stalled ??= [];
  }

  resume(): void {
    const waiting = this.#stalled ?? [];
    this.#stalled = null;
    for (const hand of waiting) hand();
  }

  #hand(node: string, kind: string, payload: string): void {
    this.#clock.stir();
    const times = this.losing['messages-twice'] > 0 ? 2 : 1;
    this.losing['messages-twice'] -= times - 1;
    for (let time = 0; time < times; time++) this.#link()?.say(node, kind as never, Buffer.from(payload, 'latin1'));
  }

  #noteHave(text: string): void {
    const [boot, seq] = JSON.parse(text) as [number, number];
    this.had.set(boot, Math.max(this.had.get(boot) ?? 0, seq));
  }

  #noteRows(payload: string): void {
    const { b, r } = JSON.parse(payload) as { b: number; r: (number | null)[][] };
    for (const one of r) {
      const [seq, start, length, frames, , ...values] = one as [number, number, number, number, number, ...number[]];
      const row: SaidRow = { boot: b, seq, start, length, frames, values, at: [] };
      const key = `${b} ${seq}`;
      const known = this.rows.get(key) ?? row;
      this.rows.set(key, known);
      if (JSON.stringify({ ...known, at: [] }) !== JSON.stringify(row)) this.contradictions.push(`${key}: ${payload}`);
      known.at.push(this.#clock.monotonic());
    }
  }
}

/** Plantower PMS series manual, appendix I: 0x42 0x4d, length 28, thirteen words, the sum of all bytes before it. */
function frameOf(values: readonly number[]): string {
  const frame = Buffer.alloc(32);
  frame.writeUInt16BE(0x424d, 0);
  frame.writeUInt16BE(28, 2);
  values.forEach((value, index) => {
    frame.writeUInt16BE(value + 7, 4 + 2 * index);
    frame.writeUInt16BE(value, 10 + 2 * index);
  });
  let sum = 0;
  for (const byte of frame.subarray(0, 30)) sum += byte;
  frame.writeUInt16BE(sum, 30);
  return frame.toString('latin1');
}
