import { readSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { moment } from './moment.ts';
import { SharedBytes, type SharedMemory } from './shared-bytes.ts';

/*
 * Waits in the system for what the master sends, stamps it, and passes it on. A thread of its own: the moment at which a
 * request arrives is what gaps are measured by, so nobody may be in the way.
 */

export interface ReaderData {
  readonly descriptor: number;
  readonly memory: SharedMemory;
}

const { descriptor, memory } = workerData as ReaderData;
const shared = new SharedBytes(memory);
const buffer = new Uint8Array(4096);

for (;;) {
  let length = 0;
  try {
    length = readSync(descriptor, buffer);
  } catch {
    // The other side of the tty is gone: the rig is being stopped.
  }
  if (length === 0) break;
  shared.push(buffer.subarray(0, length), moment());
}
