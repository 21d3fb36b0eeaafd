/**
 * Wi-Fi as a station. https://nodemcu.readthedocs.io/en/release/modules/wifi/ (ESP8266, which joins again by itself with
 * `auto`), https://nodemcu.readthedocs.io/en/dev-esp32/modules/wifi/ (ESP32, which joins again at each `disconnected`).
 */

interface WifiStation {
  /** `ssid` 1 to 32 characters, `pwd` 8 to 64 or empty. `auto` and `save` inside are ESP8266's; ESP32 has `save` second. */
  config(this: void, settings: { ssid: string; pwd: string; auto?: boolean; save?: boolean }, save?: boolean): unknown;
  connect(this: void): void;
  disconnect(this: void): void;
  /** ESP8266 only. dBm, undefined (nil) while there is no network. */
  getrssi?(this: void): number | undefined;
  /** ESP8266 only. Undefined (nil) while there is none. */
  getip?(this: void): LuaMultiReturn<[string | undefined, string | undefined, string | undefined]>;
  /** ESP32 only. */
  on?(
    this: void,
    event: 'start' | 'stop' | 'connected' | 'disconnected' | 'authmode_changed' | 'got_ip',
    then: (this: void, event: string, information: { readonly [name: string]: unknown }) => void,
  ): void;
  /** ESP32 only. Networks within reach, each with `ssid` and `rssi`; the connection stands still while it looks. */
  scan?(
    this: void,
    settings: { ssid?: string },
    then: (this: void, fault: string | undefined, found?: readonly { ssid: string; rssi: number }[]) => void,
  ): void;
}

declare const wifi: {
  readonly STATION: number;
  /** ESP8266 only. The mode that came about. */
  setmode?(this: void, mode: number, save?: boolean): number;
  /** ESP32 only. */
  mode?(this: void, mode: number, save?: boolean): void;
  /** ESP32 only; without it nothing happens. */
  start?(this: void): void;
  readonly sta: WifiStation;
  /** ESP8266 only. A handler replaces the one before for the same event. */
  readonly eventmon?: {
    readonly STA_CONNECTED: number;
    readonly STA_DISCONNECTED: number;
    readonly STA_GOT_IP: number;
    register(
      this: void,
      event: number,
      then: (this: void, information: { readonly [name: string]: unknown }) => void,
    ): void;
  };
};
