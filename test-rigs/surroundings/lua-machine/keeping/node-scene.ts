import { joinSections, sectionsOf } from '../../../../edge/node/building/sections.ts';
import type { ChipKind } from '../chip/chip.ts';
import { type Reached, ScriptedBroker } from '../far-side/scripted-broker.ts';
import { firmwareLua } from '../firmware-part.ts';
import { NodeRig, type NodeRigOptions } from '../node-rig.ts';
import { SteppedClock } from '../stepped-clock.ts';

/** Wall time at the scene's beginning, epoch seconds. */
const EPOCH = 1_764_131_500;

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** What stands in `node.json`. */
export const configuration = {
  version: 3,
  node: 'esp-7f3a12',
  password: 'a-password',
  wifi: ['site', 'a password'],
  gateway: ['10.42.0.1', 1883],
  tls: false,
  sensor: 'plantower',
  adc: 'loop',
  period: 60,
};

/**
 * In the place of the measuring section: a row of four values every period, without a sensor's bytes, so that days pass in
 * seconds. It stands still while the global `stalled` is true.
 */
const steadyRows = `return {
  columns = function() return '"pm1","pm25","pm10","adc"' end,
  startMeasuring = function(hardware, sensor, adc, period, epochOf, onRow)
    local measuring, begin, n = { good = 0, bad = 0 }, hardware.uptime(), 0
    measuring.advance = function()
      local now = hardware.uptime()
      if now == begin or stalled then return end
      n = n + 1
      local adc = n % 50 == 0 and 'null' or string.format('%d.%d', 800 + n % 90, n % 10)
      onRow(begin, now - begin, 58 + n % 3, 60, string.format('%d.%d,%d.%d,%d.%d,', 8 + n % 9, n % 10, 21 + n % 40, n % 7, 35 + n % 80, n % 9) .. adc)
      begin = now
    end
    hardware.every(period * 1000, measuring.advance)
    return measuring
  end,
}
`;

/** The files of the firmware as the build joins them. */
export function firmwareFiles(kind: ChipKind): Record<string, string> {
  const core = firmwareLua('main.ts');
  const textOf = (name: string): string => (name === 'measuring' ? steadyRows : firmwareLua(`${name}.ts`));
  return {
    'init.lua': firmwareLua('init.ts'),
    'node.lua': joinSections(core, sectionsOf(core, textOf)),
    [`${kind}.lua`]: firmwareLua(`chips/${kind}.ts`),
  };
}

export interface RowsMessage {
  readonly l: number;
  readonly b: number;
  readonly z?: number;
  readonly u?: number;
  readonly f: readonly string[];
  readonly r: readonly (readonly (number | null)[])[];
}

/** A row as it came to the gateway. */
export interface Arrived {
  readonly boot: number;
  readonly seq: number;
  readonly s: number;
  readonly d: number;
  /** Epoch second of its beginning, by `u` or by `z`; undefined where nobody knows. */
  readonly begin: number | undefined;
}

type Hello = Readonly<Record<string, unknown>> & {
  readonly b: number;
  readonly held: number;
  readonly flash: readonly [number, number];
  readonly dropped: number;
  readonly torn: number;
  readonly reason: string;
  readonly boots: readonly string[];
  readonly configuration: number;
  readonly version: string;
};

/**
 * A node, a broker and the part of a gateway that answers nodes: it takes rows in the order of (boot, seq), once each, and
 * says what it has.
 */
export class NodeScene {
  readonly clock = new SteppedClock();
  readonly broker = new ScriptedBroker(this.clock);
  rig!: NodeRig;
  /** What it has, in the order in which it came. */
  readonly rows: Arrived[] = [];
  readonly hellos: Hello[] = [];
  readonly refused: { readonly what: string; readonly why: string }[] = [];
  readonly wants: unknown[] = [];
  /** Messages of rows, as they came, repeated ones too. */
  readonly messages: { readonly payload: string; readonly at: number }[] = [];
  /** Highest row taken. */
  have: [number, number] = [0, 0];
  /** Whether it answers at all, tells the time, takes rows. */
  answers = true;
  tellsTime = true;
  takes = true;
  /** Milliseconds until rows are durable. */
  commits = 500;
  /** Seconds that its clock is ahead. */
  ahead = 0;

  static async create(kind: ChipKind, options: Partial<NodeRigOptions> = {}): Promise<NodeScene> {
    const scene = new NodeScene();
    scene.rig = await NodeRig.create({
      kind,
      clock: scene.clock,
      farSide: scene.broker,
      ...options,
      files: { ...firmwareFiles(kind), 'node.json': JSON.stringify(configuration), ...options.files },
    });
    scene.broker.onMessage = (message) => scene.#came(message);
    return scene;
  }

  /** Powers the node and lets it come up. */
  start(milliseconds = 30 * second): this {
    this.rig.powerOn();
    this.clock.advance(milliseconds);
    return this;
  }

  get epoch(): number {
    return Math.floor(EPOCH + this.clock.monotonic() / 1000) + this.ahead;
  }

  send(kind: string, payload: string): boolean {
    return this.broker.send(`fenceline-node/v1/esp-7f3a12/${kind}`, payload);
  }

  sayHave(): void {
    this.send('have', JSON.stringify(this.have));
  }

  get lastHello(): Hello {
    const hello = this.hellos.at(-1);
    if (hello === undefined) throw new Error('no hello came');
    return hello;
  }

  #came({ topic, payload }: Reached): void {
    const kind = topic.split('/').at(-1);
    if (kind === 'hello') this.#hello(JSON.parse(payload) as Hello);
    else if (kind === 'rows') this.#rowsCame(payload);
    else if (kind === 'refused') this.refused.push(JSON.parse(payload));
    else if (kind === 'want') this.wants.push(JSON.parse(payload));
  }

  #hello(hello: Hello): void {
    this.hellos.push(hello);
    if (!this.answers) return;
    this.sayHave();
    if (this.tellsTime) this.send('time', `[${this.epoch}]`);
  }

  #rowsCame(payload: string): void {
    this.messages.push({ payload, at: this.clock.monotonic() });
    const message = JSON.parse(payload) as RowsMessage;
    if (!this.answers || !this.takes) return;
    for (const [seq, s, d] of message.r as readonly (readonly number[])[]) {
      if (message.b < this.have[0] || (message.b === this.have[0] && (seq as number) <= this.have[1])) continue;
      this.have = [message.b, seq as number];
      const begin =
        message.u !== undefined
          ? this.epoch - message.u + (s as number)
          : message.z !== undefined
            ? message.z + (s as number)
            : undefined;
      this.rows.push({ boot: message.b, seq: seq as number, s: s as number, d: d as number, begin });
    }
    this.clock.after(this.commits, () => this.sayHave());
  }
}
