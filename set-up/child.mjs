import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { CannotGoOn } from './progress.mjs';

/** How long a child may take to stop after Ctrl-C before it is told once more, in milliseconds. */
const PATIENCE_AFTER_CTRL_C = 5000;

/** @type {import('node:child_process').ChildProcess | undefined} */
let current;
/** @type {NodeJS.Signals | undefined} */
let stoppedBy;

/** The signal that asked this process to stop, if one did. */
export function stopSignal() {
  return stoppedBy;
}

/**
 * The exit code a shell reports for a process that ended by this signal.
 * @param {NodeJS.Signals} signal
 */
export function exitCodeOf(signal) {
  return 128 + constants.signals[signal];
}

/** From here on a signal to this process reaches its child, and this process ends after the child, never before. */
export function passSignalsOn() {
  for (const signal of /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      stoppedBy ??= signal;
      if (!current) process.exit(exitCodeOf(signal));
      if (signal === 'SIGINT' && isInTheForegroundOfATerminal()) {
        // Ctrl-C goes to the whole foreground group: the child has it, and a second one may mean "at once" to it.
        setTimeout(() => current?.kill('SIGTERM'), PATIENCE_AFTER_CTRL_C).unref();
      } else {
        current.kill(signal);
      }
    });
  }
}

function isInTheForegroundOfATerminal() {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    // After the command's closing bracket: state, parent, process group, session, terminal, its foreground group.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[4] !== '0' && fields[5] === fields[2];
  } catch {
    return process.stdin.isTTY === true;
  }
}

/**
 * Runs a program to its end and gives back its exit code (128 + the signal's number if a signal ended it).
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    current = child;
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      current = undefined;
      resolve(signal ? exitCodeOf(signal) : (code ?? 1));
    });
  });
}

/**
 * Runs one of set-up's own programs: its output goes to standard error, and it must succeed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export async function mustRun(command, args, options = {}) {
  const code = await run(command, args, { stdio: ['ignore', process.stderr, process.stderr], ...options });
  if (stoppedBy) process.exit(exitCodeOf(stoppedBy));
  if (code !== 0)
    throw new CannotGoOn(`${command} ${args.join(' ')} ended with exit code ${code}; its messages are above`);
}
