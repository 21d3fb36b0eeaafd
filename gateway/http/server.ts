import type { Clock } from '../clock.ts';
import type { Store } from '../store/port.ts';
import type { Accounts } from './access/accounts.ts';
import { createApi } from './api.ts';
import type { TimePorts } from './clock-route.ts';
import type { HttpEvent } from './events.ts';
import { type ListenFault, type Listening, listenHttp } from './hono-node-server.ts';
import type { DemandedReads } from './lines/demanded-reads.ts';
import type { ReadPicture } from './lines/read-picture.ts';
import type { RelayPorts } from './lines/relay-route.ts';
import type { NodePorts } from './nodes/node-routes.ts';
import { readPageFiles } from './page-files.ts';
import type { ProfilePicture } from './picture/profile-picture.ts';
import type { Picture, TracePicture } from './picture.ts';
import type { Listen } from './settings.ts';
import type { TablePorts } from './table-route.ts';

/** What the API asks of the other stations. */
export interface HttpPorts {
  /** The current picture; asked once a second at most for all viewers together, and on request. */
  picture(): Picture;
  /** Calls the listener whenever the picture may have changed, as often as it likes; returns how to stop that. */
  subscribe(listener: () => void): () => void;
  /** The newest `limit` transactions of a link, of those after number `after`; null for a link that there is not. */
  trace(link: string, limit: number, after: number): TracePicture | null;
  /** Everything held of a link as text for people; null for a link that there is not. */
  traceText(link: string, language: 'zh' | 'en'): string | null;
  /** Reads an instrument now, through its line's schedule. Rejects with a RangeError where its line does not run. */
  read(instrument: string): Promise<ReadPicture>;
  /** Of the profile that an instrument is read by; undefined where it is not known. */
  profile(instrument: string): ProfilePicture | undefined;
  /** A technician says what time it is now. */
  readonly offerTime: TimePorts['offerTime'];
  /** Relays of boards that may be switched. */
  readonly switches: RelayPorts['switches'];
  /** Tables of what is kept. */
  readonly table: TablePorts['table'];
  /** Sensor nodes; undefined where the site has no link to any. */
  readonly nodes?: NodePorts | undefined;
  /** Newest period records, newest first. */
  readonly recent: Store['recent'];
  /** Prometheus' text format, version 0.0.4. */
  metrics(): Promise<string>;
  /** Whether the gateway does its work; each fault says what, where, and what to do, and holds no secret. */
  healthy(): { readonly ok: boolean; readonly faults: readonly string[] };
}

interface HttpOptions {
  readonly listen: Listen;
  readonly ports: HttpPorts;
  /** Shared with every other door through which people ask for readings. */
  readonly reads: DemandedReads;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly observe: (event: HttpEvent) => void;
  /** Directory of the built page. */
  readonly pageDirectory: string;
}

/** Serves the API and the page. Resolves to a fault when the address cannot be had; the gateway can run without. */
export async function startHttp(options: HttpOptions): Promise<Listening | ListenFault> {
  const { listen, ports, reads, accounts, clock, observe, pageDirectory } = options;
  const page = await readPageFiles(pageDirectory);
  const { app, stream } = createApi({ ports, reads, accounts, clock, observe, page });
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
