import type { EventEmitter } from 'node:events';

/** What is used of a firmata-io board. */
export interface FirmataIo extends EventEmitter {
  readonly isReady: boolean;
  readonly firmware: { readonly name?: string; readonly version?: { readonly major: number; readonly minor: number } };
  readonly reportVersionTimeoutId: NodeJS.Timeout;
  /** Bytes of a message that is not whole yet. */
  readonly buffer: readonly number[];
  readonly pins: readonly {
    readonly supportedModes: readonly number[];
    readonly mode?: number;
    readonly state?: number;
  }[];
  /** Pin of each analogue channel. */
  readonly analogPins: readonly number[];
  /** The levels of eight pins each, as they are sent to the board. */
  readonly ports: number[];
  readonly RESOLUTION: { readonly ADC: number | null };
  setSamplingInterval(milliseconds: number): void;
  writeDigitalPort(port: number): void;
  reportDigitalPin(pin: number, on: 0 | 1): void;
  /** Asks the firmware to take back everything that it was told. */
  reset(): void;
}

/** What is used of a johnny-five board, which hands it on to its io. */
export interface Arduino {
  readonly io: FirmataIo;
  pinMode(pin: number, mode: number): void;
  digitalRead(pin: number, listener: (level: number) => void): void;
  analogRead(channel: number, listener: (raw: number) => void): void;
  queryPinState(pin: number, then: () => void): void;
  i2cConfig(settings: { readonly delay: number }): void;
  i2cReadOnce(address: number, register: number, count: number, then: (bytes: number[]) => void): void;
  i2cWriteReg(address: number, register: number, value: number): void;
}

/** Modes of a pin in the Firmata protocol. */
export const modes = { input: 0, output: 1, analogue: 2, i2c: 6 } as const;
