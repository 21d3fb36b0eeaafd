import { type Clock, type LocalTime, readStamp } from '../clock.ts';
import type { Command } from '../contract/command.ts';
import { faultOf } from '../contract/fields.ts';
import { type AnyCommand, type Prepared, type Refusal, refused } from './command-kind.ts';
import type { ClockStanding } from './port.ts';

/** What a command is judged by. */
interface Circumstances {
  readonly commands: readonly AnyCommand[];
  /** The last counter of the key that signed it; null for a command without a signature. */
  readonly lastCounter: number | null;
  readonly siteVersion: string;
  readonly clock: Clock;
  readonly localTime: LocalTime;
  readonly standing: ClockStanding;
}

const basedOnBirth = 'take the version and the document from the newest site record, and send it with a new id';

/** Whether a proven command may be run now: in order, in time, understood, and based on what holds. */
export function judge(command: Command, circumstances: Circumstances): Refusal | Prepared {
  const { commands, lastCounter, siteVersion } = circumstances;
  if (lastCounter !== null && command.counter <= lastCounter) {
    const detail = `counter ${command.counter} is not above ${lastCounter}, the last one of this key`;
    return refused('counter', detail, 'send it with a new id and a counter above that');
  }
  const kind = commands.find((one) => one.kind === command.body.kind);
  const late = expiryFault(command, circumstances, kind?.beforeTrust === true);
  if (late !== null) return late;
  if (kind === undefined) {
    const known = commands.map((one) => one.kind).join(', ');
    return refused('unknown', `this gateway knows no command ${command.body.kind}`, `it knows ${known}`);
  }
  const prepared = kind.prepare(command.body);
  if ('fault' in prepared) {
    return refused('malformed', `body: ${faultOf(prepared.fault).fault}`, `see the schema of ${kind.kind}`);
  }
  if (kind.needsBase && command.base === undefined) {
    return refused('base-missing', `${kind.kind} does not say which site version it is based on`, basedOnBirth);
  }
  if (command.base !== undefined && command.base !== siteVersion) {
    const detail = `it is based on site version ${command.base}, and ${siteVersion} is in force`;
    return refused('stale', detail, basedOnBirth);
  }
  return prepared;
}

/** Null while it may still be run. Without a clock that is trusted nobody can say whether a command has expired, so none is obeyed but the time itself. */
export function expiryFault(
  { expires }: Pick<Command, 'expires'>,
  { clock, localTime, standing }: Pick<Circumstances, 'clock' | 'localTime' | 'standing'>,
  isBeforeTrust: boolean,
): Refusal | null {
  const until = readStamp(expires);
  if (until === undefined) return refused('malformed', `expires: ${expires} is no moment`, 'send a stamp with offset');
  if (!standing.trusted) {
    if (isBeforeTrust) return null;
    const detail = `the gateway does not know the time (${standing.why}), so it cannot tell whether the command has expired`;
    return refused(
      'clock-not-trusted',
      detail,
      'send the time first, or wait until the gateway has it; then send it with a new id',
    );
  }
  const now = clock.wall();
  if (now < until) return null;
  return refused('expired', `it expired at ${expires}; here it is ${localTime.stamp(now)}`, 'send it with a new id');
}
