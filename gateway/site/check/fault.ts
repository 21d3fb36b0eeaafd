import type { PropertyPath } from './json-places.ts';

/** A sentence in both languages: English for log and API, Chinese for the technician. */
export interface Sentence {
  readonly zh: string;
  readonly en: string;
}

/** Something in the site file that cannot stand, or that ought to be looked at: what, where, and what to write instead. */
export interface SiteFault {
  /** The file as it was named by whoever asked. */
  readonly file: string;
  /** Line in the file, from 1; absent where no place in the text can be named. */
  readonly line?: number;
  /** Character in that line, from 1; only told for text that is not JSON. */
  readonly column?: number;
  /** Where in the document, `instruments[1].address`; empty for the document as a whole. */
  readonly field: string;
  readonly fault: Sentence;
  readonly remedy: Sentence;
  readonly stops: Stops;
}

/** What cannot run because of a fault: the whole document, or instruments by their place in the list (none: a spare line). */
export type Stops = 'document' | readonly number[];

/** Takes a fault at a place of the document; `stops` is worked out from the place unless it is given. */
export type Complain = (path: PropertyPath, fault: Sentence, remedy: Sentence, stops?: Stops) => void;

/** Writes a place the way people read it: `instruments[1].address`, `links.rs485-1.path`. */
export function fieldName(path: PropertyPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? String(step) : `.${String(step)}`;
  }
  return text;
}

/** A value as it stands in the file, cut where it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
