import type { Clock } from '../clock.ts';
import type { Store } from '../store/port.ts';
import type { Accounts } from './access/accounts.ts';
import { createApi } from './api.ts';
import type { HttpEvent } from './events.ts';
import { type ListenFault, type Listening, listenHttp } from './hono-node-server.ts';
import { readPageFiles } from './page-files.ts';
import type { Picture } from './picture.ts';
import type { Listen } from './settings.ts';

/** What the API asks of the other stations. */
export interface HttpPorts {
  /** The current picture; asked once a second at most for all viewers together, and on request. */
  picture(): Picture;
  /** Calls the listener whenever the picture may have changed, as often as it likes; returns how to stop that. */
  subscribe(listener: () => void): () => void;
  /** Newest period records, newest first. */
  readonly recent: Store['recent'];
  /** Prometheus' text format, version 0.0.4. */
  metrics(): Promise<string>;
  /** Whether the gateway does its work; each fault says what, where, and what to do, and holds no secret. */
  healthy(): { readonly ok: boolean; readonly faults: readonly string[] };
}

export interface HttpOptions {
  readonly listen: Listen;
  readonly ports: HttpPorts;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly observe: (event: HttpEvent) => void;
  /** Directory of the built page. */
  readonly pageDirectory: string;
}

/** Serves the API and the page. Resolves to a fault when the address cannot be had; the gateway can run without. */
export async function startHttp(options: HttpOptions): Promise<Listening | ListenFault> {
  const { listen, ports, accounts, clock, observe, pageDirectory } = options;
  const page = await readPageFiles(pageDirectory);
  const { app, stream } = createApi({ ports, accounts, clock, observe, page });
  const listening = await listenHttp({
    listen,
    answer: (request, bindings) => app.fetch(request, bindings),
    malformed: (from, fault) =>
      observe({
        kind: 'http-malformed',
        at: clock.wall(),
        from,
        request: 'unreadable',
        field: 'request',
        fault,
        remedy: 'send HTTP/1.1',
      }),
  });
  if ('kind' in listening) return listening;
  observe({ kind: 'http-listening', address: listen.host, port: listening.port });
  return {
    port: listening.port,
    close: () => {
      stream.close();
      return listening.close();
    },
  };
}
