import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { choiceSchema, partSchema } from '../contract/export/manifest.ts';
import type { Medium } from './medium.ts';

/** How far an export has come; it stands beside the parts until the manifest takes its place. */
export const progressFile = 'progress.json';

const progressSchema = z.object({
  format: z.literal('fenceline-export-progress-1'),
  /** What was asked for, so that another question does not go on where this one stopped. */
  asked: z.object({
    gateway: z.string(),
    content: z.enum(['jsonl', 'csv']),
    choice: choiceSchema,
    /** Language and byte order mark of tables. */
    table: z.string(),
  }),
  /** Where the chains stood when it began: epoch, stream and last seq, in the order in which they are gone over. */
  ends: z.array(z.object({ stream: z.enum(['records', 'samples']), epoch: z.string(), end: z.int().min(0) })),
  /** Steps that are done: each the files of one part. */
  steps: z.array(z.object({ parts: z.array(partSchema) })),
});

export type ExportProgress = z.output<typeof progressSchema>;

/** What stands on the medium of an earlier attempt; null when nothing does, a text when it cannot be understood. */
export async function readProgress({ directory }: Medium): Promise<ExportProgress | null | string> {
  const path = join(directory, progressFile);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    return `${path} cannot be read: ${(error as Error).message}`;
  }
  try {
    return progressSchema.parse(JSON.parse(text));
  } catch {
    return `${path} is damaged; export to a new directory`;
  }
}

export async function writeProgress(medium: Medium, progress: ExportProgress): Promise<void> {
  await medium.write(progressFile, Buffer.from(`${JSON.stringify(progress)}\n`, 'utf8'));
}
