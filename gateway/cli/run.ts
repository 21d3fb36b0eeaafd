import { duration } from '../duration.ts';
import { BadInput, type Command, parseArguments, required } from './terminal.ts';

const help = `fenceline run --site DIR [--drain DURATION] [--ledger FD]

Runs the gateway of a site until SIGINT or SIGTERM. Log lines go to standard error, one JSON object each.
An instrument at fault is left out and shown; an unusable site.json gives way to the last good one.

  --site DIR        the site directory; everything the gateway keeps is in it
  --drain DURATION  how long it may go on sending when it is told to stop, such as 2s (default) or 500ms
  --ledger FD       an open file descriptor that is told of every committed entry: stream, epoch, seq, hash

Exit code: 0 after a clean stop, 1 when the site is in use or its store cannot be had, 2 without a usable site file.

  fenceline run --site /var/lib/fenceline
  fenceline run --site demo-site --ledger 3 3> committed.txt`;

export const command: Command = {
  help,
  async run(args) {
    const { values } = parseArguments(args, {
      site: { type: 'string' },
      drain: { type: 'string', default: '2s' },
      ledger: { type: 'string' },
    });
    const directory = required(values.site, '--site');
    const drain = duration.safeParse(values.drain);
    if (!drain.success) throw new BadInput('--drain takes a number with its unit, such as 2s or 500ms');
    const ledger = values.ledger === undefined ? {} : { ledger: descriptor(values.ledger) };
    // Loaded here, so that wrong arguments are told before the whole gateway is.
    const { runGateway } = await import('../main.ts');
    return runGateway({ directory, drain: drain.data, ...ledger });
  },
};

function descriptor(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new BadInput('--ledger takes the number of an open file descriptor, such as 3');
  return Number(text);
}
