/** What is used of two libraries that come without types. */

declare module 'johnny-five' {
  import type { EventEmitter } from 'node:events';
  import type { Arduino, FirmataIo } from './arduino.ts';

  interface BoardSettings {
    /** A board that is ready already. */
    readonly io: FirmataIo;
    readonly repl: false;
    readonly debug: false;
    readonly sigint: false;
  }
  const johnnyFive: { readonly Board: new (settings: BoardSettings) => Arduino & EventEmitter };
  export default johnnyFive;
}

declare module 'firmata-io' {
  import type { EventEmitter } from 'node:events';
  import type { FirmataIo } from './arduino.ts';

  /** Bytes both ways, as the stream of serialport: `data`, `open`, `close` and `error` are events. */
  interface Transport extends EventEmitter {
    write(bytes: Uint8Array, taken: () => void): void;
  }
  interface Settings {
    /** Milliseconds after which the board is asked for its version, if it has not told it by itself. */
    readonly reportVersionTimeout: number;
  }
  interface Firmata {
    new (transport: Transport, settings: Settings): FirmataIo;
    /** What is done with each kind of long message. */
    readonly SYSEX_RESPONSE: Record<string, unknown>;
  }
  const firmata: { readonly Firmata: Firmata };
  export default firmata;
}
