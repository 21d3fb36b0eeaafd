import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, stopSignal } from './child.mjs';
import { say } from './progress.mjs';
import { TALLY_FILE } from './tally-reporter.mjs';

/**
 * What a verb has to work with: the project's directory, the Node it runs under, and what the user wrote after it.
 * @typedef {{ root: string, node: string, args: readonly string[] }} Place
 */

/**
 * Runs one of the project's own programs.
 * @param {Place} place
 * @param {string} program
 * @param {readonly string[]} args
 */
async function runOurs({ root, node }, program, args) {
  if (!existsSync(join(root, program))) {
    say(`${program} is missing; is this a whole copy of the project?`);
    return 1;
  }
  return run(node, [join(root, program), ...args]);
}

/** @param {Place} place */
export function start(place) {
  return runOurs(place, 'test-rigs/demo/main.ts', place.args);
}

/**
 * Runs the tests; the last line is `N passed, N failed`.
 * @param {Place} place
 */
export async function test({ root, node, args }) {
  const directory = mkdtempSync(join(tmpdir(), 'fenceline-tally-'));
  const file = join(directory, 'tally.json');
  try {
    const code = await run(node, [vitest(root), 'run', ...args], {
      cwd: root,
      env: { ...process.env, [TALLY_FILE]: file },
    });
    const tally = readTally(file);
    if (code !== 0 && tally.failed === 0) tally.failed = 1;
    console.log(`${tally.passed} passed, ${tally.failed} failed`);
    return code !== 0 ? code : Math.min(tally.failed, 1);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** @param {string} root */
function vitest(root) {
  return join(root, 'node_modules/vitest/vitest.mjs');
}

/**
 * @param {string} file
 * @returns {{ passed: number, failed: number }}
 */
function readTally(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 1 };
  }
}

/**
 * The checks, in the order they run: what each one is called and what it runs under Node.
 * @type {readonly { name: string, program: string, args: readonly string[] }[]}
 */
const checks = [
  { name: 'types', program: 'node_modules/typescript/bin/tsc', args: ['--noEmit', '-p', '.'] },
  // The firmware is checked apart: it has Lua's globals, and the TypeScript that its compiler needs.
  {
    name: 'firmware types',
    program: 'edge/node/node_modules/typescript/bin/tsc',
    args: ['--noEmit', '-p', 'edge/node'],
  },
  { name: 'style', program: 'node_modules/@biomejs/biome/bin/biome', args: ['check', '--error-on-warnings', '.'] },
  { name: 'imports', program: 'node_modules/vitest/vitest.mjs', args: ['run', 'test-rigs/house'] },
  { name: 'profiles', program: 'gateway/cli/main.ts', args: ['profiles', 'check', '--all'] },
];

/**
 * Runs every check, also after one failed.
 * @param {Place} place
 */
export async function check({ root, node }) {
  const outcomes = [];
  for (const { name, program, args } of checks) {
    if (!existsSync(join(root, program))) continue;
    console.log(`check ${name}`);
    const code = await run(node, [join(root, program), ...args], { cwd: root });
    if (stopSignal()) return code;
    outcomes.push({ name, code });
  }
  console.log(outcomes.map(({ name, code }) => `${name}: ${code === 0 ? 'ok' : 'failed'}`).join(', '));
  return outcomes.every(({ code }) => code === 0) ? 0 : 1;
}

/**
 * Runs the named bench, or lists the names.
 * @param {Place} place
 */
export function bench(place) {
  const [name, ...args] = place.args;
  const names = benchNames(place.root);
  if (name && names.includes(name)) return runOurs(place, `test-rigs/bench/${name}.ts`, args);
  if (name) say(`there is no bench named ${name}`);
  console.log(`npm run bench NAME, where NAME is one of: ${names.join(', ') || '(none yet)'}`);
  return name ? 2 : 0;
}

/**
 * Simulates instruments.
 * @param {Place} place
 */
export const rig = (place) => runOurs(place, 'test-rigs/rig/main.ts', place.args);

/**
 * Kills the gateway and cuts its power, many times.
 * @param {Place} place
 */
export const torture = (place) => runOurs(place, 'test-rigs/torture/main.ts', place.args);

/**
 * Lets simulated sites live through mishaps.
 * @param {Place} place
 */
export const soak = (place) => runOurs(place, 'test-rigs/soak/main.ts', place.args);

/**
 * Compiles the firmware of sensor nodes, checks it, and prints its size.
 * @param {Place} place
 */
export const firmware = (place) => runOurs(place, 'edge/node/build.ts', place.args);

/** @param {string} root */
function benchNames(root) {
  const directory = join(root, 'test-rigs/bench');
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}

/**
 * Says how to go on after a site's box has been prepared.
 * @param {Place} place
 */
export function nextStep({ root }) {
  const installed = root === '/opt/fenceline';
  console.log(`Fenceline is ready in ${root}.

Look after one site by hand:
  ${join(root, 'bin/fenceline')} run --site DIR

Or as a service that starts with the machine${installed ? '' : ' (the unit expects the project in /opt/fenceline)'}:
  sudo useradd --system --home-dir /var/lib/fenceline --shell /usr/sbin/nologin fenceline
  sudo cp ${join(root, 'set-up/fenceline.service')} /etc/systemd/system/
  sudo systemctl daemon-reload
  sudo systemctl enable --now fenceline`);
  return 0;
}
