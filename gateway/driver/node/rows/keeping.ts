import type { Reading } from '../../../reading/reading.ts';

/** How far a node is heard: everything up to `seq` of its boot `boot`, and all of its earlier boots. */
export interface NodeMark {
  readonly source: string;
  readonly boot: number;
  readonly seq: number;
}

/** Something for the records that is told with a row. */
export interface RowEvent {
  readonly kind: 'event';
  readonly event: 'node-rows-lost' | 'node-rows-refused' | 'node-rows-without-time';
  readonly details: { readonly [name: string]: JsonValue };
  readonly revision: 1;
}

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** A row as it becomes part of the record: its readings, judged, or none where nobody knows when they were. */
export interface TakenRow {
  readonly boot: number;
  readonly seq: number;
  readonly readings: readonly Reading[];
  readonly records: readonly RowEvent[];
}

/**
 * Where rows go to be durable: each becomes part of exactly one word on its minute, and the mark is durable with that word.
 * Sources are the ids of nodes.
 */
export interface Keeping {
  /** How far the nodes are heard by what is durable; null when the store does not answer. */
  marks(): Promise<readonly NodeMark[] | null>;
  /** Whether so many rows more of a source would be taken now. */
  hasRoom(source: string, rows: number): boolean;
  /** Judges readings in the order in which they were measured: each once. */
  judge(readings: readonly Reading[]): readonly Reading[];
  /** False when they cannot be taken now: the node is to send them again. */
  take(source: string, rows: readonly TakenRow[]): boolean;
  /** `had`: durable up to there. `forgotten`: what was taken beyond `upTo` has to come again. */
  listen(listener: { had(mark: NodeMark): void; forgotten(source: string, upTo: NodeMark | null): void }): void;
  /** The newest readings of an instrument, for whoever looks; they become no part of the record by this. */
  show(readings: readonly Reading[]): void;
}
