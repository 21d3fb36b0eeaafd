import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Listen } from './settings.ts';

/** Why the page cannot listen, and what to do. */
export interface ListenFault {
  readonly kind: 'taken' | 'denied' | 'address';
  readonly message: string;
}

export interface Listening {
  readonly port: number;
  /** Stops listening and lets go of every connection. */
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly listen: Listen;
  /** Answers one request; `address` is the network address of whoever sent it. */
  readonly answer: (request: Request, bindings: { address: string }) => Promise<Response> | Response;
  /** Bytes that are no HTTP request. */
  readonly malformed: (address: string, fault: string) => void;
}

/** Requests beyond these are turned away by the HTTP parser: nobody needs more to read a page. */
const limits = { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 20_000, keepAliveTimeout: 5_000 };
const mostConnections = 100;

/** Listens for HTTP. Resolves to a fault when the address cannot be had. */
export function listenHttp({ listen, answer, malformed }: ListenOptions): Promise<Listening | ListenFault> {
  const server = createAdaptorServer({
    fetch: (request, { incoming }) => answer(request, { address: incoming.socket.remoteAddress ?? 'unknown' }),
    serverOptions: limits,
    // The adaptor must not replace the process's own Request and Response.
    overrideGlobalObjects: false,
  }) as Server;
  server.maxConnections = mostConnections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE')
      malformed(socket.remoteAddress ?? 'unknown', error.message);
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
  });
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(listenFault(error, listen)));
    server.listen(listen.port, listen.host, () => {
      resolve({ port: (server.address() as AddressInfo).port, close: () => closeServer(server) });
    });
  });
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
