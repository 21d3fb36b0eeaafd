import type { AnyCommand } from './command-kind.ts';
import { readNow } from './commands/read-now.ts';
import { resend } from './commands/resend.ts';
import { time } from './commands/time.ts';

/** Every command that a gateway knows. */
export const commands: readonly AnyCommand[] = [readNow, resend, time];
