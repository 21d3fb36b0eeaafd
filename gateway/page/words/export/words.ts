/** Words about records that will be let go and that nobody else has. Days are dates, `2026-11-24`. */
export interface ExportWords {
  readonly problem: (days: number, from: string) => string;
  readonly leaving: (days: number, since: string, from: string, by: 'age' | 'room') => string;
  /** How to export them. */
  readonly command: (since: string) => string;
  /** A download of what is kept. */
  readonly download: string;
  readonly what: string;
  readonly minutesOf: (factor: string) => string;
  readonly events: string;
  readonly firstDay: string;
  readonly lastDay: string;
  readonly save: string;
}
