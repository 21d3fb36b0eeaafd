import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  capturesFileOf,
  checkProfileFile,
  describeFault,
  loadCatalogue,
  type ProfileFault,
  profileNameIn,
} from '../../device-profiles/catalogue.ts';
import type { Sentence } from '../site/check-site.ts';
import { makeDirectory, writeDurably } from '../site/durable-file.ts';
import { readIfThere, siteDirectory } from '../site/site-directory.ts';
import { exit, say, type Terminal } from './terminal.ts';

interface Addition {
  /** `maker/model`. */
  readonly id: string;
  readonly profile: string;
  /** Undefined where the profile comes without captures. */
  readonly captures: string | undefined;
  /** Where the two go. */
  readonly target: string;
}

/**
 * Puts a profile and its captures into the site's own profiles, where an upgrade does not touch them. They are checked
 * first, as they will stand there; with a fault nothing is written.
 */
export async function addProfile(file: string, site: string, replace: boolean, terminal: Terminal): Promise<number> {
  const { complain, language } = terminal;
  const own = siteDirectory(site).profiles;
  const addition = await read(file, own);
  if ('faults' in addition) return refuse(addition.faults, terminal);
  const there = await readIfThere(addition.target);
  if (there !== undefined && there !== addition.profile && !replace) {
    complain(say(words.taken(addition.target), language));
    return exit.badInput;
  }
  const faults = await rehearse(addition, own, file);
  if (faults.length > 0) return refuse(faults, terminal);
  const shadows = loadCatalogue({ directories: [] }).find(addition.id) !== undefined;
  await makeDirectory(dirname(addition.target));
  if (addition.captures !== undefined) await writeDurably(capturesFileOf(addition.target), addition.captures);
  await writeDurably(addition.target, addition.profile);
  const proven = addition.captures ?? (await readIfThere(capturesFileOf(addition.target)));
  terminal.print(say(words.added(addition.id, addition.target), language));
  if (shadows) terminal.print(say(words.shadows(addition.id), language));
  if (proven === undefined) terminal.print(say(words.unproven(capturesFileOf(file)), language));
  return exit.ok;
}

async function read(file: string, own: string): Promise<Addition | { faults: ProfileFault[] }> {
  const name = profileNameIn(file);
  if ('faults' in name) return name;
  const captures = await readIfThere(capturesFileOf(file));
  return { id: name.id, profile: await readFile(file, 'utf8'), captures, target: join(own, `${name.id}.yaml`) };
}

/** Checks both files in a directory of their own, named as they will be, beside the profiles that are there already. */
async function rehearse(addition: Addition, own: string, given: string): Promise<ProfileFault[]> {
  const { id, profile, captures, target } = addition;
  await makeDirectory(own);
  const stage = await mkdtemp(join(own, '.adding-'));
  try {
    const staged = join(stage, `${id}.yaml`);
    await mkdir(dirname(staged), { recursive: true });
    await writeFile(staged, profile);
    if (captures !== undefined) await writeFile(capturesFileOf(staged), captures);
    // Captures that are there already have to hold for what takes the profile's place.
    else await cp(capturesFileOf(target), capturesFileOf(staged)).catch(() => {});
    const extendsItself = new RegExp(`^extends:\\s*['"]?${id}['"]?\\s*$`, 'm').test(profile);
    return checkProfileFile(staged, extendsItself ? [] : [own]).map((fault) => {
      const names = new Map([
        [staged, given],
        [capturesFileOf(staged), capturesFileOf(captures === undefined ? target : given)],
      ]);
      return { ...fault, file: names.get(fault.file) ?? fault.file };
    });
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

function refuse(faults: readonly ProfileFault[], { complain, language }: Terminal): number {
  for (const fault of faults) complain(describeFault(fault, language));
  complain(say(words.nothing, language));
  return exit.badInput;
}

const words = {
  taken: (target: string): Sentence => ({
    en: `${target} is there already and says something else; --replace puts this one in its place`,
    zh: `${target} 已存在且内容不同；加 --replace 可替换`,
  }),
  added: (id: string, target: string): Sentence => ({
    en: `${id} stands in ${target}; write "profile": "${id}" in site.json and restart the gateway`,
    zh: `${id} 已存入 ${target}；在 site.json 中写 "profile": "${id}"，然后重启采集网关`,
  }),
  shadows: (id: string): Sentence => ({
    en: `it is used in place of the ${id} that comes with Fenceline, also after an upgrade`,
    zh: `它会取代自带的 ${id}，升级后仍然如此`,
  }),
  unproven: (captures: string): Sentence => ({
    en: `no captures prove it: write recorded bytes and what they mean into ${captures}`,
    zh: `尚无实录数据佐证：把录得的字节及其含义写入 ${captures}`,
  }),
  nothing: { en: 'nothing was added', zh: '未添加任何文件' },
} as const;
