/*
 * A program that a bench runs as a process of its own. The bench's side is Program; here is the program's:
 *   const plan = childPlan<Plan>();
 *   serveParent({ ready: { port }, answers: { figures: () => count } });
 */

/** A question of the bench, and the answer to it. */
export interface Question {
  readonly number: number;
  readonly word: string;
}
export interface Answer {
  readonly number: number;
  readonly answer: unknown;
}

/** What the bench wants of this process. */
export function childPlan<Plan>(): Plan {
  return JSON.parse(process.argv[2] ?? '{}') as Plan;
}

interface Served {
  /** What the bench needs to know before it goes on. */
  readonly ready?: unknown;
  readonly answers: Readonly<Record<string, () => unknown>>;
  /** Cleans up before the process ends. */
  readonly end?: () => Promise<void>;
}

/** Says that it is ready, answers the bench's questions, and ends with it. */
export function serveParent({ ready = null, answers, end = async () => undefined }: Served): void {
  process.on('message', async ({ number, word }: Question) => {
    const answer: Answer = { number, answer: await answers[word]?.() };
    process.send?.(answer);
  });
  process.once('disconnect', () => void end().finally(() => process.exit(0)));
  process.send?.({ number: 0, answer: ready } satisfies Answer);
}
