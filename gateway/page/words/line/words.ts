/** The words for what goes over a line, and for a reading that somebody asks for. Times are texts with their unit. */
export interface LineWords {
  readonly transactions: string;
  /** On the fold with what went over the line for one reading. */
  readonly transactionsOf: (count: number) => string;
  readonly request: string;
  readonly answer: string;
  readonly pause: string;
  readonly goOn: string;
  readonly paused: string;
  readonly save: string;
  readonly notFetched: string;
  readonly notShown: (count: string) => string;
  readonly omitted: (count: number) => string;

  /** Facts set apart, in one line. */
  readonly facts: (facts: readonly string[]) => string;
  readonly named: (name: string, value: string) => string;
  /** In place of an instrument: the question was one of a search. */
  readonly search: string;
  readonly slave: (address: number | null) => string;
  readonly connection: (generation: number) => string;
  /** An outcome with its Modbus exception code. */
  readonly exception: (refused: string, code: number) => string;
  readonly firstByte: (time: string) => string;
  readonly lastByte: (time: string) => string;
  readonly longestGap: (time: string) => string;
  /** `expected` is null where nobody asked. */
  readonly bytesCame: (came: number, expected: number | null) => string;
  readonly inAll: (time: string) => string;
  readonly moreBytes: (count: number) => string;
  readonly junkBefore: (bytes: number) => string;
  readonly junkAfter: (bytes: number) => string;
  readonly echoed: (bytes: number) => string;
  readonly late: (bytes: number) => string;

  /** Whether the line may be spoken on; `asked` are the slave addresses that another master was heard to ask. */
  readonly silence: {
    readonly listening: string;
    readonly notUnderstood: (junk: string) => string;
    readonly otherMaster: (asked: string) => string;
    readonly onlyListening: string;
    readonly onlyListeningTo: (asked: string) => string;
  };

  readonly recent: string;
  readonly slaveAddress: string;
  readonly requests: string;
  readonly response: string;
  readonly responseOf: (median: string, largest: string) => string;
  readonly junkBytes: string;
  readonly echoes: string;
  readonly lateAnswers: string;
  readonly hearsItself: (share: string) => string;

  readonly readNow: string;
  readonly reading: string;
  readonly readAt: (time: string, took: string) => string;
  readonly close: string;
  /** Why there is no reading, by the API's answer. */
  readonly noReading: {
    readonly notAllowed: string;
    readonly leftOut: string;
    readonly tooMany: string;
    readonly notRunning: string;
    readonly noTime: string;
  };

  /** Of the text that is saved and sent. */
  readonly text: {
    readonly title: string;
    readonly version: string;
    readonly line: string;
    readonly timezone: string;
    readonly madeAt: string;
    readonly held: (held: string, total: string, since: string) => string;
    readonly lastRequests: (count: number) => string;
    readonly sinceStart: (count: string) => string;
  };
}
