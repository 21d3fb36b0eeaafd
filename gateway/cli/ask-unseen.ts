import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Sentence } from '../site/check-site.ts';
import { say, type Terminal } from './terminal.ts';

/** One line without echo; undefined when it is broken off with Ctrl-C or Ctrl-D. */
export async function askUnseen({ input, language }: Terminal, question: Sentence): Promise<string | undefined> {
  // readline in terminal mode takes over the echo; given a sink to echo to, nothing is seen.
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: sink, terminal: true });
  process.stderr.write(say(question, language));
  const stopped = new AbortController();
  lines.once('SIGINT', () => lines.close());
  lines.once('close', () => stopped.abort());
  try {
    const [line] = await once(lines, 'line', { signal: stopped.signal });
    return String(line);
  } catch {
    return undefined;
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
