import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fenceline-child-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A stand-in for run.mjs that runs a program, and the program: it says each signal it gets and ends 300 ms after the first. */
function writePrograms(exitCode = 'code') {
  const program = join(directory, 'program.mjs');
  writeFileSync(
    program,
    `for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {
       console.log('got ' + signal);
       setTimeout(() => { console.log('stopped cleanly'); process.exit(7); }, 300);
     });
     setInterval(() => {}, 1000);
     console.log('running');`,
  );
  const parent = join(directory, 'parent.mjs');
  writeFileSync(
    parent,
    `import { passSignalsOn, run } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'child.mjs')).href)};
     passSignalsOn();
     const code = await run(process.execPath, [${JSON.stringify(program)}]);
     console.log('set-up ended with ' + code);
     process.exitCode = ${exitCode};`,
  );
  return parent;
}

async function everythingSaid(child: ChildProcess) {
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  return { text, code };
}

describe('a program started by set-up', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'is told of %s, and set-up ends after it with its exit code',
    async (signal) => {
      const parent = spawn(process.execPath, [writePrograms()], { detached: true });
      const running = once(parent.stdout, 'data');
      const ending = everythingSaid(parent);
      await running;
      parent.kill(signal);
      const { text, code } = await ending;
      expect(text.trim().split('\n')).toEqual(['running', `got ${signal}`, 'stopped cleanly', 'set-up ended with 7']);
      expect(code).toBe(7);
    },
  );

  test('hears Ctrl-C at a terminal once, although the terminal tells set-up too', async () => {
    // With another exit code socat would end at once and swallow what was said last.
    const inTerminal = `EXEC:${process.execPath} ${writePrograms('0')},pty,setsid,ctty,echo=0`;
    const terminal = spawn('socat', ['-', inTerminal]);
    const running = once(terminal.stdout, 'data');
    const ending = everythingSaid(terminal);
    await running;
    terminal.stdin.write('\x03');
    const { text } = await ending;
    expect(text.trim().split(/\r?\n/)).toEqual(['running', 'got SIGINT', 'stopped cleanly', 'set-up ended with 7']);
  });

  test('that a signal kills gives 128 and the signal as exit code, as in a shell', async () => {
    const { run } = await import('./child.mjs');
    expect(await run(process.execPath, ['-e', "process.kill(process.pid, 'SIGKILL')"])).toBe(137);
  });

  test('of set-up itself that fails stops set-up with its command line', async () => {
    const { mustRun } = await import('./child.mjs');
    await expect(mustRun(process.execPath, ['-e', 'process.exit(3)'])).rejects.toThrow('exit code 3');
  });
});
