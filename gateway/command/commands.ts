import type { AnyCommand } from './command-kind.ts';
import { intervals } from './commands/intervals.ts';
import { readNow } from './commands/read-now.ts';
import { resend } from './commands/resend.ts';
import { retire } from './commands/retire.ts';
import { siteChange } from './commands/site-change.ts';
import { switchRelay } from './commands/switch.ts';
import { time } from './commands/time.ts';

/** Every command that a gateway knows. */
export const commands: readonly AnyCommand[] = [readNow, resend, intervals, time, siteChange, retire, switchRelay];
