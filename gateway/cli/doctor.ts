import { statSync } from 'node:fs';
import { linuxMachine } from '../clock/linux-machine.ts';
import { systemClock } from '../clock.ts';
import { type Picture, pictureSchema } from '../http/picture.ts';
import { checkSite, type SiteCheck } from '../site/check-site.ts';
import { readSiteText } from '../site/load-site.ts';
import { type SiteDirectory, siteDirectory } from '../site/site-directory.ts';
import { StoreReader } from '../store/reader.ts';
import { examine } from './doctor/checks.ts';
import { needsHelp } from './doctor/finding.ts';
import { reportText } from './doctor/report-text.ts';
import { askGateway } from './gateway-socket.ts';
import { catalogueOf } from './site-option.ts';
import { BadInput, type Command, exit, parseArguments, required } from './terminal.ts';

const help = `fenceline doctor --site DIR [--json] [--lang zh|en]

Says how far the time can be trusted and why (NTP, battery clock, the newest record, the time zone, what the clock
did in the last 30 days), and whether site file and store are sound. Asks the gateway of the site where it runs.
Changes nothing.

  --site DIR   the site directory
  --json       print { needsHelp, checks } as JSON

Exit code: 0 nothing has to be done, 1 something has, 2 the arguments are wrong.

  fenceline doctor --site /var/lib/fenceline`;

export const command: Command = {
  help,
  async run(args, { print, language }) {
    const { values } = parseArguments(args, { site: { type: 'string' }, json: { type: 'boolean', default: false } });
    const directory = siteDirectory(required(values.site, '--site'));
    if (!statSync(directory.root, { throwIfNoEntry: false })?.isDirectory()) {
      throw new BadInput(`${directory.root} is no directory`);
    }
    const store = StoreReader.open(directory.root);
    try {
      const reports = await examine({
        directory,
        check: await checked(directory),
        clock: systemClock,
        machine: linuxMachine(),
        store,
        running: await pictureOf(directory),
      });
      if (values.json) print(JSON.stringify({ needsHelp: needsHelp(reports), checks: reports }, null, 2));
      else print(reportText(reports, language));
      return needsHelp(reports) ? exit.failed : exit.ok;
    } finally {
      if (store instanceof StoreReader) store.close();
    }
  },
};

async function checked({ root, document }: SiteDirectory): Promise<Pick<SiteCheck, 'usable' | 'faults' | 'warnings'>> {
  const text = await readSiteText(document);
  if (typeof text !== 'string') return { faults: [text], warnings: [] };
  return checkSite(text, { catalogue: catalogueOf(root), file: document });
}

/** Of the gateway that runs here; null where none answers, or one of another version. */
async function pictureOf({ socket }: SiteDirectory): Promise<Picture | null> {
  const answer = await askGateway(socket, 'GET', '/api/v1/picture');
  if (answer.kind !== 'answer' || answer.status !== 200) return null;
  return pictureSchema.safeParse(answer.body).data ?? null;
}
