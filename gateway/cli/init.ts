import { readdirSync } from 'node:fs';
import { linuxMachine } from '../clock/linux-machine.ts';
import type { Machine } from '../clock/machine.ts';
import { checkSite, type Sentence } from '../site/check-site.ts';
import { prepareSiteDirectory, type SiteDirectory, siteDirectory, siteFileOf } from '../site/site-directory.ts';
import type { SiteDocument } from '../site/site-schema.ts';
import { faultLine } from './fault-lines.ts';
import { catalogueOf } from './site-option.ts';
import { type Command, exit, parseArguments, required, say } from './terminal.ts';

const help = `fenceline init --site DIR --id ID --area CODE [--name NAME] [--kind KIND]

Begins a site: makes DIR and writes a small site.json that passes the check. The serial adapters that are
plugged in become its links; on a machine whose clock stands still while it is off, readings wait until NTP has
set it. Never overwrites a site.

  --site DIR    the site directory
  --id ID       of the gateway, unique in the area
  --area CODE   administrative division code, six digits
  --name NAME   of the enterprise or site
  --kind KIND   construction-site (default), petrol-station, paint-shop, boiler, restaurant,
                water-outfall, air-station or other

  fenceline init --site /var/lib/fenceline --id zl-0001 --area 320404 --name "钟楼区一号工地"`;

export const command: Command = {
  help,
  async run(args, { print, complain, language }) {
    const { values } = parseArguments(args, {
      site: { type: 'string' },
      id: { type: 'string' },
      area: { type: 'string' },
      name: { type: 'string' },
      kind: { type: 'string', default: 'construction-site' },
    });
    const directory = siteDirectory(required(values.site, '--site'));
    const file = siteFileOf(directory);
    const id = required(values.id, '--id');
    const clock = await clockFor(linuxMachine());
    const document = firstDocument({
      id,
      area: required(values.area, '--area'),
      name: values.name ?? id,
      kind: values.kind,
      ...(clock && { clock }),
    });
    const { faults } = checkSite(JSON.stringify(document), {
      catalogue: catalogueOf(directory.root),
      file: 'site.json',
    });
    if (faults.length > 0) {
      for (const { line, ...fault } of faults) complain(faultLine(fault, language));
      return exit.badInput;
    }
    if ((await file.text()) !== null) {
      const next = `fenceline check --site ${directory.root}`;
      const en = `${directory.document} is there already; edit it, then: ${next}`;
      complain(say({ en, zh: `${directory.document} 已存在；请编辑该文件，然后执行 ${next}` }, language));
      return exit.badInput;
    }
    await prepareSiteDirectory(directory);
    await file.write(document);
    print(say(nextSteps(directory), language));
    return exit.ok;
  },
};

/** Without a battery the machine's clock is right only once NTP has set it; where there is no NTP either, somebody must decide. */
export async function clockFor(machine: Pick<Machine, 'ntp' | 'batteryClock'>): Promise<SiteDocument['clock']> {
  const [ntp, battery] = await Promise.all([machine.ntp(), machine.batteryClock()]);
  return ntp !== null && battery === null ? { trust: 'ntp' } : undefined;
}

function firstDocument({
  id,
  area,
  name,
  kind,
  clock,
}: {
  id: string;
  area: string;
  name: string;
  kind: string;
  clock?: SiteDocument['clock'];
}): SiteDocument {
  const links = serialAdapters().map((path, index): [string, SiteDocument['links'][string]] => [
    `rs485-${index + 1}`,
    { kind: 'serial', path, baudRate: 9600, parity: 'none', stopBits: 1 },
  ]);
  return {
    gateway: { id, area, timezone: 'Asia/Shanghai' },
    // The check that follows refuses a kind that there is not.
    source: { name, kind: kind as SiteDocument['source']['kind'] },
    ...(clock && { clock }),
    links: Object.fromEntries(links),
    points: [],
    instruments: [],
    uplinks: [],
    page: { listen: '0.0.0.0:8080' },
  };
}

function nextSteps({ document, root }: SiteDirectory): Sentence {
  const check = `fenceline check --site ${root}`;
  return {
    en: `${document} is written. Next: choose instruments with fenceline profiles list,\nadd points, instruments and uplinks to the file, then: ${check}\nHow far the time of this machine can be trusted: fenceline doctor --site ${root}`,
    zh: `已写入 ${document}。下一步：用 fenceline profiles list 选择型号，\n在文件中添加监测点位、监测仪器和上传平台，然后执行 ${check}\n本机时间是否可信：fenceline doctor --site ${root}`,
  };
}

/** Adapters by the name that stays theirs when they are plugged in again. */
function serialAdapters(): string[] {
  const place = '/dev/serial/by-id';
  try {
    return readdirSync(place)
      .sort()
      .map((name) => `${place}/${name}`);
  } catch {
    return [];
  }
}
