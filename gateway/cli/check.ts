import { basename } from 'node:path';
import { systemClock } from '../clock.ts';
import { checkSite, type SiteCheck, type SiteFault } from '../site/check-site.ts';
import { readSiteText } from '../site/load-site.ts';
import { NodeAccounts } from '../site/node-accounts.ts';
import { siteDirectory } from '../site/site-directory.ts';
import type { Site } from '../site/site-schema.ts';
import { type CredentialFiles, readCredentials } from '../uplink/connecting/credentials.ts';
import { faultLine, warningLine } from './fault-lines.ts';
import { catalogueOf, siteOption } from './site-option.ts';
import { type Command, exit, parseArguments, required, type Terminal } from './terminal.ts';

const help = `fenceline check --site DIR|FILE [--json] [--lang zh|en]

Checks a site file without running it: every fault at once, one line each, with file, line, field,
what is wrong and what to write instead. Warnings do not fail the check. Passwords and certificates of
the uplinks are looked at too: whether they are there, fit together, and hold for 30 days yet.

  --site DIR|FILE   the site directory, or a site file
  --json            print { faults, warnings } as JSON

Exit code: 0 without faults, 2 with faults.

  fenceline check --site /var/lib/fenceline
  fenceline check --site draft.json --lang en`;

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(args, { site: { type: 'string' }, json: { type: 'boolean' } });
    const { directory, file } = siteOption(required(values.site ?? positionals[0], '--site'));
    const text = await readSiteText(file);
    const site: SiteCheck =
      typeof text === 'string'
        ? checkSite(text, { catalogue: catalogueOf(directory), file, adopted: await adoptedIn(directory, file) })
        : { faults: [text], warnings: [], leftOut: [] };
    // A draft that lies elsewhere has no secrets beside it.
    const ofLinks = basename(file) === 'site.json' ? await checkCredentials(site.usable, directory, file) : nothing;
    const checked = {
      faults: [...site.faults, ...ofLinks.faults],
      warnings: [...site.warnings, ...ofLinks.warnings],
    };
    report(file, checked, values.json ?? false, terminal);
    return checked.faults.length === 0 ? exit.ok : exit.badInput;
  },
};

/** Nodes that have an account here; a draft that lies elsewhere is held against none. */
async function adoptedIn(directory: string, file: string): Promise<readonly string[] | undefined> {
  if (basename(file) !== 'site.json') return undefined;
  try {
    return (await NodeAccounts.open(siteDirectory(directory))).list().map(({ node }) => node);
  } catch {
    // The gateway says so when it starts, with what to do.
    return undefined;
  }
}

type Checked = Pick<SiteCheck, 'faults' | 'warnings'>;

const nothing: Checked = { faults: [], warnings: [] };

/** Passwords and certificates of links and uplinks: whether the files are there, fit together, and hold for some time yet. */
async function checkCredentials(site: Site | undefined, directory: string, file: string): Promise<Checked> {
  const { secrets } = siteDirectory(directory);
  const [faults, warnings]: [SiteFault[], SiteFault[]] = [[], []];
  const uplinks = (site?.uplinks ?? []).map((settings, index) => [`uplinks[${index}]`, settings] as const);
  for (const [place, settings] of [...credentialsOfNodes(site), ...uplinks]) {
    const { findings } = await readCredentials({ secrets, settings }, systemClock.wall());
    for (const { field, isGrave, fault, remedy } of findings) {
      const into = isGrave ? faults : warnings;
      into.push({ file, field: `${place}.${field}`, fault, remedy, stops: [] });
    }
  }
  return { faults, warnings };
}

/** What links to nodes log in with, or show to those who do. */
function credentialsOfNodes(site: Site | undefined): [string, CredentialFiles['settings']][] {
  return Object.entries(site?.links ?? {}).flatMap(([name, link]): [string, CredentialFiles['settings']][] => {
    if (link.kind !== 'nodes') return [];
    const { url, username, passwordFile, tls } = link;
    if (url !== undefined) return [[`links.${name}`, { url, username, passwordFile, tls: tls && { ca: tls.ca } }]];
    // Of the own broker there is a certificate and its key; the address is ours.
    const { certificate, key } = tls ?? {};
    const own = { url: 'mqtts://localhost', username: undefined, passwordFile: undefined, tls: { certificate, key } };
    return tls === undefined ? [] : [[`links.${name}`, own]];
  });
}

function report(file: string, { faults, warnings }: Checked, asJson: boolean, { print, language }: Terminal): void {
  if (asJson) {
    print(JSON.stringify({ faults, warnings }, null, 2));
    return;
  }
  for (const fault of faults) print(faultLine(fault, language));
  for (const warning of warnings) print(warningLine(warning, language));
  print(
    language === 'zh'
      ? `${file}：错误 ${faults.length} 处，警告 ${warnings.length} 处`
      : `${file}: ${count(faults.length, 'fault')}, ${count(warnings.length, 'warning')}`,
  );
}

function count(number: number, noun: string): string {
  return `${number === 0 ? 'no' : number} ${noun}${number === 1 ? '' : 's'}`;
}
