import type { Identity } from './fingerprint/identify.ts';
import type { AskRefusal } from './question.ts';

/** An instrument that answered. */
export interface FoundInstrument extends Identity {
  /** Slave address, or unit identifier on Modbus TCP. */
  readonly address: number;
  /** True where its check sums come high byte first. */
  readonly crcSwapped: boolean;
  /** Questions that were asked of it, and of the answers those that were damaged. */
  readonly asked: number;
  readonly damaged: number;
}

/** What a search found. */
export interface ScanReport {
  readonly instruments: readonly FoundInstrument[];
  /** Addresses at which something answers that is never understood, as two instruments with one address do. */
  readonly garbled: readonly number[];
  /** Addresses that were asked, each at least once. */
  readonly asked: readonly number[];
  /** Of the addresses that were to be asked, those that were not. */
  readonly notAsked: number;
  /** Questions of the second round, for instruments that are silent at the first one: asked, and how many there would be. */
  readonly second: { readonly asked: number; readonly of: number };
  /** True where our own requests came back: the adapter hears itself. */
  readonly echo: boolean;
  /** True for a device on the network that answers at every address: it is one instrument. */
  readonly everyAddress: boolean;
  /** `interrupted`: whoever asked broke it off; else why the line could be asked no more. */
  readonly ended: 'whole' | 'interrupted' | { readonly reason: AskRefusal; readonly message: string };
  /** Milliseconds in all. */
  readonly took: number;
}

/** How far a search is. */
export type ScanEvent =
  | {
      readonly kind: 'asking';
      readonly round: 1 | 2;
      readonly address: number;
      /** Questions of this round that were asked, and how many it has. */
      readonly done: number;
      readonly of: number;
      /** Milliseconds that the rest is going to take, as far as can be told. */
      readonly left: number;
      readonly found: number;
    }
  | { readonly kind: 'answered'; readonly address: number }
  | {
      readonly kind: 'comparing';
      readonly address: number;
      readonly tried: number;
      readonly of: number;
      readonly left: number;
    }
  | { readonly kind: 'identified'; readonly instrument: FoundInstrument }
  | { readonly kind: 'garbled'; readonly address: number };
