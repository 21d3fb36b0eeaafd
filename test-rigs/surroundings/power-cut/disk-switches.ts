import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';

/** What can be wrong with the disk. What is left out is as it should be. */
export interface DiskFaults {
  /** What every write fails with. */
  readonly write?: 'EIO' | 'ENOSPC' | 'EROFS';
  /** What every sync fails with. */
  readonly sync?: 'EIO';
  /** Milliseconds that every write takes. */
  readonly writeDelay?: number;
  /** Milliseconds that every sync takes. */
  readonly syncDelay?: number;
  /** Bytes that may still be written before the disk is full; the write that reaches it is cut short. */
  readonly room?: number;
  /** Whose syncs the disk answers and does not do. */
  readonly lies?: 'files' | 'directories' | 'all';
}

const lying = { none: 0, files: 1, directories: 2, all: 3 } as const;

/** The shim's switches: what a disk does wrong, turned while the program runs. Layout: `struct switches` in power-cut.h. */
export class DiskSwitches {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
    writeFileSync(file, bytesOf({}));
  }

  /** From now on the disk has these faults and no others. */
  turn(faults: DiskFaults): void {
    const descriptor = openSync(this.file, 'r+');
    const bytes = bytesOf(faults);
    // All but the count, which is the shim's.
    writeSync(descriptor, bytes, 0, 24, 0);
    writeSync(descriptor, bytes, 32, 8, 32);
    closeSync(descriptor);
  }

  /** Writes and syncs that were made to fail so far. */
  get refused(): number {
    return Number(readFileSync(this.file).readBigInt64LE(24));
  }
}

function bytesOf({ write, sync, writeDelay = 0, syncDelay = 0, room = -1, lies = undefined }: DiskFaults): Buffer {
  const bytes = Buffer.alloc(40);
  bytes.writeInt32LE(write === undefined ? 0 : constants.errno[write], 0);
  bytes.writeInt32LE(sync === undefined ? 0 : constants.errno[sync], 4);
  bytes.writeInt32LE(writeDelay, 8);
  bytes.writeInt32LE(syncDelay, 12);
  bytes.writeBigInt64LE(BigInt(room), 16);
  bytes.writeInt32LE(lying[lies ?? 'none'], 32);
  return bytes;
}
