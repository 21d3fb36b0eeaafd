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
  /**
   * Which instruments (places in the list) cannot run because of it. Empty: the document as a whole is unusable.
   * Means nothing for a warning.
   */
  readonly instruments: readonly number[];
}

/** Place in a document: member names and list indices from the outside in. */
export type FieldPath = readonly PropertyKey[];

/** Writes a place the way people read it: `instruments[1].address`, `links.rs485-1.path`. */
export function fieldName(path: FieldPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? String(step) : `.${String(step)}`;
  }
  return text;
}
