import type { ExploringRefusal } from '../driver/line/exploring.ts';
import type { ModbusQuestion, ModbusResult } from '../driver/modbus/modbus-exchange.ts';

/** One read request of a search. There is no other: nothing here can write. */
type ScanQuestion = Omit<ModbusQuestion, 'instrument' | 'hasty'>;

/** What came of it. */
export type ScanAnswer = Pick<ModbusResult, 'outcome' | 'data' | 'exception' | 'took'>;

/** Why nothing may or can be asked any more; `gateway`: the gateway that runs the line does not answer. */
export type AskRefusal = ExploringRefusal | 'line-lost' | 'gateway';

/** The error with which asking ends; the message says why, in English. */
type AskRefused = Error & { readonly reason: AskRefusal };

export function isRefusal(error: unknown): error is AskRefused {
  return error instanceof Error && 'reason' in error;
}

/**
 * Asks a question on the line that is searched, through whatever schedule the line has. Rejects with {@link AskRefused}
 * where nothing may or can be asked any more.
 */
export type Ask = (question: ScanQuestion) => Promise<ScanAnswer>;

/** What is to be made of an answer by who only wants to know whether somebody is there. */
export type Presence = 'present' | 'silent' | 'damaged' | 'another' | 'lost';

/**
 * Modbus Application Protocol V1.1b3, 7: a gateway on the network says for a slave behind it that it has no path to it,
 * or that it did not answer. That is silence.
 */
const saidForTheSlave: readonly (number | null)[] = [0x0a, 0x0b];

export function presenceIn({ outcome, exception }: Pick<ScanAnswer, 'outcome' | 'exception'>): Presence {
  switch (outcome) {
    case 'ok':
    case 'foreign-function':
    case 'foreign-length':
    case 'wrong-time':
      return 'present';
    case 'exception':
      return saidForTheSlave.includes(exception) ? 'silent' : 'present';
    case 'no-bytes':
    case 'echo':
      return 'silent';
    case 'crc':
    case 'short':
    case 'junk':
      return 'damaged';
    case 'foreign-slave':
      return 'another';
    case 'line-lost':
      return 'lost';
  }
}
