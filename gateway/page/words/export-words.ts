/** Words about records that will be let go and that nobody else has. Days are dates, `2026-11-24`. */
export interface ExportWords {
  readonly problem: (days: number, from: string) => string;
  readonly leavingName: string;
  readonly leaving: (days: number, since: string, from: string, by: 'age' | 'room') => string;
  /** How to export them. */
  readonly command: (since: string) => string;
}
