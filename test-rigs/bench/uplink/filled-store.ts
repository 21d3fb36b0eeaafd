import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from '../measure/program.ts';
import type { FillPlan } from './programs/fill.ts';

/** Who the bench's gateway is, and its uplink. */
export const filledFor = { gateway: 'bench-0001', uplink: 'platform', points: 50 } as const;

/** A site directory whose store holds minutes that its uplink still owes. */
export interface FilledStore {
  readonly directory: string;
  readonly minutes: number;
  readonly records: number;
}

/** Fills a store with so many minutes of 50 points, in a process that has ended when this resolves. */
export async function fillStore(directory: string, minutes: number): Promise<FilledStore> {
  mkdirSync(directory, { recursive: true });
  if (minutes === 0) return { directory, minutes, records: 0 };
  const program = join(import.meta.dirname, 'programs', 'fill.ts');
  const plan: FillPlan = { ...filledFor, directory, minutes, seed: 7 };
  const filled = await Program.start<{ records: number }>(program, plan);
  await filled.program.stop();
  return { directory, minutes, records: filled.ready.records };
}

/** Every turn drains a copy: filling a million records takes longer than draining them. */
export function copyStore({ directory }: FilledStore, to: string): void {
  cpSync(directory, to, { recursive: true });
}
