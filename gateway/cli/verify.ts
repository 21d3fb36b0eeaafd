import { statSync } from 'node:fs';
import { LocalTime } from '../clock.ts';
import { openExport } from '../contract/export/read-export.ts';
import { isFault } from '../contract/fields.ts';
import type { ProofReport } from '../proof/finding.ts';
import { verifyExport } from '../proof/verify-export.ts';
import { type Progress, verifyStore } from '../proof/verify-store.ts';
import { publicKeyText, readSigningKey } from '../record/signature.ts';
import { readChain } from '../site/key-ring.ts';
import { readSecret, type SiteDirectory, siteDirectory, siteFileOf } from '../site/site-directory.ts';
import { BadInput, type Command, exit, parseArguments, required, say, type Terminal } from './terminal.ts';
import { reportText } from './verify/report-text.ts';

const help = `fenceline verify --site DIR | EXPORT_DIRECTORY [--key KEY] [--json] [--lang zh|en]

Recomputes the hash chain of everything that a site's store or an export holds, and says in plain words what holds
and what does not, where, and what is known of the time before and after. Never changes anything, and can be run
beside the running gateway.

  --site DIR         the site directory whose store is verified
  EXPORT_DIRECTORY   an export, wherever it was carried to: its signature, every file, and every line of JSON lines
  --key KEY          of an export: the public key that is known to be the gateway's, or was; base64, as fenceline key
                     show gives it. Without it, compare the fingerprint of the last key with the gateway's page
  --json             print the report as JSON

Exit code: 0 everything holds, 1 something does not, 2 there is nothing here that could be verified.

  fenceline verify --site /var/lib/fenceline
  fenceline verify /media/usb/november`;

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(args, {
      site: { type: 'string' },
      key: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    const [path] = positionals;
    const isExport = path !== undefined;
    if (isExport === (values.site !== undefined))
      throw new BadInput('name either --site DIR or the directory of an export');
    if (!isExport && values.key !== undefined) throw new BadInput('--key goes with an export');
    const progress = progressOn(terminal);
    const { report, timezone } = isExport
      ? await ofExport(path, values.key, progress)
      : await ofStore(required(values.site, '--site'), progress);
    terminal.status?.('');
    if ('fault' in report) {
      terminal.complain(report.message);
      return exit.badInput;
    }
    const holds = report.findings.length === 0;
    if (values.json) terminal.print(JSON.stringify({ holds, ...report }, null, 2));
    else terminal.print(reportText(report, new LocalTime(timezone), terminal.language));
    return holds ? exit.ok : exit.failed;
  },
};

type Verified = { report: ProofReport | { readonly fault: string; readonly message: string }; timezone: string };

async function ofStore(path: string, progress: Progress): Promise<Verified> {
  const directory = siteDirectory(path);
  if (!statSync(directory.root, { throwIfNoEntry: false })?.isDirectory()) {
    throw new BadInput(`${directory.root} is no directory`);
  }
  const publicKey = await recordedKeyOf(directory);
  return { report: await verifyStore(directory.root, publicKey, progress), timezone: await timezoneOf(path) };
}

/** The newest key that the records must know: one that was made a moment ago waits for its commit. */
async function recordedKeyOf(directory: SiteDirectory): Promise<string | undefined> {
  const chain = await readChain(directory).catch(() => undefined);
  if (chain !== undefined) return chain.findLast(({ recorded }) => recorded)?.publicKey;
  const pem = await readSecret(directory, 'signing-key').catch(() => undefined);
  return pem === undefined ? undefined : publicKeyText(readSigningKey(pem));
}

async function ofExport(path: string, key: string | undefined, progress: Progress): Promise<Verified> {
  if (key !== undefined && !/^[A-Za-z0-9+/]{43}=$/.test(key))
    throw new BadInput('--key takes a public key, 44 characters of base64');
  const open = await openExport(path);
  const timezone = isFault(open) ? 'Asia/Shanghai' : open.manifest.timezone;
  return { report: await verifyExport(path, key, progress), timezone };
}

/** Times are shown as at the site; a site file that cannot be read is no reason not to verify. */
export async function timezoneOf(path: string): Promise<string> {
  try {
    const text = await siteFileOf(siteDirectory(path)).text();
    const { gateway } = JSON.parse(text ?? '{}') as { gateway?: { timezone?: unknown } };
    const timezone = typeof gateway?.timezone === 'string' ? gateway.timezone : 'Asia/Shanghai';
    return new LocalTime(timezone).timezone;
  } catch {
    return 'Asia/Shanghai';
  }
}

function progressOn({ status, language }: Terminal): Progress {
  let shown = '';
  return (done, all) => {
    const percent = String(Math.floor((100 * done) / Math.max(all, 1)));
    if (percent === shown) return;
    shown = percent;
    status?.(say({ en: `${percent} % of ${all} entries`, zh: `共 ${all} 条，已核验 ${percent} %` }, language));
  };
}
