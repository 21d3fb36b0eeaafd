/** JSON. https://nodemcu.readthedocs.io/en/release/modules/sjson/ */
declare const sjson: {
  /** What JSON `null` becomes: an object of its own (`type` says `userdata`), not nil. */
  readonly NULL: unknown;
  /** Throws if it is not JSON or is nested deeper than 20. Arrays begin at 1, as the compiler expects of a list. */
  decode(this: void, text: string): unknown;
  /** An empty table becomes `{}`... or `[]`: write lists that may be empty by hand. Throws on what JSON cannot say. */
  encode(this: void, value: unknown): string;
};
