import { setPriority } from 'node:os';
import { systemClock } from '../clock.ts';
import type { exportStore } from '../export/export-store.ts';
import { outcomeJson, outcomeText, progressText } from './export/export-text.ts';
import { noteExport } from './export/note-export.ts';
import { partSize, questionOf } from './export/question.ts';
import { BadInput, type Command, exit, interruption, parseArguments, required, type Terminal } from './terminal.ts';

const help = `fenceline export --site DIR --out DIR [OPTIONS] [--lang zh|en]

Writes records of a site's store to a directory, such as one on a USB stick, beside the running gateway. Pulled out, filled
up or switched off in between, the same command goes on where it was. The manifest at the end is signed with the
gateway's key; fenceline verify checks an export, and a platform can import one of JSON lines as if it had received it.

  --site DIR           the site directory
  --out DIR            where to: a directory of its own, which is made; the one above it must be there
  --from TIME          facts of this time or later; default: the oldest
  --to TIME            facts of before this time; default: the newest. A day alone means the whole day, so
                       --from 2026-11-01 --to 2026-11-30 is all of November. A period counts by its start.
                       TIME is local time of the site, 2026-11-01 or 2026-11-01T08:30, or has an offset of its own
  --csv                tables for a spreadsheet instead of JSON lines: a file for each kind of period and factor
  --no-bom             tables without the byte order mark that Excel needs for Chinese
  --kinds LIST         minute,hour,day,event,gap,state,site,audit,key,samples; default: all but samples
  --samples            raw readings too
  --points LIST        only these points, of the entries that name one
  --factors LIST       only these factors, of the entries that name one
  --instruments LIST   only these instruments; of periods, the points that they measure at
  --table NAME         print one table, such as minute-pm10 or events, instead of writing to a directory
  --part SIZE          size of a file, 1MB to 2GB; default 64MB
  --json               print what was written as JSON

Exit code: 0 everything is written, 1 it stopped before the end and can go on, 2 the arguments are wrong.

  fenceline export --site /var/lib/fenceline --out /media/usb/november --from 2026-11-01 --to 2026-11-30
  fenceline export --site /var/lib/fenceline --out /media/usb/tables --from 2026-11-24T08:00 --csv --factors pm10,pm2.5`;

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(args, {
      site: { type: 'string' },
      out: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      csv: { type: 'boolean', default: false },
      'no-bom': { type: 'boolean', default: false },
      kinds: { type: 'string' },
      samples: { type: 'boolean', default: false },
      points: { type: 'string' },
      factors: { type: 'string' },
      instruments: { type: 'string' },
      table: { type: 'string' },
      part: { type: 'string', default: '64MB' },
      json: { type: 'boolean', default: false },
    });
    if (positionals.length > 0) throw new BadInput(`${positionals[0]} is not understood`);
    if (values.table !== undefined) return printTable(values.table, values, terminal);
    const out = required(values.out, '--out');
    const partBytes = partSize(values.part);
    const question = await questionOf(required(values.site, '--site'), values);
    const begun = Date.now();
    yieldToOthers();
    const { exportStore: begin } = await import('../export/export-store.ts');
    const outcome = await readable(
      begin(
        {
          ...question,
          out,
          content: values.csv ? 'csv' : 'jsonl',
          language: terminal.language,
          bom: !values['no-bom'],
          partBytes,
          clock: systemClock,
          signal: interruption(),
        },
        progressOn(terminal),
      ),
    );
    terminal.status?.('');
    if (!('message' in outcome) && outcome.state === 'whole') await noteExport(question, begun);
    if ('message' in outcome) {
      terminal.complain(outcome.message);
      return outcome.fault === 'absent' ? exit.badInput : exit.failed;
    }
    if (values.json) terminal.print(outcomeJson(outcome, out));
    const text = outcomeText(outcome, out, question.choice, terminal.language);
    if (outcome.state !== 'whole') terminal.complain(text);
    else if (!values.json) terminal.print(text);
    return outcome.state === 'whole' ? exit.ok : outcome.state === 'refused' ? exit.badInput : exit.failed;
  },
};

/** Prints one table as it goes, and nothing else. */
async function printTable(
  table: string,
  values: Parameters<typeof questionOf>[1] & { readonly site?: string | undefined; readonly 'no-bom': boolean },
  terminal: Terminal,
): Promise<number> {
  const { narrowed, tableName, tableText } = await import('../export/table-text.ts');
  if (!tableName.test(table))
    throw new BadInput('--table takes minute-FACTOR, hour-FACTOR, day-FACTOR, samples-FACTOR or events');
  const { choice, ...question } = await questionOf(required(values.site, '--site'), values);
  yieldToOthers();
  const pieces = tableText({
    ...question,
    table,
    choice: narrowed(choice, table),
    language: terminal.language,
    bom: !values['no-bom'],
  });
  for (let piece = pieces.next(); ; piece = pieces.next()) {
    if (piece.done === true) {
      if (piece.value === undefined) return exit.ok;
      terminal.complain(piece.value.message);
      return exit.failed;
    }
    // Rows end with a line end already; the last one is the terminal's.
    terminal.print(piece.value.replace(/\n$/, ''));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A store that cannot be read on is told in one line; what was written is kept. */
async function readable(outcome: ReturnType<typeof exportStore>): ReturnType<typeof exportStore> {
  try {
    return await outcome;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_SQLITE_ERROR') throw error;
    return { fault: 'damaged', message: `the store cannot be read on: ${message}; see fenceline verify` };
  }
}

/** The gateway beside it comes first wherever both want the processor. */
function yieldToOthers(): void {
  try {
    setPriority(19);
  } catch {
    // A system that does not allow it only makes it less polite.
  }
}

function progressOn({ status, language }: Terminal): Parameters<typeof exportStore>[1] {
  return (advance) => status?.(progressText(advance, language));
}
