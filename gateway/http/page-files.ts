import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

/** One file of the page, held in memory. */
interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly etag: string;
  /** Its name holds a hash of its content, so it may be kept for ever. */
  readonly immutable: boolean;
}

/** The page as it was built; empty when it was not. By path below the root, `index.html` also as the empty path. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** Reads the built page. Only these files are ever served, so no path of a request reaches the disk. */
export async function readPageFiles(directory: string): Promise<PageFiles> {
  const files = new Map<string, PageFile>();
  const found = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of found) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = new Uint8Array(await readFile(path));
    const name = relative(directory, path).split(sep).join('/');
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    files.set(name, { bytes, type, etag, immutable: name.startsWith('assets/') });
  }
  const index = files.get('index.html');
  if (index !== undefined) files.set('', index);
  return files;
}

/** Answers a request for a page file; null when there is no such file. */
export function answerFile(files: PageFiles, path: string, ifNoneMatch: string | undefined): Response | null {
  const file = files.get(path.replace(/^\//, ''));
  if (file === undefined) return null;
  const headers = {
    'content-type': file.type,
    etag: file.etag,
    'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
  const known = (ifNoneMatch ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === file.etag);
  return known ? new Response(null, { status: 304, headers }) : new Response(file.bytes, { headers });
}
