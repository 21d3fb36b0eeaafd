import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestAuthority } from '../../test-rigs/surroundings/certificates.ts';
import { Accounts, administrator } from '../http/access/accounts.ts';
import { runCommandLine } from './command-line.ts';
import { displayWidth, table } from './table.ts';
import { type Language, languageOf } from './terminal.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fenceline-cli-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

interface Outcome {
  readonly code: number;
  readonly printed: string;
  readonly complained: string;
}

/** Runs a command line in this process. */
async function fenceline(args: readonly string[], { input = '', language = 'en' as Language } = {}): Promise<Outcome> {
  const printed: string[] = [];
  const complained: string[] = [];
  const stdin = new PassThrough();
  stdin.end(input);
  const code = await runCommandLine(args, {
    language,
    input: stdin as unknown as NodeJS.ReadStream,
    print: (text) => void printed.push(text),
    complain: (text) => void complained.push(text),
  });
  return { code, printed: printed.join('\n'), complained: complained.join('\n') };
}

/** Runs it as a process of its own, the way a technician does. */
function spawnFenceline(args: readonly string[], environment: Record<string, string> = {}): SpawnSyncReturns<string> {
  const env = { ...process.env, LC_ALL: 'C', ...environment };
  return spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { encoding: 'utf8', env });
}

const faultySite = JSON.stringify(
  {
    gateway: { id: 'zl-0001', area: '320404' },
    source: { name: '一号工地', kind: 'construction-site' },
    links: { 'rs485-1': { kind: 'serial', path: '/dev/serial/by-id/usb-1', baudRate: 9600 } },
    points: [{ id: 'north-gate' }],
    instruments: [
      { id: 'dust-1', profile: 'jxct/jxbs-3001-pn', link: 'rs485-1', address: 1, every: '10s', point: 'north-gate' },
      { id: 'meter-1', profile: 'eastron/sdm120', link: 'rs485-2', adress: 2, address: 2, every: '4s', point: 'fan' },
    ],
  },
  null,
  2,
);

describe('fenceline check', () => {
  test('prints file, line, field, fault and remedy, one line each, all at once, and ends with 2', () => {
    const file = join(directory, 'site.json');
    writeFileSync(file, faultySite);
    const { status, stdout, stderr } = spawnFenceline(['check', '--site', directory]);
    expect(stdout.trimEnd().split('\n')).toEqual([
      `${file}:25: instruments[0].profile: there is no profile jxct/jxbs-3001-pn; write jxct/jxbs-3001-pm`,
      `${file}:34: instruments[1].link: there is no link rs485-2; write rs485-1`,
      `${file}:35: instruments[1].adress: unknown field; write address`,
      `${file}:38: instruments[1].point: there is no point fan; write one of: north-gate`,
      `${file}: 4 faults, no warnings`,
    ]);
    expect([status, stderr]).toEqual([2, '']);
  });

  test('speaks Chinese where the environment does', () => {
    writeFileSync(join(directory, 'site.json'), '{ "gateway"： 1 }');
    const { status, stdout } = spawnFenceline(['check', '--site', join(directory, 'site.json')], {
      LC_ALL: 'zh_CN.UTF-8',
    });
    expect(stdout).toContain('site.json:1:12：全角字符 ：；切换到英文输入法，改为 :');
    expect(status).toBe(2);
  });

  test('names a site file that is missing, and what to do', async () => {
    const { code, printed } = await fenceline(['check', '--site', directory]);
    expect(printed).toContain('site.json: there is no such file; write one; fenceline init --site DIR begins it');
    expect(code).toBe(2);
  });

  test('prints faults as data with --json', async () => {
    writeFileSync(join(directory, 'site.json'), faultySite);
    const { code, printed } = await fenceline(['check', '--json', '--site', directory]);
    const { faults } = JSON.parse(printed) as { faults: { field: string; line: number }[] };
    expect(faults.map(({ field, line }) => [field, line])).toContainEqual(['instruments[1].adress', 35]);
    expect(code).toBe(2);
  });

  test('knows the profiles of the site itself', async () => {
    const mine = join(directory, 'profiles', 'acme');
    mkdirSync(mine, { recursive: true });
    writeFileSync(
      join(mine, 'dust-9.yaml'),
      'profile: acme/dust-9\nextends: jxct/jxbs-3001-pm\nname: { zh: 扬尘仪, en: Dust }\n',
    );
    const text = faultySite.replace('jxct/jxbs-3001-pn', 'acme/dust-9');
    writeFileSync(join(directory, 'site.json'), text);
    const { printed } = await fenceline(['check', '--site', directory]);
    expect(printed).not.toContain('instruments[0].profile');
    expect(printed).toContain('warning: ');
    expect(printed).toContain('instruments[0].every: gives 6 samples a minute');
  });

  test('looks at the passwords and certificates of the uplinks, in both languages', async () => {
    const secrets = join(directory, 'secrets');
    mkdirSync(secrets);
    const authority = new TestAuthority();
    const until = new Date(Date.now() + 12.5 * 86_400_000);
    const { certificate, key } = authority.issue({ name: 'zl-0001', until });
    copyFileSync(certificate, join(secrets, 'gateway.pem'));
    copyFileSync(key, join(secrets, 'gateway.key'));
    authority.remove();
    const tls = { certificate: 'gateway.pem', key: 'gateway.key' };
    const uplink = { id: 'district', kind: 'mqtt', url: 'mqtts://h:8883', username: 'a', passwordFile: 'pass', tls };
    const { gateway, source } = JSON.parse(faultySite) as Record<string, object>;
    const write = (uplinks: object[]): void =>
      writeFileSync(
        join(directory, 'site.json'),
        JSON.stringify({ gateway, source, links: {}, points: [], instruments: [], uplinks }),
      );
    write([uplink]);
    const lacking = await fenceline(['check', '--site', directory]);
    expect(lacking.printed).toMatch(
      /uplinks\[0\]\.passwordFile: secrets\/pass cannot be read \(ENOENT\); put the file/,
    );
    expect(lacking.code).toBe(2);
    writeFileSync(join(secrets, 'pass'), 'correct horse', { mode: 0o644 });
    const whole = await fenceline(['check', '--site', directory]);
    expect(whole.code).toBe(0);
    expect(whole.printed).toMatch(/warning: .*tls\.certificate: this gateway's certificate ends in 12 days, on 20/);
    expect(whole.printed).toMatch(/warning: .*passwordFile: secrets\/pass has mode 0644.*; chmod 600 secrets\/pass/);
    expect(whole.printed).not.toContain('correct horse');
    const chinese = await fenceline(['check', '--site', directory], { language: 'zh' });
    expect(chinese.printed).toContain('本网关的证书还有 12 天到期');
    write([{ ...uplink, url: 'mqtt://h:1883', username: undefined }]);
    const apart = await fenceline(['check', '--site', directory]);
    expect(apart.printed).toMatch(/uplinks\[0\]\.username: is missing; the user that the broker knows/);
    expect(apart.printed).toMatch(/uplinks\[0\]\.tls: .*; TLS needs an address with mqtts:\/\//);
  });
});

describe('fenceline init', () => {
  const args = (): string[] => ['init', '--site', join(directory, 'site'), '--id', 'zl-0001', '--area', '320404'];

  test('begins a site that passes the check', async () => {
    expect((await fenceline([...args(), '--name', '一号工地'])).code).toBe(0);
    const checked = await fenceline(['check', '--site', join(directory, 'site')]);
    expect(checked).toMatchObject({ code: 0, complained: '' });
    expect(checked.printed).toMatch(/no faults, no warnings$/);
  });

  test('never overwrites a site', async () => {
    await fenceline(args());
    const before = readFileSync(join(directory, 'site', 'site.json'), 'utf8');
    const second = await fenceline([...args(), '--name', 'another']);
    expect(second.code).toBe(2);
    expect(second.complained).toContain('is there already');
    expect(readFileSync(join(directory, 'site', 'site.json'), 'utf8')).toBe(before);
  });

  test('refuses an area that is none, and writes nothing', async () => {
    const { code, complained } = await fenceline(args().map((one) => (one === '320404' ? 'Zhonglou' : one)));
    expect(code).toBe(2);
    expect(complained).toContain('gateway.area: "Zhonglou" is not allowed; the administrative division code');
    expect((await fenceline(['check', '--site', join(directory, 'site')])).printed).toContain('there is no such file');
  });
});

describe('fenceline profiles', () => {
  test('lists every instrument with its name in the language that was asked for', async () => {
    const { code, printed } = await fenceline(['profiles', 'list', '--lang', 'zh']);
    expect(code).toBe(0);
    expect(printed).toMatch(/^plantower\/pms5003 .*framed/m);
    expect(printed).toMatch(/^renke\/rs-fsxcs-n01 +\S*[\u4e00-\u9fff]/m);
    expect(printed).not.toContain('eastron/meter ');
    expect(printed).toMatch(/^eastron\/sdm220 .*未经实测$/m);
    expect(printed).not.toMatch(/^plantower\/pms5003 .*未经实测$/m);
  });

  test('shows what a profile measures and how it is wired as delivered', async () => {
    const { code, printed } = await fenceline(['profiles', 'show', 'eastron/sdm120']);
    expect(code).toBe(0);
    expect(printed).toMatch(/^line +2400-8N1$/m);
    expect(printed).toMatch(/^address +1 \(1-247\)$/m);
    expect(printed).toMatch(/^confidence +A$/m);
    expect(printed).toMatch(/^source +volkszaehler\/mbmd/m);
    expect(printed).toMatch(/^frequency +Frequency +Hz .*FC4 0x0046 float32$/m);
  });

  test('of a board it shows the pin of each relay, and no line settings that a board does not have', async () => {
    const { printed } = await fenceline(['profiles', 'show', 'fenceline/uno-construction-site']);
    expect(printed).toMatch(/^hangs on +a link of "kind": "firmata"$/m);
    expect(printed).not.toMatch(/^(?:address|line)/m);
    expect(printed).toMatch(/^mist-cannon +mist cannon +pin 9 +remote +10 s +600 s +technician$/m);
    const node = await fenceline(['profiles', 'show', 'fenceline/node-plantower', '--lang', 'zh']);
    expect(node.printed).toMatch(/^接在 +"kind": "nodes" 的链路/m);
  });

  test('an unknown profile is told with the nearest one', async () => {
    const { code, complained } = await fenceline(['profiles', 'show', 'eastron/sdm121']);
    expect(code).toBe(2);
    expect(complained).toMatch(/there is no profile eastron\/sdm121; write one of.*eastron\/sdm120/);
  });

  test('every profile of the catalogue passes its check', async () => {
    const { code, printed } = await fenceline(['profiles', 'check', '--all']);
    expect(printed).toMatch(/^[1-9]\d* profiles checked, 0 faults$/);
    expect(code).toBe(0);
  });

  test('a profile file at fault is told by line and field, with exit code 2', async () => {
    const file = join(directory, 'acme', 'dust-9.yaml');
    mkdirSync(join(directory, 'acme'));
    writeFileSync(
      file,
      'profile: acme/dust-9\nextends: jxct/jxbs-3001-pm\nname: { zh: 扬尘仪, en: Dust }\nwarmup: 5\n',
    );
    const { code, printed } = await fenceline(['profiles', 'check', file]);
    expect(printed).toMatch(/dust-9\.yaml:4: warmup: unknown field/);
    expect(code).toBe(2);
  });
});

describe('fenceline password', () => {
  test('sets the password that the page then takes', async () => {
    const { code } = await fenceline(['password', '--site', directory, '--stdin'], { input: 'correct horse\nrest\n' });
    expect(code).toBe(0);
    const accounts = await Accounts.open(directory);
    expect(await accounts.check(administrator, 'correct horse')).not.toBeNull();
    expect(await accounts.check(administrator, 'rest')).toBeNull();
  });

  test('refuses one that is too short and changes nothing', async () => {
    await fenceline(['password', '--site', directory, '--stdin'], { input: 'correct horse\n' });
    const { code, complained } = await fenceline(['password', '--site', directory, '--stdin'], { input: 'short\n' });
    expect([code, complained]).toEqual([
      2,
      'the password has 5 characters, at least 8 are needed; nothing was changed',
    ]);
    expect(await (await Accounts.open(directory)).check(administrator, 'correct horse')).not.toBeNull();
  });

  test('does not ask where there is no terminal', async () => {
    const { code, complained } = await fenceline(['password', '--site', directory]);
    expect([code, complained]).toEqual([2, 'this is no terminal to ask at; use --stdin']);
  });

  test('makes no site out of a mistyped path', async () => {
    const { code, complained } = await fenceline(['password', '--site', join(directory, 'sit'), '--stdin'], {
      input: 'x',
    });
    expect(code).toBe(2);
    expect(complained).toContain('is no directory');
  });
});

describe('the command line', () => {
  test.each(['init', 'check', 'run', 'read', 'profiles', 'password'])(
    '%s --help shows usage and an example',
    async (name) => {
      const { code, printed } = await fenceline([name, '--help']);
      expect(code).toBe(0);
      expect(printed).toMatch(new RegExp(`^fenceline ${name} [^]*\n {2}(?:.*\\| )?fenceline ${name} `));
    },
  );

  test.each([
    [['chek'], 'there is no command chek; there are: init, check, run'],
    [['constructor'], 'there is no command constructor'],
    [['check'], 'fenceline check: --site is missing; see fenceline check --help'],
    [['check', '--sight', 'x'], "fenceline check: Unknown option '--sight'"],
    [['check', '--lang', 'de'], '--lang takes zh or en'],
    [['run', '--site', 'x', '--ledger', 'three'], '--ledger takes the number of an open file descriptor'],
    [['run', '--site', 'x', '--drain', '2'], '--drain takes a number with its unit'],
    [['read', '--site', 'x'], 'the id of an instrument is missing'],
    [['read', '--site', 'x', 'dust-1', '--once', '--every', '2s'], '--once and --every exclude each other'],
    [['profiles', 'lst'], 'profiles takes list, show, check or add'],
  ])('%j is refused in one line with exit code 2', async (args, told) => {
    const { code, printed, complained } = await fenceline(args);
    expect(complained).toContain(told);
    expect(complained).not.toContain('\n');
    expect([code, printed]).toEqual([2, '']);
  });

  test('run ends with 2 where there is no site to run', () => {
    const { status, stderr } = spawnFenceline(['run', '--site', join(directory, 'nowhere')]);
    expect(stderr).toContain('there is no such file');
    expect(status).toBe(2);
  });

  test('the language follows LC_ALL before LANG, and is English unless it is Chinese', () => {
    expect(languageOf({ LANG: 'zh_CN.UTF-8' })).toBe('zh');
    expect(languageOf({ LANG: 'zh_CN.UTF-8', LC_ALL: 'C' })).toBe('en');
    expect(languageOf({ LANG: 'de_DE.UTF-8' })).toBe('en');
    expect(languageOf({})).toBe('en');
  });

  test('columns line up although a Chinese character takes two', () => {
    expect(displayWidth('PM2.5 颗粒物')).toBe(12);
    expect(table(['名称', 'B'], [['a', '1']])).toBe('名称  B\na     1');
  });
});
