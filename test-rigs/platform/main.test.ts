import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MosquittoBroker } from '../surroundings/mosquitto-broker.ts';

test('the platform as a process listens, and prints its audit when it is told to end', async () => {
  const broker = await MosquittoBroker.start();
  try {
    const main = join(import.meta.dirname, 'main.ts');
    const child = spawn(process.execPath, [main, '--url', broker.url], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (text) => {
      output += String(text);
    });
    while (!output.includes('listening')) await once(child.stdout, 'data');
    child.kill('SIGTERM');
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    expect(output).toMatch(/^received +0$/m);
  } finally {
    await broker.stop();
  }
});
