import { z } from 'zod';

/** Where to listen: name, IPv4 or IPv6 address, and port; port 0 lets the system choose. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

const listen = z.string().transform((text, context): Listen => {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host !== undefined && port <= 65_535) return { host, port };
  context.addIssue({ code: 'custom', message: `"${text}" is not host:port; write for example "0.0.0.0:8080"` });
  return z.NEVER;
});

/** `page` of the site document. */
export const pageSettings = z.strictObject({
  listen: listen.prefault('0.0.0.0:8080').describe('Address and port of page and API; port 0 takes a free one'),
});

/** Bytes that the path of a Unix domain socket may have (Linux, unix(7): 108 with the NUL behind it). */
export const longestSocketPath = 107;
