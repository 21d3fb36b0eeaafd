import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { dirname } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { type Listen, longestSocketPath } from './settings.ts';

/** Why nothing can be served there, and what to do. */
export interface ListenFault {
  readonly kind: 'taken' | 'denied' | 'address';
  readonly message: string;
}

export interface Listening {
  readonly port: number;
  /** Stops listening and lets go of every connection. */
  close(): Promise<void>;
}

interface Answering {
  /** Answers one request; `address` is the network address of whoever sent it. */
  readonly answer: (request: Request, bindings: { address: string }) => Promise<Response> | Response;
  /** Bytes that are no HTTP request. */
  readonly malformed: (address: string, fault: string) => void;
}

interface ListenOptions extends Answering {
  readonly listen: Listen;
  /** Milliseconds that a connection may take to ask for something; the usual 10 s without it. */
  readonly patience?: number;
}

/** Requests beyond these are turned away by the HTTP parser: nobody needs more to read a page. */
const limits = { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 20_000, keepAliveTimeout: 5_000 };
const mostConnections = 100;

/** Listens for HTTP. Resolves to a fault when the address cannot be had. */
export function listenHttp({ listen, patience, ...answering }: ListenOptions): Promise<Listening | ListenFault> {
  const server = createServer(answering, patience);
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(listenFault(error, listen)));
    server.listen(listen.port, listen.host, () => {
      resolve({ port: (server.address() as AddressInfo).port, close: () => closeServer(server) });
    });
  });
}

/**
 * Listens for HTTP on a Unix domain socket, in a directory that only its owner may enter. A socket that is there
 * already is replaced: call it only while the site is held. Resolves to a fault when the socket cannot be had.
 */
export async function listenOnSocket(
  path: string,
  answering: Answering,
): Promise<Omit<Listening, 'port'> | ListenFault> {
  const length = Buffer.byteLength(path);
  if (length > longestSocketPath) {
    const message = `${path}: has ${length} bytes, a socket's path at most ${longestSocketPath}; use a shorter site directory`;
    return { kind: 'address', message };
  }
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await chmod(dirname(path), 0o700);
    const there = await lstat(path).catch(() => null);
    if (there !== null && !there.isSocket()) {
      return { kind: 'taken', message: `${path}: is there and no socket; move it away` };
    }
    await rm(path, { force: true });
    const server = createServer(answering);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    await chmod(path, 0o600);
    // The system removes the socket with the server.
    return { close: () => closeServer(server) };
  } catch (error) {
    return { kind: 'denied', message: `${path}: ${(error as Error).message}; see that the directory may be written` };
  }
}

function createServer({ answer, malformed }: Answering, patience: number = limits.headersTimeout): Server {
  const server = createAdaptorServer({
    fetch: (request, { incoming }) => answer(request, { address: incoming.socket.remoteAddress ?? 'unknown' }),
    serverOptions: { ...limits, headersTimeout: patience, connectionsCheckingInterval: Math.min(30_000, patience) },
    // The adaptor must not replace the process's own Request and Response.
    overrideGlobalObjects: false,
  }) as Server;
  server.maxConnections = mostConnections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // A browser opens connections in reserve, over which nothing ever comes: no fault of anybody.
    const isUnused = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0;
    if (!isUnused && error.code !== 'ECONNRESET' && error.code !== 'EPIPE')
      malformed(socket.remoteAddress ?? 'unknown', error.message);
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
  });
  return server;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function listenFault(error: NodeJS.ErrnoException, { host, port }: Listen): ListenFault {
  const where = `page.listen ${host}:${port}`;
  if (error.code === 'EADDRINUSE') {
    return { kind: 'taken', message: `${where}: another program listens there; stop it or write another port` };
  }
  if (error.code === 'EACCES') {
    return { kind: 'denied', message: `${where}: ports below 1024 need a privilege; write 8080 or grant it` };
  }
  return {
    kind: 'address',
    message: `${where}: not an address of this machine (${error.code}); write 0.0.0.0:${port}`,
  };
}
