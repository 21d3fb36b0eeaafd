import { statSync } from 'node:fs';
import { LocalTime, type WallTime } from '../../clock.ts';
import type { ExportChoice } from '../../contract/export/manifest.ts';
import { exportKinds, recordKinds } from '../../export/choice.ts';
import type { ExportTask } from '../../export/export-store.ts';
import { readSigningKey } from '../../record/signature.ts';
import { readChain } from '../../site/key-ring.ts';
import { readIfThere, readSecret, type SiteDirectory, siteDirectory } from '../../site/site-directory.ts';
import { softwareVersion } from '../../software-version.ts';
import { BadInput } from '../terminal.ts';

/** What the arguments ask for, and what of the site it takes to answer. */
type Question = Pick<
  ExportTask,
  'site' | 'gateway' | 'area' | 'timezone' | 'version' | 'choice' | 'pointsOfInstruments' | 'privateKey' | 'keys'
>;

interface Asked {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly kinds?: string | undefined;
  readonly samples: boolean;
  readonly points?: string | undefined;
  readonly factors?: string | undefined;
  readonly instruments?: string | undefined;
}

/** Throws {@link BadInput} where an argument is wrong, or the site has no key to sign with. */
export async function questionOf(path: string, asked: Asked): Promise<Question> {
  const directory = siteDirectory(path);
  if (!statSync(directory.root, { throwIfNoEntry: false })?.isDirectory()) {
    throw new BadInput(`${directory.root} is no directory`);
  }
  const site = await readSite(directory);
  const { privateKey, keys } = await keyOf(directory);
  const instruments = listOf(asked.instruments);
  const strange = instruments?.find((id) => !site.instruments.has(id));
  if (strange !== undefined) {
    throw new BadInput(`--instruments: the site has no ${strange}; it has ${[...site.instruments.keys()].join(', ')}`);
  }
  return {
    site: directory.root,
    gateway: site.gateway,
    area: site.area,
    timezone: site.timezone,
    version: softwareVersion(),
    choice: choiceOf(asked, new LocalTime(site.timezone)),
    pointsOfInstruments: (instruments ?? []).flatMap((id) => site.instruments.get(id) ?? []),
    privateKey,
    keys,
  };
}

function choiceOf(asked: Asked, localTime: LocalTime): ExportChoice {
  const kinds = listOf(asked.kinds) ?? [...recordKinds];
  if (asked.samples && !kinds.includes('samples')) kinds.push('samples');
  for (const kind of kinds) {
    if (!(exportKinds as readonly string[]).includes(kind)) {
      throw new BadInput(`--kinds: there is no ${kind}; there are ${exportKinds.join(',')}`);
    }
  }
  const from = asked.from === undefined ? null : timeOf(asked.from, '--from', localTime, 0);
  const to = asked.to === undefined ? null : timeOf(asked.to, '--to', localTime, 1);
  if (from !== null && to !== null && from >= to) throw new BadInput('--to is not after --from');
  const stamp = (time: WallTime | null): string | null => (time === null ? null : localTime.stamp(time));
  const chosen = {
    points: listOf(asked.points),
    factors: listOf(asked.factors),
    instruments: listOf(asked.instruments),
  };
  return { from: stamp(from), to: stamp(to), kinds, ...chosen };
}

const dayAlone = /^\d{4}-\d\d-\d\d$/;
const moment = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?$/;

/** A day alone is its beginning, or with `days` 1 the beginning of the next. */
function timeOf(text: string, option: string, localTime: LocalTime, days: number): WallTime {
  const wrong = new BadInput(`${option} takes a time such as 2026-11-01 or 2026-11-01T08:30, not ${text}`);
  if (dayAlone.test(text)) {
    const noon = Date.parse(`${text}T12:00:00Z`);
    if (Number.isNaN(noon) || !new Date(noon).toISOString().startsWith(text)) throw wrong;
    const day = new Date(noon + days * 86_400_000).toISOString().slice(0, 10);
    return localTime.momentOf(`${day}T00:00:00`) ?? raise(wrong);
  }
  if (!moment.test(text)) throw wrong;
  const iso = text.replace(' ', 'T');
  const time = /[+-]\d\d:\d\d$/.test(iso.slice(11)) ? Date.parse(iso) : localTime.momentOf(iso);
  return time === undefined || Number.isNaN(time) ? raise(wrong) : (time as WallTime);
}

function raise(fault: BadInput): never {
  throw fault;
}

function listOf(text: string | undefined): string[] | null {
  if (text === undefined) return null;
  const list = text.split(',').map((one) => one.trim());
  return list.filter((one) => one !== '');
}

/** `64MB`, `1GB`; bytes. Below 4 GB, which is all that a file on FAT can have. */
export function partSize(text: string): number {
  const [, number = '', unit] = /^(\d{1,4})(MB|GB)$/.exec(text) ?? [];
  const bytes = Number(number) * (unit === 'GB' ? 1_000_000_000 : 1_000_000);
  if (!(bytes >= 1_000_000 && bytes <= 2_000_000_000)) throw new BadInput('--part takes 1MB to 2GB, such as 64MB');
  return bytes;
}

async function keyOf(directory: SiteDirectory): Promise<Pick<Question, 'privateKey' | 'keys'>> {
  try {
    const pem = await readSecret(directory, 'signing-key');
    const keys = await readChain(directory);
    if (pem !== undefined && keys !== undefined) return { privateKey: readSigningKey(pem), keys };
  } catch (error) {
    throw new BadInput(`the key that signs the manifest cannot be read: ${(error as Error).message}`);
  }
  throw new BadInput(`${directory.root} has no key yet to sign with; the gateway makes one at its first start`);
}

interface SiteFacts {
  readonly gateway: string;
  readonly area: string;
  readonly timezone: string;
  /** Points that each instrument measures at. */
  readonly instruments: ReadonlyMap<string, readonly string[]>;
}

/** What the export needs of the site; a site file with a fault elsewhere is no reason not to export. */
async function readSite({ document, lastGood }: SiteDirectory): Promise<SiteFacts> {
  for (const file of [document, lastGood]) {
    try {
      const site = JSON.parse((await readIfThere(file)) ?? '');
      const { id, area, timezone = 'Asia/Shanghai' } = site.gateway;
      const instruments = (site.instruments ?? []) as {
        id: string;
        point?: string;
        channels?: Record<string, string>;
      }[];
      if (typeof id !== 'string' || typeof area !== 'string') continue;
      return {
        gateway: id,
        area,
        timezone: new LocalTime(timezone).timezone,
        instruments: new Map(
          instruments.map((one) => [one.id, [one.point ?? [], Object.values(one.channels ?? {})].flat()]),
        ),
      };
    } catch {
      // The next one may be whole.
    }
  }
  throw new BadInput(`${document} names no gateway`);
}
