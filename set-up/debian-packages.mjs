import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { mustRun } from './child.mjs';
import { announced, CannotGoOn } from './progress.mjs';

/** @typedef {{ name: string, why: string, isThere: () => boolean }} DebianPackage */

/** @type {readonly DebianPackage[]} */
const forTests = [
  { name: 'chromium', why: 'the page is tested in a real browser', isThere: () => hasProgram('chromium') },
  { name: 'mosquitto', why: 'MQTT is tested against a real broker', isThere: () => hasProgram('mosquitto') },
  { name: 'socat', why: 'serial lines are tested on real ttys', isThere: () => hasProgram('socat') },
  { name: 'gcc', why: 'power cuts are rehearsed with a small library in C', isThere: () => hasProgram('gcc') },
  { name: 'libc6-dev', why: 'the same', isThere: () => existsSync('/usr/include/stdio.h') },
  { name: 'python3', why: 'the documented verifier of exports is run', isThere: () => hasProgram('python3') },
  { name: 'openssl', why: 'the same', isThere: () => hasProgram('openssl') },
  { name: 'fonts-wqy-microhei', why: 'the page is tested in Chinese too', isThere: hasChineseFont },
];

/** @param {string} name */
function hasProgram(name) {
  // Daemons live in sbin, which is not on the path of an ordinary Debian user.
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return directories.some((directory) => existsSync(join(directory, name)));
}

function hasChineseFont() {
  const known = [
    'truetype/wqy',
    'opentype/noto/NotoSansCJK-Regular.ttc',
    'truetype/arphic',
    'truetype/droid/DroidSansFallback.ttf',
  ];
  if (known.some((path) => existsSync(join('/usr/share/fonts', path)))) return true;
  const listed = spawnSync('fc-list', [':lang=zh-cn', 'file'], { encoding: 'utf8' });
  return listed.status === 0 && listed.stdout.trim() !== '';
}

/** The Debian packages that the tests need and this machine lacks. */
export function missingPackages() {
  return forTests.filter((wanted) => !wanted.isThere());
}

/**
 * The one command that installs these packages.
 * @param {readonly DebianPackage[]} missing
 */
export function installCommand(missing) {
  const names = missing.map((wanted) => wanted.name).join(' ');
  return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names}`;
}

/** How this process may become root without a question: already (`[]`), by sudo, or not at all (`undefined`). */
function wayToRoot() {
  if (process.getuid?.() === 0) return [];
  const allowed = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
  return allowed.status === 0 ? ['sudo', '-n'] : undefined;
}

/**
 * Installs what the tests need from Debian, or names the one command that does and stops.
 * @param {readonly DebianPackage[]} missing
 */
export async function installPackages(missing) {
  const reasons = missing.map((wanted) => `  ${wanted.name.padEnd(20)}${wanted.why}`).join('\n');
  if (!hasProgram('apt-get')) {
    throw new CannotGoOn(`the tests need these programs; install them with this system's package manager:\n${reasons}`);
  }
  const root = wayToRoot();
  if (!root)
    throw new CannotGoOn(
      `the tests need these Debian packages:\n${reasons}\nInstall them with:\n\n  ${installCommand(missing)}\n`,
    );

  const names = missing.map((wanted) => wanted.name);
  await announced(`installing Debian packages with apt-get, once:\n${reasons}`, async () => {
    await asRoot(root, ['apt-get', 'update', '-q']);
    await asRoot(root, ['apt-get', 'install', '-q', '-y', '--no-install-recommends', ...names]);
    if (names.includes('mosquitto')) await stopBrokerService(root);
  });
}

/**
 * The tests start brokers of their own on free ports; the package's service on port 1883 serves nobody.
 * @param {readonly string[]} root
 */
async function stopBrokerService(root) {
  const stop = existsSync('/run/systemd/system')
    ? ['systemctl', 'disable', '--now', 'mosquitto.service']
    : ['/etc/init.d/mosquitto', 'stop'];
  if (stop[0] === 'systemctl' || existsSync('/etc/init.d/mosquitto')) await asRoot(root, stop);
}

/**
 * @param {readonly string[]} root
 * @param {readonly string[]} command
 */
async function asRoot(root, command) {
  const [program = '', ...args] = [...root, 'env', 'DEBIAN_FRONTEND=noninteractive', ...command];
  await mustRun(program, args);
}
