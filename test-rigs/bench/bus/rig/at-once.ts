import { readSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { moment } from './moment.ts';
import type { PacerData } from './pacer.ts';
import { SharedBytes } from './shared-bytes.ts';
import { slaves } from './slaves.ts';
import { Wire } from './wire.ts';

/*
 * Answers every request as soon as it is whole: a line without a speed, to see what a transaction costs the master.
 * An order is obeyed at the next request, so the master must be asking.
 */

const data = workerData as PacerData;
const shared = new SharedBytes(data.memory);
const wire = new Wire({ characterTime: 0, turnAround: 0, answer: slaves(data.alive, data.registers) });
const buffer = new Uint8Array(4096);

for (;;) {
  let length = 0;
  try {
    length = readSync(data.descriptor, buffer);
  } catch {
    // The other side of the tty is gone: the rig is being stopped.
  }
  if (length === 0) break;
  const now = moment();
  wire.heard(buffer.subarray(0, length), now);
  const piece = wire.take(now);
  if (piece) writeSync(data.descriptor, piece.bytes);
  const order = shared.takeOrder();
  if (order === 'begin') wire.begin();
  if (order !== undefined) parentPort?.postMessage(order === 'begin' ? null : wire.figures());
}
