/** Words about how fast an uplink goes, what holds it, and how long that takes. */
export interface PaceWords {
  readonly drainsIn: (time: string) => string;
  /** Nothing says yet how long it takes: it does not shrink, or was not watched for long enough. */
  readonly drainUnknown: string;
  /** Nothing can drain now: there is no connection. */
  readonly drainsLater: string;
  /** Its turn after an outage comes. */
  readonly turnIn: (time: string) => string;
  readonly waitsForMonth: string;
  readonly ageUnknown: string;
  /** Between the parts of one sentence. */
  readonly and: string;
  readonly roomUnknown: string;
  readonly roomFor: (time: string) => string;
  /** In which order what is held goes out, and how it is marked. */
  readonly order: string;
  readonly opensAt: (time: string) => string;
  readonly waits: { readonly spread: string; readonly month: string };
  /** Entries that went out marked late. */
  readonly late: string;
  readonly rate: string;
  readonly month: (month: string) => string;
  readonly monthOf: (used: string, limit: string) => string;
  readonly usedUp: (uplink: string) => string;
}
