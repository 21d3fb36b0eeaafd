import type { Catalogue } from '../../device-profiles/catalogue.ts';
import { type Clock, LocalTime } from '../clock.ts';
import type { GatewayEvent } from '../diagnosis/gateway-event.ts';
import type { Acquisition } from '../driver/acquisition.ts';
import { FirmataAcquisition, type OpenSiteBoard } from '../driver/firmata/firmata-acquisition.ts';
import { type Instrument, instrumentOf } from '../driver/instrument.ts';
import { ExploringRefused } from '../driver/line/exploring.ts';
import { Line, type LineOptions } from '../driver/line/line.ts';
import { NodeHub, type Offers } from '../driver/node/node-hub.ts';
import type { Keeping } from '../driver/node/rows/keeping.ts';
import type { NodeInstrument } from '../driver/node/rows/row-readings.ts';
import type { Asked, ExploreAnswer } from '../http/lines/ask-route.ts';
import type { Link, LinkEvent } from '../link/link.ts';
import type { NodeLink, NodeLinkEvent } from '../link/nodes/node-link.ts';
import type { NodesLinkSettings } from '../link/nodes/settings.ts';
import {
  type FirmataLinkSettings,
  isLine,
  isListenOnly,
  type LineLinkSettings,
  listenFirstOf,
} from '../link/settings.ts';
import type { Reading } from '../reading/reading.ts';
import type { LoadedSite } from '../site/load-site.ts';
import type { ToleranceFile } from '../site/tolerance-file.ts';

interface AcquiringOptions {
  readonly loaded: LoadedSite;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly createLink: (id: string, settings: LineLinkSettings, observe: (event: LinkEvent) => void) => Link;
  /** Without it the site's nodes are heard by nobody. */
  readonly createNodeLink?: (
    id: string,
    settings: NodesLinkSettings,
    observe: (event: NodeLinkEvent) => void,
  ) => NodeLink;
  readonly createBoard?: ((id: string, settings: FirmataLinkSettings) => OpenSiteBoard) | undefined;
  /** What is offered to nodes over the air. */
  readonly offers?: Offers;
  readonly random?: () => number;
}

/** What brings the readings of every link that has instruments, not started yet. */
export function acquisitionsOf(
  options: AcquiringOptions,
  tolerances: ToleranceFile,
  observe: (event: GatewayEvent) => void,
  onReadings: (readings: readonly Reading[]) => void,
  keeping: Keeping,
): Map<string, Acquisition> {
  const { loaded, catalogue, clock, createLink, createBoard, random } = options;
  const localTime = new LocalTime(loaded.site.gateway.timezone);
  const acquisitions = new Map<string, Acquisition>();
  for (const [id, settings] of Object.entries(loaded.site.links)) {
    const instruments: Instrument[] = loaded.site.instruments
      .filter(({ link }) => link === id)
      .flatMap((one) => {
        const entry = catalogue.find(one.profile);
        return entry === undefined ? [] : [instrumentOf(one, entry)];
      });
    if (settings.kind === 'nodes') {
      const hub = hubOf(id, settings, options, { instruments, observe, onReadings, keeping });
      if (hub !== undefined) acquisitions.set(id, hub);
      continue;
    }
    const [first] = instruments;
    if (settings.kind === 'firmata' && first?.profile.protocol === 'firmata' && createBoard !== undefined) {
      const instrument = { ...first, profile: first.profile };
      const jitter = random === undefined ? {} : { random };
      const open = createBoard(id, settings);
      acquisitions.set(
        id,
        new FirmataAcquisition({ link: id, instrument, open, clock, observe, onReadings, ...jitter }),
      );
    }
    if (instruments.length === 0 || !isLine(settings)) continue;
    const framing = settings.kind === 'tcp' ? settings.framing : 'modbus-rtu';
    const link = createLink(id, settings, observe);
    const more = { ...lineSettingsOf(settings), ...(random === undefined ? {} : { random }) };
    const whole = { link, framing, instruments, clock, localTime, observe, onReadings, tolerances, ...more };
    acquisitions.set(id, new Line(whole));
  }
  return acquisitions;
}

/** The nodes of a link; also where nothing hangs on them yet, since new ones are adopted over it. */
function hubOf(
  id: string,
  settings: NodesLinkSettings,
  { clock, createNodeLink, offers }: AcquiringOptions,
  { instruments, observe, ...parts }: HubParts,
): NodeHub | undefined {
  if (createNodeLink === undefined) return undefined;
  const onNodes = instruments.flatMap((one): NodeInstrument[] =>
    one.profile.protocol === 'node' ? [{ ...one, profile: one.profile }] : [],
  );
  const link = createNodeLink(id, settings, (event) => {
    observe(event);
    hub.observeLink(event);
  });
  const hub: NodeHub = new NodeHub({
    ...{ ...parts, link, instruments: onNodes, clock, observe },
    ...(offers === undefined ? {} : { offers }),
  });
  return hub;
}

interface HubParts {
  readonly instruments: readonly Instrument[];
  readonly observe: (event: GatewayEvent) => void;
  readonly onReadings: (readings: readonly Reading[]) => void;
  readonly keeping: Keeping;
}

/** Asks a question of a search through the line's schedule; told where the line does not ask it. */
export async function exploreOn(line: Acquisition | undefined, asked: Asked): Promise<ExploreAnswer> {
  if (!(line instanceof Line)) return { kind: 'unused' };
  try {
    const { outcome, data, exception, took } = await line.explore({ ...asked, instrument: null });
    const hex = data === null ? null : Buffer.from(data).toString('hex');
    return { kind: 'answer', answered: { outcome, data: hex, exception, took } };
  } catch (error) {
    if (!(error instanceof ExploringRefused)) throw error;
    return { kind: 'refused', reason: error.reason, message: error.message };
  }
}

/** What the site says of how its line is to be used. */
function lineSettingsOf(settings: LineLinkSettings): Pick<LineOptions, 'listenFirst' | 'listenOnly' | 'outstanding'> {
  const outstanding = settings.kind === 'tcp' ? settings.outstanding : undefined;
  const hearing = { listenFirst: listenFirstOf(settings), listenOnly: isListenOnly(settings) };
  return outstanding === undefined ? hearing : { ...hearing, outstanding };
}
