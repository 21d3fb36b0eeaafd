import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { socatReady } from '../../../links/tty-pair.ts';

/** Those that run; whatever ends this process, they end with it. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const socat of running) socat.kill();
});

/** Two ttys that socat joins: one for the master under test, one for the rig. A pty has no speed of its own. */
export class JoinedTtys {
  readonly master: string;
  readonly rig: string;
  readonly #directory: string;
  readonly #socat: ChildProcess;

  private constructor(directory: string, socat: ChildProcess) {
    this.#directory = directory;
    this.#socat = socat;
    this.master = join(directory, 'master');
    this.rig = join(directory, 'rig');
  }

  static async create(): Promise<JoinedTtys> {
    const directory = await mkdtemp(join(tmpdir(), 'fenceline-rig-'));
    const [one, other] = ['master', 'rig'].map((name) => `PTY,link=${join(directory, name)},rawer`);
    const socat = spawn('socat', ['-d', '-d', one ?? '', other ?? ''], { stdio: ['ignore', 'ignore', 'pipe'] });
    running.add(socat);
    await socatReady(socat);
    return new JoinedTtys(directory, socat);
  }

  async remove(): Promise<void> {
    this.#socat.kill();
    running.delete(this.#socat);
    await rm(this.#directory, { recursive: true, force: true });
  }
}
