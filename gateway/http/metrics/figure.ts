import type { Picture } from '../picture.ts';

type Labels = Readonly<Record<string, string>>;
/** One number of a figure; a missing value has no sample at all. */
export type Sample = readonly [labels: Labels, value: number];

/** A figure of the picture as Prometheus sees it: names with their unit, `_total` for what only grows until a restart. */
export interface Figure {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly samples: (picture: Picture) => readonly Sample[];
}
