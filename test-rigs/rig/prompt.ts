import { createInterface } from 'node:readline';

interface PromptOptions {
  /** Obeys one line that somebody typed; gives what to answer, or null to end. */
  readonly obey: (line: string) => string | null | Promise<string | null>;
  /** What is shown again and again. */
  readonly show?: () => string;
  /** Seconds between two of those; 0 for never. */
  readonly every?: number;
  /** Ends after so many seconds; may be infinite. */
  readonly seconds: number;
}

/** Prints and obeys until somebody says quit, presses Ctrl-C, or the time is over. */
export async function untilTheEnd({ obey, show, every = 0, seconds }: PromptOptions): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  const printing = show !== undefined && every > 0 && setInterval(() => console.log(show()), every * 1000);
  await new Promise<void>((resolve) => {
    if (Number.isFinite(seconds)) setTimeout(resolve, seconds * 1000);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    lines.on('line', async (line) => {
      const answer = await obey(line);
      if (answer === null) resolve();
      else console.log(answer);
    });
  });
  if (printing) clearInterval(printing);
  lines.close();
}
