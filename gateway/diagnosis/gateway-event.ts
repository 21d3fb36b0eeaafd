import type { AveragingEvent } from '../averaging/averaging.ts';
import type { ClockEvent } from '../clock/trust.ts';
import type { CommandEvent } from '../command/port.ts';
import type { DriverEvent } from '../driver/events.ts';
import type { NodeEvent } from '../driver/node/events.ts';
import type { HoldingEvent } from '../holding/holding.ts';
import type { HttpEvent } from '../http/events.ts';
import type { LinkEvent } from '../link/link.ts';
import type { NodeLinkEvent } from '../link/nodes/node-link.ts';
import type { ToleranceFault } from '../site/tolerance-file.ts';
import type { TrafficFault } from '../site/traffic-file.ts';
import type { StoreEvent } from '../store/port.ts';
import type { UplinkEvent } from '../uplink/port.ts';

/** Everything a station may tell. */
export type GatewayEvent =
  | LinkEvent
  | NodeLinkEvent
  | DriverEvent
  | NodeEvent
  | AveragingEvent
  | ClockEvent
  | HoldingEvent
  | StoreEvent
  | UplinkEvent
  | CommandEvent
  | HttpEvent
  | ToleranceFault
  | TrafficFault;
