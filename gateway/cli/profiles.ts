import {
  type CatalogueEntry,
  type CatalogueListing,
  checkProfileFile,
  describeFault,
} from '../../device-profiles/catalogue.ts';
import { addProfile } from './add-profile.ts';
import { local as localWord, profileText } from './profile-text.ts';
import { catalogueOf } from './site-option.ts';
import { table } from './table.ts';
import { BadInput, type Command, exit, parseArguments, required, say, type Terminal } from './terminal.ts';

const help = `fenceline profiles list | show ID | check FILE… | check --all | add FILE   [--site DIR] [--json] [--lang zh|en]

  list          every instrument that can be read, with how well its profile is proven
  show ID       one profile: how it is wired as delivered, and what it measures
  check FILE…   check profile files with their captures; --all: every profile of the catalogue
  add FILE      check a profile file and copy it, with the captures beside it, to DIR/profiles, where upgrades leave it alone
                (--site names DIR; --replace where another of its name is there)

  --site DIR    look at the site's own profiles too (DIR/profiles comes first)
  --json        print data instead of tables

Exit code: 0 done, 2 with faults.

  fenceline profiles list
  fenceline profiles show renke/rs-fsxcs-n01
  fenceline profiles check dust-9.yaml
  fenceline profiles add dust-9.yaml --site /var/lib/fenceline`;

type Output = Pick<Terminal, 'print' | 'complain' | 'language'> & { readonly asJson: boolean };

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(args, {
      site: { type: 'string' },
      json: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      replace: { type: 'boolean', default: false },
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
        for (const { fault, remedy, zh } of catalogue.faults(id)) {
          terminal.complain(say({ en: `${fault}; ${remedy}`, zh: `${zh.fault}；${zh.remedy}` }, terminal.language));
        }
        return exit.badInput;
      }
      case 'check': {
        if (names.length === 0 && !values.all) throw new BadInput('check takes profile files, or --all');
        const files = values.all ? catalogue.list().map(({ file }) => file) : names;
        return check(files, output);
      }
      case 'add': {
        const [file, ...more] = names;
        if (file === undefined || more.length > 0) throw new BadInput('add takes one profile file');
        return addProfile(file, required(values.site, '--site'), values.replace, terminal);
      }
      default:
        throw new BadInput('profiles takes list, show, check or add');
    }
  },
};

function list(profiles: readonly CatalogueListing[], { asJson, print, language }: Output): number {
  if (asJson) {
    const short = profiles.map(({ sources: _, ...shown }) => shown);
    print(JSON.stringify(short, null, 2));
    return exit.ok;
  }
  const headings =
    language === 'zh'
      ? ['型号', '名称', '协议', '实录', '手册', '构造', '']
      : ['PROFILE', 'NAME', 'PROTOCOL', 'RECORDED', 'PUBLISHED', 'CONSTRUCTED', ''];
  const rows = profiles.map(({ id, local, name, protocol, captures, faults }) => [
    id,
    name?.[language] ?? '-',
    protocol ?? '-',
    String(captures.recorded),
    String(captures.published),
    String(captures.constructed),
    [
      local ? words.local[language] : '',
      captures.recorded + captures.published === 0 ? words.unproven[language] : '',
      faults.length > 0 ? words.faulty[language] : '',
    ]
      .filter(Boolean)
      .join(' '),
  ]);
  print(table(headings, rows));
  return exit.ok;
}

const words = {
  local: localWord,
  faulty: { zh: '有误', en: 'at fault' },
  unproven: { zh: '未经实测', en: 'unproven' },
} as const;

function show({ id, profile, local, file, hash }: CatalogueEntry, { asJson, print, language }: Output): number {
  if (asJson) {
    print(JSON.stringify({ id, local, file, hash, profile }, null, 2));
    return exit.ok;
  }
  print(profileText({ id, profile, local, file }, language));
  return exit.ok;
}

function check(files: readonly string[], { asJson, print, language }: Output): number {
  const faults = files.flatMap((file) => checkProfileFile(file));
  if (asJson) print(JSON.stringify({ checked: files.length, faults }, null, 2));
  else {
    for (const fault of faults) print(describeFault(fault, language));
    print(
      language === 'zh'
        ? `检查 ${files.length} 个型号文件，错误 ${faults.length} 处`
        : `${files.length} profiles checked, ${faults.length} faults`,
    );
  }
  return faults.length === 0 ? exit.ok : exit.badInput;
}
