import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ProcessSite, until, wait } from '../process-site.ts';

/** Nothing listens on the discard port of this machine. */
const nowhere = 'mqtt://127.0.0.1:9';
/** What systemd has in its place: a datagram socket. Node cannot open one; Perl is on every Debian (perl-base). */
const listen =
  'socket(S, AF_UNIX, SOCK_DGRAM, 0); bind(S, pack_sockaddr_un($ARGV[0])) or die; $| = 1; print "ready\\n"; while (defined recv(S, $m, 4096, 0)) { print "$m\\n" }';

/** The socket of a service manager, and how often it was given a sign of life. */
async function serviceManager(path: string): Promise<{ child: ChildProcess; signs: () => number }> {
  const child = spawn('perl', ['-MSocket', '-e', listen, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill());
  let heard = '';
  child.stdout.on('data', (text) => {
    heard += text;
  });
  await once(child.stdout, 'data');
  return { child, signs: () => heard.split('WATCHDOG=1').length - 1 };
}

test('a gateway gives its service a sign of life while it runs, and none while it hangs', async () => {
  await using site = await ProcessSite.start(nowhere);
  const socket = join(site.directory, 'notify.sock');
  const { signs } = await serviceManager(socket);
  const gateway = await site.run({ drain: '500ms', environment: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1500000' } });
  await until('two signs of life', () => signs() > 1);
  process.kill(gateway.pid, 'SIGSTOP');
  // One may be on its way.
  await wait(500);
  const before = signs();
  await wait(1500);
  expect(signs()).toBe(before);
  process.kill(gateway.pid, 'SIGCONT');
  await until('signs of life again', () => signs() > before + 1);
  expect(await gateway.stop()).toBe(0);
  await rm(socket);
  expect(gateway.log.join()).not.toContain('watchdog');
});
