import type { ClockTrust } from '../clock/trust.ts';
import type { Clock, LocalTime } from '../clock.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { GatewayEvent } from '../diagnosis/gateway-event.ts';
import { ringSize } from '../diagnosis/line/trace-ring.ts';
import { TableProcesses } from '../export/table-process.ts';
import type { Accounts } from '../http/access/accounts.ts';
import type { ListenFault } from '../http/hono-node-server.ts';
import type { KeyPorts } from '../http/key-route.ts';
import type { AskPorts } from '../http/lines/ask-route.ts';
import { DemandedReads } from '../http/lines/demanded-reads.ts';
import type { ReadPicture } from '../http/lines/read-picture.ts';
import type { RelayPorts } from '../http/lines/relay-route.ts';
import { createMetrics } from '../http/metrics/prom-client-metrics.ts';
import type { NodePorts } from '../http/nodes/node-routes.ts';
import type { NodeOfferPorts } from '../http/nodes/offer-routes.ts';
import type { ProfilePicture } from '../http/picture/profile-picture.ts';
import type { Picture } from '../http/picture.ts';
import { type HttpPorts, startHttp } from '../http/server.ts';
import { startSocket } from '../http/socket.ts';
import { traceText } from '../page/transaction-text.ts';
import { wordsOf } from '../page/words/language.ts';
import type { Reading } from '../reading/reading.ts';
import type { Site } from '../site/site-schema.ts';
import type { Store } from '../store/port.ts';
import { describeReading } from './describe-site.ts';

interface DoorsOptions {
  readonly site: Site;
  /** The site directory. */
  readonly directory: string;
  readonly clock: Clock & ClockTrust;
  readonly localTime: LocalTime;
  readonly diagnosis: Diagnosis;
  readonly store: Store;
  /** Reads one instrument now. */
  readonly read: (instrument: string) => Promise<readonly Reading[]>;
  /** Asks a question of a search on a line. */
  readonly explore: AskPorts['explore'];
  readonly rotateKey: KeyPorts['rotateKey'];
  /** What is offered to nodes over the air. */
  readonly nodeOffers?: NodeOfferPorts | undefined;
  /** Sensor nodes; undefined where the site has no link to any. */
  readonly nodes?: NodePorts | undefined;
  /** Relays of boards that may be switched. */
  readonly switches: RelayPorts['switches'];
  readonly observe: (event: GatewayEvent) => void;
  /** Of the profiles that instruments are read by. */
  readonly profiles: ReadonlyMap<string, ProfilePicture>;
  /** The page; without it there is none. */
  readonly page?: { readonly accounts: Accounts; readonly directory: string } | undefined;
  /** Where the socket for the commands stands; without it there is none. */
  readonly socket?: string | undefined;
}

/** The doors of a gateway that people and their programs come through. */
interface Doors {
  /** Of the page; null when it could not be served or there is none. */
  readonly pagePort: number | null;
  /** Reads that are asked for, whichever door they come through. */
  readonly reads: DemandedReads;
  close(): Promise<void>;
}

/**
 * Opens the page with its API, and the socket in the site directory. A door that cannot be had is told as a fault, and
 * the gateway runs without it.
 */
export async function openDoors(options: DoorsOptions): Promise<Doors> {
  const { clock, observe, explore, rotateKey, nodes, nodeOffers, page, socket } = options;
  const tables = new TableProcesses(options.directory);
  const ports = portsOf(options, tables);
  const { picture } = ports;
  const reads = new DemandedReads({ read: ports.read, clock });
  const told = (door: string, { message }: ListenFault): null => {
    observe({ kind: 'http-fault', at: clock.wall(), request: door, message });
    return null;
  };
  const { listen } = options.site.page;
  const http =
    page && (await startHttp({ listen, ports, reads, clock, observe, ...page, pageDirectory: page.directory }));
  const server = http && 'kind' in http ? told('listen', http) : http;
  const local =
    socket === undefined
      ? null
      : await startSocket({ path: socket, picture, reads, explore, rotateKey, nodes, nodeOffers, clock, observe });
  const served = local && 'kind' in local ? told('socket', local) : local;
  return {
    pagePort: server?.port ?? null,
    reads,
    async close() {
      reads.close();
      tables.close();
      await server?.close();
      await served?.close();
    },
  };
}

function portsOf(options: DoorsOptions, tables: TableProcesses): HttpPorts {
  const { clock, diagnosis, store } = options;
  const picture = (): Picture => diagnosis.picture();
  return {
    picture,
    // The API looks at most once a second and only while somebody listens, so a steady beat serves it.
    subscribe(listener) {
      let cancel = (): void => {};
      const beat = (): void => {
        cancel = clock.after(1000, beat);
        listener();
      };
      cancel = clock.after(1000, beat);
      return () => cancel();
    },
    trace: (link, limit, after) => diagnosis.trace(link, limit, after),
    traceText(link, language) {
      const trace = diagnosis.trace(link, ringSize);
      return trace && traceText(trace, picture(), wordsOf[language]);
    },
    read: (instrument) => readNow(instrument, options),
    profile: (instrument) => options.profiles.get(instrument),
    offerTime: (time) => clock.offerTime('technician', time),
    nodes: options.nodes,
    switches: options.switches,
    table: (question) => tables.begin(question),
    recent: (limit, point) => store.recent(limit, point),
    metrics: createMetrics(picture),
    healthy: () => diagnosis.health(),
  };
}

async function readNow(
  instrument: string,
  { site, clock, localTime, diagnosis, read }: DoorsOptions,
): Promise<ReadPicture> {
  const asked = clock.monotonic();
  const followed = diagnosis.follow(instrument);
  try {
    const readings = await read(instrument);
    // A poll that was under way answers too, and then what it asked before belongs to the answer.
    const began = readings.reduce((first, { monotonic }) => (monotonic < first ? monotonic : first), asked);
    return {
      instrument,
      at: localTime.stamp(clock.wall()),
      took: Math.round(clock.monotonic() - asked),
      readings: readings.map((reading) => describeReading(reading, site, localTime)),
      ...followed.since(began),
    };
  } finally {
    followed.end();
  }
}
