import type { FactorCode } from '../../device-profiles/factors.ts';
import type { ContactPicture, RelayPicture, SiteFaultPicture } from '../http/picture.ts';

/** What diagnosis is told at the start about one series that an instrument serves. */
export interface SeriesDescription {
  readonly point: string;
  readonly place?: string;
  readonly factor: FactorCode;
  readonly zh: string;
  readonly en: string;
  readonly unit: string;
  readonly decimals: number;
}

export interface InstrumentDescription {
  readonly id: string;
  readonly profile: string;
  readonly name: { readonly zh: string; readonly en: string };
  readonly local: boolean;
  readonly unproven?: boolean;
  /** Its readings carry the origin `simulated`. */
  readonly simulated: boolean;
  readonly link: string;
  /** The sensor node that it is on, where it is on one. */
  readonly node?: string;
  readonly address: number | null;
  /** Milliseconds; null when the profile is not known. */
  readonly every: number | null;
  readonly leftOut: boolean;
  readonly faults: readonly SiteFaultPicture[];
  readonly series: readonly SeriesDescription[];
  /** Of a board with pins. */
  readonly board?: BoardDescription;
}

/** What hangs on a board with pins, as far as it does not change. */
export interface BoardDescription {
  readonly contacts: readonly Omit<ContactPicture, 'closed' | 'since'>[];
  readonly relays: readonly Omit<RelayPicture, 'state' | 'cause' | 'who' | 'next' | 'until'>[];
}

export interface LinkDescription {
  readonly id: string;
  readonly kind: 'serial' | 'tcp' | 'tcp-server' | 'nodes' | 'firmata';
  readonly address: string;
  readonly settings: string;
}

export interface UplinkDescription {
  readonly id: string;
  /** Without user name and password. */
  readonly url: string;
  readonly acknowledge: 'broker' | 'platform';
}

/** What this gateway is, as far as it does not change while it runs. */
export interface GatewayDescription {
  readonly id: string;
  readonly area: string;
  readonly version: string;
  readonly site: string;
  /** Of the key in force, which may be rotated. */
  readonly fingerprint?: () => string;
  readonly siteFaults: readonly SiteFaultPicture[];
  readonly instruments: readonly InstrumentDescription[];
  readonly links: readonly LinkDescription[];
  readonly uplinks: readonly UplinkDescription[];
}
