import { request } from 'node:http';
import { longestSocketPath } from '../http/settings.ts';

/** What came of asking the gateway of a site over its socket. */
export type SocketAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown }
  /** Nobody answers there: no gateway runs, or one without a socket. */
  | { readonly kind: 'absent' }
  /** The path is longer than a socket's may be, so no gateway can have one there. */
  | { readonly kind: 'too-long' }
  /** This user may not open the socket. */
  | { readonly kind: 'denied' }
  /** The connection ended before an answer came. */
  | { readonly kind: 'broken'; readonly message: string };

/** Largest answer that is read, bytes: the picture of a large site has a few hundred thousand. */
const largestAnswer = 32_000_000;
/** Milliseconds without a byte after which the gateway is taken to hang; it gives up a reading after 30 s itself. */
const patience = 40_000;

/** Asks the running gateway over the socket of its site directory, until `stop` is raised; `body` goes as JSON. Never rejects. */
export function askGateway(
  path: string,
  method: 'GET' | 'POST',
  route: string,
  stop?: AbortSignal,
  body?: object,
): Promise<SocketAnswer> {
  if (Buffer.byteLength(path) > longestSocketPath) return Promise.resolve({ kind: 'too-long' });
  const signal = stop === undefined ? {} : { signal: stop };
  const options = { socketPath: path, method, path: route, timeout: patience, agent: false, ...signal } as const;
  return new Promise((resolve) => {
    const asked = request(options, (answer) => {
      const parts: Buffer[] = [];
      let length = 0;
      answer.on('data', (part: Buffer) => {
        parts.push(part);
        length += part.length;
        if (length > largestAnswer) asked.destroy(new Error('the answer is too long'));
      });
      answer.on('error', (error) => resolve({ kind: 'broken', message: error.message }));
      answer.on('end', () => resolve(parsed(answer.statusCode ?? 0, Buffer.concat(parts).toString('utf8'))));
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${patience / 1000} s`)));
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(faultOf(error)));
    if (body) asked.setHeader('content-type', 'application/json');
    asked.end(body && JSON.stringify(body));
  });
}

function parsed(status: number, text: string): SocketAnswer {
  try {
    return { kind: 'answer', status, body: JSON.parse(text) };
  } catch {
    return { kind: 'broken', message: 'the answer is no JSON' };
  }
}

function faultOf({ code, message }: NodeJS.ErrnoException): SocketAnswer {
  // What a killed gateway leaves behind refuses connections.
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ECONNREFUSED') return { kind: 'absent' };
  if (code === 'EACCES' || code === 'EPERM') return { kind: 'denied' };
  return { kind: 'broken', message };
}
