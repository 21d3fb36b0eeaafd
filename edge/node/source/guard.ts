import type { Hardware } from './hardware.ts';

/**
 * Restarts a node that does not get on. The watchdog is fed only while both measuring and sending make progress, so that
 * one that stands still takes the other with it. Where the heap runs low it is collected; where that does not help, rows go
 * to flash and the node restarts, before the interpreter fails in the middle of something.
 *
 * @noSelf
 */
export interface Guard {
  /** To be called every few seconds. */
  tick(): void;
  /** Free bytes of the heap at its lowest since boot. */
  lowest(): number;
}

/** @noSelf */
export interface GuardPorts {
  hardware: Hardware;
  /** Seconds of a measuring period. */
  period: number;
  /** Grows with every row measured. */
  measured(): number;
  /** Uptime at which sending last got on. */
  sent(): number;
  /** Keeps what is in RAM and restarts. */
  restart(why: string): void;
}

/** Bytes of heap below which there is trouble: a message, its copy in the client and a read from flash want about 4 KB. */
const FLOOR = 6144;
/** Seconds the chip restarts after without being fed. A tick is 5 s. */
const FED = 60;
/** Seconds that sending may stand still: `hello` and its PUBACK come every 5 min, an attempt to connect every 7.5. */
const SENDING = 900;

export function openGuard(ports: GuardPorts): Guard {
  const { hardware } = ports;
  let lowest = hardware.heap();
  let rows = 0;
  let measuredAt = 0;
  return {
    lowest: () => lowest,
    tick: () => {
      const now = hardware.uptime();
      const measured = ports.measured();
      if (measured !== rows) {
        rows = measured;
        measuredAt = now;
      }
      if (now - measuredAt <= 2 * ports.period + FED && now - ports.sent() <= SENDING) hardware.keepAlive(FED);
      let heap = hardware.heap();
      if (heap < lowest) lowest = heap;
      if (heap >= FLOOR) return;
      collectgarbage('collect');
      heap = hardware.heap();
      if (heap < FLOOR) ports.restart('heap');
    },
  };
}
