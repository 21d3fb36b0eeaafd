import type { Configuration } from './configuration.ts';
import type { Hardware } from './hardware.ts';
import type { Measuring } from './measuring.ts';

/**
 * What a node holds of rows and boots: one record, since the parts that deal with it are not all in the heap at once. The
 * first seven stand in flash too (`keeping/boots.ts`).
 */
export interface Kept {
  /** Counts the boots as the blocks in flash know them; what others are told is this plus `shift`. */
  boot: number;
  /** Above 0 where the counter was once lost and the gateway knew of higher boots. */
  shift: number;
  /** Rows dropped ever. */
  dropped: number;
  /** Why the node booted, the last eight times, newest last: `.power.watchdog`. */
  reasons: string;
  /** Epoch seconds at which boots began that learned it after rows of theirs went to flash: `;17:1764131580` each. */
  zeros: string;
  /** Why the node is about to restart itself, and the epoch second if it knows it: `trial@1764131580`; empty otherwise. */
  why: string;
  /** Counts the writings of all this. */
  written: number;

  /** Whose rows these are: those in flash of another account are not sent under this one. */
  node: string;
  /** Names of this boot's columns as in `rows`: `"pm1","pm25","pm10"`. */
  columns: string;
  /**
   * Rows in RAM, oldest first, and the last seq of this boot. A row is the inside of a JSON list, `seq,s,d,nf,na,v1,…`: one
   * text costs a third of a record.
   */
  ring: string[];
  seq: number;
  /** Uptime since which nothing of what is in RAM was had, or tried to go to flash. */
  waiting: number;
  /** Up to which seq rows of this boot were ever sent: nobody can have what is above it. */
  sent: number;
  /**
   * Epoch second at which this boot began, as far as the gateway told a time, in this boot or before a restart of the node's
   * own; undefined until then, never guessed.
   */
  zero: number | undefined;
  /** What the gateway has, with the boot as in flash. */
  hadBoot: number;
  hadSeq: number;

  /** Blocks in flash: the oldest and the newest; lower than the oldest if there are none. */
  oldest: number;
  newest: number;
  /** Rows in the newest block that this boot may still add to; 0: the next ones begin a block. */
  added: number;
  /** Where the oldest block is read on from; 0: at its head. */
  offset: number;
  /** Rows in flash that were not had, and pieces found damaged since the start. */
  held: number;
  torn: number;
  /** The flash did not take rows even after a block was given up for them: no more are, until it takes some. */
  isStuck: boolean;
}

/** What the parts of the running firmware share. @noSelf */
export interface Core {
  hardware: Hardware;
  configuration: Configuration;
  /** Whether configuration or firmware are on trial until the gateway is heard. */
  isOnTrial: boolean;
  kept: Kept;
  measuring: Measuring;
  client: MqttClient;
  /** Topics begin with it: `fenceline-node/v1/esp-7f3a12/`. */
  prefix: string;
  /** Kinds to listen to. */
  kinds: string[];
  /** Whether there is a network. */
  isUp: boolean;
  /** Seconds that the next attempt to connect is put off by, on average. */
  wait: number;
  /** Uptime at which sending last got on. */
  progress: number;
  /** Bytes of heap free after a collection, at their lowest since boot. */
  lowest: number;
  /** The connection came about, or is lost. */
  turn(isJoined: boolean): void;
  /** Keeps what is in RAM and restarts. */
  restart(why: string): void;
}

/**
 * What deals with the network at the moment: `sending/away.ts` without a connection, `sending/connected.ts` with one.
 *
 * @noSelf
 */
export interface Link {
  /** The client lost its connection, or the network went or came. */
  lost(): void;
  take(kind: string, payload: string): void;
  /** A row was added. */
  pump(): void;
  /** Every few seconds. */
  tick(): void;
}
