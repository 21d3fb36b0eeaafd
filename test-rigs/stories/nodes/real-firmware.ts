import type { ChipKind } from '../../surroundings/lua-machine/chip/chip.ts';
import type { FarSide } from '../../surroundings/lua-machine/far-side/far-side.ts';
import { firmwareFiles } from '../../surroundings/lua-machine/firmware-part.ts';
import { NodeRig } from '../../surroundings/lua-machine/node-rig.ts';
import type { RigClock } from '../../surroundings/lua-machine/stepped-clock.ts';

interface RealNodeOptions {
  readonly kind: ChipKind;
  /** Its account; without it, one that has to be adopted. */
  readonly account?: { readonly node: string; readonly password: string };
  readonly clock: RigClock;
  readonly farSide: FarSide;
  /** Seconds. */
  readonly period?: number;
  /** Milliseconds from one frame of the sensor to the next; after 11 s without one a node takes it to have been off. */
  readonly frameEvery?: number;
}

/**
 * A sensor node with its real firmware, and a Plantower on its line that says, in a frame, how many frames it has said: each period's mean is another number, and greater than the one before.
 */
export class RealNode {
  readonly rig: NodeRig;
  readonly #clock: RigClock;
  readonly #frameEvery: number;
  #frames = 0;
  #cancel: () => void = () => undefined;

  private constructor(rig: NodeRig, clock: RigClock, frameEvery: number) {
    this.rig = rig;
    this.#frameEvery = frameEvery;
    this.#clock = clock;
  }

  static async create(options: RealNodeOptions): Promise<RealNode> {
    const { kind, account, clock, farSide, period = 60, frameEvery = 10_000 } = options;
    const configuration = {
      ...{ version: 1, ...account, wifi: ['site', 'a password'], gateway: ['10.42.0.1', 1883], tls: false },
      ...{ sensor: 'plantower', adc: 'none', period },
    };
    const files = { ...firmwareFiles(kind), 'node.json': JSON.stringify(configuration) };
    return new RealNode(await NodeRig.create({ kind, clock, farSide, uartPiece: 32, files }), clock, frameEvery);
  }

  /** Powers it, and the sensor with it. */
  powerOn(): void {
    this.rig.powerOn();
    this.#say();
  }

  /** Power off, for good or for a time. */
  powerOff(): void {
    this.#cancel();
    this.rig.cutPower();
  }

  #say(): void {
    this.#cancel = this.#clock.after(this.#frameEvery, () => {
      this.#frames += 1;
      this.rig.sensorSends(plantowerFrame(this.#frames));
      this.#say();
    });
  }
}

/** Plantower PMS series manual, appendix I: 0x42 0x4d, length 28, thirteen words, the sum of all bytes before it. */
export function plantowerFrame(value: number): string {
  const frame = Buffer.alloc(32);
  frame.writeUInt16BE(0x424d, 0);
  frame.writeUInt16BE(28, 2);
  for (let word = 0; word < 6; word++) frame.writeUInt16BE(value, 4 + 2 * word);
  frame.writeUInt16BE(
    frame.subarray(0, 30).reduce((sum, byte) => sum + byte, 0),
    30,
  );
  return frame.toString('latin1');
}
