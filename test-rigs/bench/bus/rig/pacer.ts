import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { percentile } from '../../measure/statistics.ts';
import { moment } from './moment.ts';
import type { WireData } from './rig-data.ts';
import { SharedBytes, type SharedMemory } from './shared-bytes.ts';
import { slaves } from './slaves.ts';
import { Wire } from './wire.ts';

/*
 * Gives the master every character of an answer at the end of its time on the wire. It sleeps until shortly before, and
 * turns on the spot for the rest where that much accuracy is wanted.
 */

export interface PacerData extends WireData {
  readonly descriptor: number;
  readonly memory: SharedMemory;
  /** Milliseconds before a character is due from which on it no longer sleeps; sleeping ends up to 0.1 ms late. */
  readonly spin: number;
}

const data = workerData as PacerData;
const shared = new SharedBytes(data.memory);
const answer = slaves(data.alive, data.registers);
const wire = new Wire({ ...data, answer });
/** How late each character was handed over, milliseconds. */
let lateness: number[] = [];

function give(now: number): void {
  const piece = wire.take(now);
  if (!piece) return;
  writeSync(data.descriptor, piece.bytes);
  const after = moment();
  wire.handedOver(after);
  for (const index of piece.bytes.keys()) {
    const due = piece.firstDue + index * data.characterTime;
    // In a piece of several only the last one can be late.
    if ((data.piece ?? 1) === 1 || index === piece.bytes.length - 1) lateness.push(after - due);
  }
}

function obey(): void {
  const order = shared.takeOrder();
  if (order === undefined) return;
  if (order === 'begin') {
    wire.begin();
    lateness = [];
    parentPort?.postMessage(null);
    return;
  }
  const at = (share: number): number => percentile(lateness, share);
  parentPort?.postMessage({ ...wire.figures(), lateness: { p50: at(0.5), p99: at(0.99), max: at(1) } });
}

for (;;) {
  shared.take((byte, at) => wire.heard(byte, at));
  give(moment());
  obey();
  const left = wire.nextDue - moment();
  // Without a bound a wait would never end by itself; a second costs nothing.
  if (left > data.spin) shared.sleep(Math.min(left - data.spin, 1000));
}
