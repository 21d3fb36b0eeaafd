import { statSync } from 'node:fs';
import { keySchema } from '../http/key-route.ts';
import { fingerprintOf } from '../record/key-chain.ts';
import { KeyRing, readChain } from '../site/key-ring.ts';
import { readIfThere, type SiteDirectory, siteDirectory } from '../site/site-directory.ts';
import { lockSite } from '../store/site-lock.ts';
import { Dialogue } from './dialogue.ts';
import { askGateway } from './gateway-socket.ts';
import { bodyOf, noAnswerText } from './no-answer-text.ts';
import {
  BadInput,
  type Command,
  exit,
  interruption,
  parseArguments,
  required,
  say,
  type Terminal,
} from './terminal.ts';

const help = `fenceline key show|rotate --site DIR [--yes] [--json] [--lang zh|en]

show     the public key that the gateway signs with, and its fingerprint to compare over the phone
rotate   takes a new key into use. The old one signs for it and is destroyed, so a platform that trusts the old one
         follows by itself. A running gateway does it at once and goes on; otherwise it is done here, and recorded
         at the next start. There is no way back.

  --site DIR   the site directory
  --yes        do not ask before rotating
  --json       print { publicKey, fingerprint, keys } as JSON

Exit code: 0 done, 1 could not be done, 2 the arguments are wrong.

  fenceline key show --site /var/lib/fenceline
  fenceline key rotate --site /var/lib/fenceline`;

interface KeyText {
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly keys: number;
}

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(args, {
      site: { type: 'string' },
      yes: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const [verb] = positionals;
    if (verb !== 'show' && verb !== 'rotate') throw new BadInput('say show or rotate');
    const directory = siteDirectory(required(values.site, '--site'));
    if (!statSync(directory.root, { throwIfNoEntry: false })?.isDirectory()) {
      throw new BadInput(`${directory.root} is no directory`);
    }
    const now = await keyOf(directory);
    if (now === undefined) {
      const en = `${directory.root} has no key yet; the gateway makes one at its first start`;
      terminal.complain(say({ en, zh: `${directory.root} 尚无密钥；采集网关首次启动时生成` }, terminal.language));
      return exit.failed;
    }
    if (verb === 'show') return show(now, values.json, terminal);
    if (!values.yes && !(await confirmed(now, terminal))) return exit.failed;
    const made = await rotated(directory, terminal);
    return made === undefined ? exit.failed : show(made, values.json, terminal);
  },
};

async function keyOf(directory: SiteDirectory): Promise<KeyText | undefined> {
  const chain = await readChain(directory);
  const newest = chain?.at(-1);
  return newest && keyText(newest.publicKey, chain?.length ?? 1);
}

function keyText(publicKey: string, keys: number): KeyText {
  return { publicKey, fingerprint: fingerprintOf(publicKey), keys };
}

function show(key: KeyText, asJson: boolean, { print, language }: Terminal): number {
  if (asJson) print(JSON.stringify(key));
  else {
    const { publicKey, fingerprint, keys } = key;
    print(
      say(
        {
          en: `fingerprint  ${fingerprint}\npublic key   ${publicKey}\nkeys so far  ${keys}`,
          zh: `密钥指纹  ${fingerprint}\n公钥      ${publicKey}\n密钥数    ${keys}`,
        },
        language,
      ),
    );
  }
  return exit.ok;
}

async function confirmed({ fingerprint }: KeyText, terminal: Terminal): Promise<boolean> {
  const dialogue = new Dialogue(terminal, interruption());
  try {
    return await dialogue.confirms({
      en: `The key ${fingerprint} will be destroyed and a new one take its place; there is no way back. Go on?`,
      zh: `密钥 ${fingerprint} 将被销毁并由新密钥取代，无法恢复。是否继续？`,
    });
  } finally {
    dialogue.close();
  }
}

/** Through the gateway that runs, which then signs with the new key at once; without one, here. */
async function rotated(directory: SiteDirectory, terminal: Terminal): Promise<KeyText | undefined> {
  const answer = await askGateway(directory.socket, 'POST', '/api/v1/key/rotate');
  const made = bodyOf(answer, keySchema);
  if (made !== undefined) return made;
  if (answer.kind !== 'absent' && answer.kind !== 'too-long') {
    terminal.complain(say(noAnswerText(answer, directory, 'key rotate'), terminal.language));
    return undefined;
  }
  // A gateway that answers no commands holds the site: its key must not change under it.
  const lock = lockSite(directory.root);
  if ('refusal' in lock) {
    terminal.complain(lock.message);
    return undefined;
  }
  try {
    const ring = await KeyRing.open(directory);
    await ring.rotate(await gatewayOf(directory));
    const en = 'no gateway runs here: the new key is recorded at its next start';
    terminal.complain(say({ en, zh: '采集网关未运行：新密钥将在下次启动时记入记录' }, terminal.language));
    return keyText(ring.publicKey, ring.chain.length);
  } finally {
    lock.release();
  }
}

/** The id that the old key signs the new one for. */
async function gatewayOf({ document, lastGood }: SiteDirectory): Promise<string> {
  for (const file of [document, lastGood]) {
    try {
      const { gateway } = JSON.parse((await readIfThere(file)) ?? '') as { gateway?: { id?: unknown } };
      if (typeof gateway?.id === 'string') return gateway.id;
    } catch {
      // The next one may be whole.
    }
  }
  throw new BadInput(`${document} names no gateway`);
}
