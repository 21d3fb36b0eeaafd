import type { Cancel, Clock } from '../../../gateway/clock.ts';
import type { MemoryNodeLink } from '../../links/memory-node-link.ts';

/*
 * In three lines:
 *   const node = new SimulatedNode({ id: 'esp-7f3a12', clock, link: () => site.nodeLink });
 *   await clock.advance(3 * 3_600_000);
 *   node.isReachable = false;
 */

export interface SimulatedNodeOptions {
  readonly id: string;
  readonly clock: Clock;
  /** The broker as it is now; undefined while there is none. */
  readonly link: () => MemoryNodeLink | undefined;
  /** Seconds. */
  readonly period?: number;
  /** Columns, and what a row holds of them. */
  readonly columns?: readonly string[];
  readonly measure?: (number: number) => readonly (number | null)[];
}

/** A row as the node holds it; `at`: true wall time of its middle. */
interface HeldRow {
  readonly boot: number;
  readonly seq: number;
  readonly start: number;
  readonly length: number;
  readonly values: readonly (number | null)[];
  readonly at: number;
}

const rowsInMessage = 12;
const againAfter = 20;
const helloEvery = 300;

/**
 * A sensor node as the gateway sees it, by the messages that stand in gateway/driver/node: it averages over its period, on
 * wall minutes once it was told the time, keeps every row until it hears that it is had, and sends again after 20 s. The
 * firmware itself runs in the Lua machine; this one is for stories of hours, and for what no firmware would do.
 */
export class SimulatedNode {
  readonly id: string;
  /** Every row that it ever made. */
  readonly made: HeldRow[] = [];
  /** Oldest first; what was not had. */
  held: HeldRow[] = [];
  isReachable = true;
  isOn = true;
  /** The last `have` it heard. */
  had: readonly [number, number] | null = null;
  /** Messages of rows that it sent. */
  sent = 0;
  boot = 1;
  readonly #options: SimulatedNodeOptions;
  readonly #columns: readonly string[];
  readonly #period: number;
  readonly #cancel: Cancel[] = [];
  /** Epoch second at which each boot began, where it was told the time during it. */
  readonly #began = new Map<number, number>();
  #bootedAt: number;
  #seq = 0;
  #periodStart = 0;
  #link: MemoryNodeLink | undefined;
  #heardHave = false;
  #sentAt = Number.NEGATIVE_INFINITY;
  #isInFlight = false;
  #helloAt = Number.NEGATIVE_INFINITY;

  constructor(options: SimulatedNodeOptions) {
    this.#options = options;
    this.id = options.id;
    this.#columns = options.columns ?? ['pm1', 'pm25', 'pm10'];
    this.#period = options.period ?? 60;
    this.#bootedAt = options.clock.monotonic();
    this.#tick();
  }

  /** Whole seconds since this boot. */
  get uptime(): number {
    return Math.floor((this.#options.clock.monotonic() - this.#bootedAt) / 1000);
  }

  /** It starts anew: the period under way is lost, rows are on its flash. */
  reboot(): void {
    this.boot += 1;
    this.#bootedAt = this.#options.clock.monotonic();
    this.#seq = 0;
    this.#periodStart = 0;
    this.#drop();
  }

  stop(): void {
    for (const cancel of this.#cancel.splice(0)) cancel();
    this.#drop();
  }

  #drop(): void {
    this.#link?.disconnect(this.id);
    this.#link = undefined;
    this.#heardHave = false;
    this.#isInFlight = false;
    this.#helloAt = Number.NEGATIVE_INFINITY;
  }

  #tick(): void {
    this.#cancel[0] = this.#options.clock.after(1000, () => {
      if (this.isOn) this.#second();
      this.#tick();
    });
  }

  #second(): void {
    this.#measure();
    const link = this.isReachable ? this.#options.link() : undefined;
    if (link !== this.#link) {
      this.#drop();
      this.#link = link;
      link?.connect(this.id, (kind, payload) => this.#hear(kind, Buffer.from(payload).toString()));
    }
    if (link === undefined) return;
    if (this.uptime - this.#helloAt >= helloEvery) this.#hello(link);
    this.#send(link);
  }

  /** A period ends on the wall minute while the time is known. */
  #measure(): void {
    const began = this.#began.get(this.boot);
    const { uptime } = this;
    const isOver =
      began === undefined ? uptime - this.#periodStart >= this.#period : (began + uptime) % this.#period === 0;
    if (!isOver || uptime <= this.#periodStart) return;
    this.#seq += 1;
    const length = uptime - this.#periodStart;
    const number = this.made.length + 1;
    const values = this.#options.measure?.(number) ?? [number, number, number];
    const at = this.#options.clock.wall() - (length / 2) * 1000;
    const row = { boot: this.boot, seq: this.#seq, start: this.#periodStart, length, values, at };
    this.made.push(row);
    this.held.push(row);
    this.#periodStart = uptime;
  }

  #hello(link: MemoryNodeLink): void {
    this.#helloAt = this.uptime;
    const hello = {
      ...{ l: 1, b: this.boot, u: this.uptime, version: '0.1.0', chip: 'esp8266', reason: 'power', rssi: -67 },
      ...{ heap: 21_344, lowest: 19_800, held: this.held.length, flash: [0, 40], dropped: 0, frames: [3412, 2] },
      ...{ silent: 1, configuration: 1, boots: ['power'], sensor: 'plantower' },
    };
    link.say(this.id, 'hello', JSON.stringify(hello));
  }

  #hear(kind: string, payload: string): void {
    if (!this.isOn || !this.isReachable) return;
    const [a, b] = JSON.parse(payload) as [number, number];
    if (kind === 'time') this.#began.set(this.boot, a - this.uptime);
    if (kind !== 'have') return;
    this.had = [a, b];
    this.#heardHave = true;
    this.#isInFlight = false;
    if (a > this.boot) {
      // Its counter was lost.
      this.held = this.held.map((row) => ({ ...row, boot: a + 1 }));
      this.boot = a + 1;
      return;
    }
    this.held = this.held.filter((row) => row.boot > a || (row.boot === a && row.seq > b));
  }

  #send(link: MemoryNodeLink): void {
    const [first] = this.held;
    if (first === undefined || !this.#heardHave) return;
    if (this.#isInFlight && this.uptime - this.#sentAt < againAfter) return;
    this.#isInFlight = true;
    this.#sentAt = this.uptime;
    this.sent += 1;
    const rows = this.held.filter(({ boot }) => boot === first.boot).slice(0, rowsInMessage);
    link.say(this.id, 'rows', this.message(rows));
  }

  /** A message of these rows, all of one boot. */
  message(rows: readonly HeldRow[]): string {
    const boot = rows[0]?.boot ?? this.boot;
    const began = this.#began.get(boot);
    return JSON.stringify({
      ...{ l: 1, b: boot, ...(began !== undefined && { z: began }), ...(boot === this.boot && { u: this.uptime }) },
      ...{ f: this.#columns, r: rows.map(({ seq, start, length, values }) => [seq, start, length, 60, 60, ...values]) },
    });
  }
}
