import {
  type CatalogueEntry,
  type CatalogueListing,
  checkProfileFile,
  describeFault,
} from '../../device-profiles/catalogue.ts';
import { factors } from '../../device-profiles/factors.ts';
import { isComputed, isSlot, type ProfilePoint, pointsOf } from '../../device-profiles/profile.ts';
import { operatorOf } from '../../device-profiles/value/operators.ts';
import { lineText } from '../site/check/links.ts';
import { catalogueOf } from './site-option.ts';
import { table } from './table.ts';
import { BadInput, type Command, exit, type Language, parseArguments, type Terminal } from './terminal.ts';

const help = `fenceline profiles list | show ID | check FILE… | check --all   [--site DIR] [--json] [--lang zh|en]

  list          every instrument that can be read, with how well its profile is proven
  show ID       one profile: how it is wired as delivered, and what it measures
  check FILE…   check profile files with their captures; --all: every profile of the catalogue

  --site DIR    look at the site's own profiles too (DIR/profiles comes first)
  --json        print data instead of tables

Exit code: 0 done, 2 with faults.

  fenceline profiles list
  fenceline profiles show renke/rs-fsxcs-n01
  fenceline profiles check profiles/acme/dust-9.yaml`;

type Output = Pick<Terminal, 'print' | 'complain' | 'language'> & { readonly asJson: boolean };

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(args, {
      site: { type: 'string' },
      json: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
    });
    const [action, ...names] = positionals;
    const catalogue = catalogueOf(values.site ?? '.');
    const output = { ...terminal, asJson: values.json };
    switch (action) {
      case 'list':
        return list(catalogue.list(), output);
      case 'show': {
        const [id] = names;
        if (id === undefined) throw new BadInput('show takes the id of a profile');
        const entry = catalogue.find(id);
        if (entry !== undefined) return show(entry, output);
        for (const { fault, remedy } of catalogue.faults(id)) terminal.complain(`${fault}; ${remedy}`);
        return exit.badInput;
      }
      case 'check': {
        if (names.length === 0 && !values.all) throw new BadInput('check takes profile files, or --all');
        const files = values.all ? catalogue.list().map(({ file }) => file) : names;
        return check(files, output);
      }
      default:
        throw new BadInput('profiles takes list, show or check');
    }
  },
};

function list(profiles: readonly CatalogueListing[], { asJson, print, language }: Output): number {
  if (asJson) {
    const short = profiles.map(({ id, local, file, profile, captures, faults }) => {
      return { id, local, file, name: profile?.name ?? null, protocol: profile?.protocol ?? null, captures, faults };
    });
    print(JSON.stringify(short, null, 2));
    return exit.ok;
  }
  const headings =
    language === 'zh'
      ? ['型号', '名称', '协议', '实录', '手册', '构造', '']
      : ['PROFILE', 'NAME', 'PROTOCOL', 'RECORDED', 'PUBLISHED', 'CONSTRUCTED', ''];
  const rows = profiles.map(({ id, local, profile, captures, faults }) => [
    id,
    profile?.name[language] ?? '-',
    profile?.protocol ?? '-',
    String(captures.recorded),
    String(captures.published),
    String(captures.constructed),
    [local ? words.local[language] : '', faults.length > 0 ? words.faulty[language] : ''].filter(Boolean).join(' '),
  ]);
  print(table(headings, rows));
  return exit.ok;
}

const words = {
  local: { zh: '本地', en: 'local' },
  faulty: { zh: '有误', en: 'at fault' },
} as const;

function show({ id, profile, local, file, hash }: CatalogueEntry, { asJson, print, language }: Output): number {
  if (asJson) {
    print(JSON.stringify({ id, local, file, hash, profile }, null, 2));
    return exit.ok;
  }
  print(facts({ id, profile, local, file }, language).join('\n'));
  print('');
  const headings =
    language === 'zh'
      ? ['测点', '监测因子', '单位', '量程', '通道', '选配', '寄存器']
      : ['POINT', 'FACTOR', 'UNIT', 'RANGE', 'CHANNEL', 'OPTIONAL', 'REGISTER'];
  print(
    table(
      headings,
      pointsOf(profile).map((point) => pointRow(point, language)),
    ),
  );
  for (const gotcha of profile.gotchas) print(`\n! ${gotcha[language]}`);
  return exit.ok;
}

function facts({ id, profile, local, file }: Omit<CatalogueEntry, 'hash'>, language: Language): string[] {
  const serial = lineText(profile.serial.default);
  const address = profile.protocol === 'modbus' ? addressText(profile.address) : '-';
  const [named, wired, addressed, from] =
    language === 'zh' ? ['名称', '串口参数', '从站地址', '文件'] : ['name', 'line', 'address', 'file'];
  const variants = (profile.variants ?? []).map((one) => [`${id.split('@')[0]}@${one.id}`, one.name[language]]);
  return [
    `${id}  ${profile.protocol}${local ? `  ${words.local[language]}` : ''}`,
    table(
      [named ?? '', profile.name[language]],
      [[wired ?? '', serial], [addressed ?? '', address], [from ?? '', file], ...variants],
    ),
  ];
}

function addressText({
  default: delivered,
  range: [lowest, highest],
}: {
  default: number;
  range: [number, number];
}): string {
  return `${delivered} (${lowest}-${highest})`;
}

function pointRow(point: ProfilePoint, language: Language): string[] {
  const { zh, en, unit } = factors[point.factor];
  return [
    point.id,
    language === 'zh' ? zh : en,
    unit,
    point.range === undefined ? '' : `${point.range[0]}…${point.range[1]}`,
    point.channel ?? '',
    point.optional ? (language === 'zh' ? '是' : 'yes') : '',
    placeOf(point),
  ];
}

/** Where it stands on the wire: function code and register, byte, identifier or code; what it is made of if nowhere. */
function placeOf(point: ProfilePoint): string {
  if (isSlot(point)) return `${point.slots} ${point.code}`;
  if (isComputed(point)) {
    const { operator, inputs } = operatorOf(point);
    return `${operator} ${inputs.join(', ')}`;
  }
  if ('byteOffset' in point) return `byte ${point.byteOffset}`;
  if ('identifier' in point) return `${point.identifier} ${point.format}`;
  if ('codes' in point) return `${point.codes.join(', ')} -${point.field} ${point.unit}`;
  const hex = point.register.toString(16).toUpperCase().padStart(4, '0');
  return `FC${point.functionCode} 0x${hex} ${point.type}`;
}

function check(files: readonly string[], { asJson, print, language }: Output): number {
  const faults = files.flatMap((file) => checkProfileFile(file));
  if (asJson) print(JSON.stringify({ checked: files.length, faults }, null, 2));
  else {
    for (const fault of faults) print(describeFault(fault));
    print(
      language === 'zh'
        ? `检查 ${files.length} 个型号文件，错误 ${faults.length} 处`
        : `${files.length} profiles checked, ${faults.length} faults`,
    );
  }
  return faults.length === 0 ? exit.ok : exit.badInput;
}
