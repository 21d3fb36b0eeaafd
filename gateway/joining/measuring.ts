import type { SiteClock } from '../clock/site-clock.ts';
import type { LocalTime } from '../clock.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { GatewayEvent } from '../diagnosis/gateway-event.ts';
import type { Acquisition } from '../driver/acquisition.ts';
import type { GatewayOptions } from '../gateway.ts';
import type { Holding } from '../holding/holding.ts';
import type { Asked, ExploreAnswer } from '../http/lines/ask-route.ts';
import type { NodePorts } from '../http/nodes/node-routes.ts';
import type { NodeOfferPorts } from '../http/nodes/offer-routes.ts';
import { boundsOf } from '../quality/bounds.ts';
import { Quality } from '../quality/quality.ts';
import type { Reading } from '../reading/reading.ts';
import type { AuditRecord } from '../record/record.ts';
import { siteDirectory } from '../site/site-directory.ts';
import { hasNodes } from '../site/site-schema.ts';
import { ToleranceFile } from '../site/tolerance-file.ts';
import type { DeliveryStore } from '../store/delivery-port.ts';
import { acquisitionsOf, exploreOn } from './acquiring.ts';
import { Switching } from './commands/switching.ts';
import { openAdopting } from './nodes/adopting.ts';
import { nodeKeeping } from './nodes/node-keeping.ts';
import { openNodeOffering, withOffers } from './nodes/node-offering.ts';
import { recordOf } from './own-records.ts';

interface MeasuringOptions extends Omit<GatewayOptions, 'clock'> {
  readonly clock: SiteClock;
  readonly localTime: LocalTime;
  /** False where every platform has retired this gateway: then nothing is read. */
  readonly isReading: boolean;
  readonly diagnosis: Diagnosis;
  readonly store: Pick<DeliveryStore, 'marks'>;
  readonly holding: Holding;
  readonly record: (audit: AuditRecord) => Promise<unknown>;
}

/** What brings readings, judges them, and passes them on to be held and shown. */
interface Measuring {
  /** Reads one instrument now, through its line's schedule; judged like every reading, and told to the asker alone. */
  read(instrument: string): Promise<readonly Reading[]>;
  /** Asks a question of a search on a line. */
  explore(link: string, asked: Asked): Promise<ExploreAnswer>;
  /** What may be switched at this site. */
  readonly switches: Switching;
  /** Sensor nodes, and what is offered to them over the air; undefined where the site has no link to any. */
  readonly nodes: NodePorts | undefined;
  readonly nodeOffers: NodeOfferPorts | undefined;
  start(): void;
  stop(): Promise<void>;
}

/** Joins the lines, boards and nodes of the site to what becomes of their readings; nothing is asked before `start`. */
export async function openMeasuring(options: MeasuringOptions): Promise<Measuring> {
  const { loaded, catalogue, isReading, clock, localTime, store, holding, diagnosis, record, observe } = options;
  const { site } = loaded;
  const quality = new Quality(boundsOf(site.instruments, (id) => catalogue.find(id)?.profile));
  const onReadings = (readings: readonly Reading[]): void => {
    const judged = quality.judge(readings);
    diagnosis.readings(judged);
    holding.take(judged);
  };
  const observeLine = (event: GatewayEvent): void => {
    observe(event);
    const record = recordOf(event);
    if (record !== null) holding.append(record);
  };
  const path = siteDirectory(options.directory).tolerances;
  const tolerances = await ToleranceFile.open({ path, site, catalogue, clock, observe });
  const { nodes, offering, acquiring } = await nodesOf(options);
  const keeping = nodeKeeping(store, holding, quality, diagnosis);
  const lines = isReading
    ? acquisitionsOf({ ...options, ...acquiring }, tolerances, observeLine, onReadings, keeping)
    : new Map<string, Acquisition>();
  const switches = new Switching({ acquisitions: lines, site, clock, localTime, record });
  return {
    async read(instrument) {
      const line = lines.get(site.instruments.find(({ id }) => id === instrument)?.link ?? '');
      if (line === undefined) throw new RangeError(`no instrument ${instrument} runs at this site`);
      return quality.judge(await line.read(instrument));
    },
    explore: (link, asked) => exploreOn(lines.get(link), asked),
    switches,
    nodes,
    nodeOffers: offering?.ports,
    start() {
      for (const line of lines.values()) line.start();
    },
    async stop() {
      await Promise.all([...lines.values()].map((line) => line.stop()));
      await tolerances.close();
      await offering?.offers.close();
      switches.stop();
    },
  };
}

/** Adoption of nodes and what is offered to them, as doors ask for both, and the links to nodes that know of them. */
async function nodesOf({
  loaded,
  directory,
  clock,
  localTime,
  diagnosis,
  record,
  observe,
  ...given
}: MeasuringOptions) {
  const { site } = loaded;
  const { nodeAccounts: accounts, createNodeLink } = given;
  const adopting =
    accounts && createNodeLink && openAdopting({ site, accounts, createNodeLink, clock, localTime, record });
  const offering =
    createNodeLink && hasNodes(site)
      ? await openNodeOffering({
          ...{ directory: siteDirectory(directory), clock, localTime, record, observe },
          createNodeLink: adopting?.createNodeLink ?? createNodeLink,
          nodes: () => diagnosis.picture().nodes,
        })
      : undefined;
  const nodes = adopting && offering ? withOffers(adopting.ports, offering) : adopting?.ports;
  return { nodes, offering, acquiring: { ...adopting, ...offering?.acquiring } };
}
