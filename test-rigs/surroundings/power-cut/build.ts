import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shimLibrary } from '../../../set-up/power-cut.mjs';

/**
 * Path of the shim as a shared library, built by gcc first where this source was not built yet. Throws an error that
 * says what to install where there is no gcc.
 */
export function builtShim(): string {
  const library = shimLibrary(join(import.meta.dirname, '..', '..', '..'));
  if (existsSync(library)) return library;
  const built = dirname(library);
  mkdirSync(built, { recursive: true });
  for (const old of readdirSync(built)) if (old.endsWith('.so')) rmSync(join(built, old), { force: true });
  // Built beside and renamed: two test processes may build at once.
  const own = `${library}.${process.pid}`;
  const flags = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', '-fPIC', '-shared'];
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.c'));
  try {
    execFileSync('gcc', [...flags, '-o', own, ...files, '-ldl', '-lpthread'], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the power-cut shim cannot be built (${why}); install it with: apt-get install -y gcc libc6-dev`);
  }
  renameSync(own, library);
  return library;
}

if (import.meta.main) console.log(builtShim());
