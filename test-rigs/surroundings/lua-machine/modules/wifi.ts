import type { Chip } from '../chip/chip.ts';
import { type LuaFunction, type LuaValue, nil } from '../crossing.ts';

/** Milliseconds to join a network, and from one attempt that failed to the next. */
const JOINING = 2500;
const AGAIN = 3000;

/** Reasons of a lost connection: 200 the beacon is not heard, 201 no such network (wifi.eventmon.reason). */
const BEACON_TIMEOUT = 200;
const NO_AP_FOUND = 201;

/** A station's attempts to get into the network and back into it; both chips do that by themselves once they were told. */
class Station {
  isJoined = false;
  /** The network that it was told to join. */
  network = '';
  readonly #chip: Chip;
  readonly #onJoined: () => void;
  readonly #onLost: (reason: number) => void;
  #cancel: (() => void) | null = null;

  constructor(chip: Chip, onJoined: () => void, onLost: (reason: number) => void) {
    this.#chip = chip;
    this.#onJoined = onJoined;
    this.#onLost = onLost;
    chip.atEnd(chip.around.air.watch(() => this.#changed()));
  }

  connect(): void {
    if (this.isJoined || this.#cancel !== null) return;
    this.#wait(JOINING);
  }

  #wait(milliseconds: number): void {
    this.#cancel = this.#chip.after(milliseconds, () => {
      this.#cancel = null;
      if (!this.#chip.around.air.has(this.network)) {
        this.#onLost(NO_AP_FOUND);
        if (this.#cancel === null) this.#wait(AGAIN);
        return;
      }
      this.isJoined = true;
      this.#onJoined();
    });
  }

  #changed(): void {
    if (this.#chip.around.air.isUp || !this.isJoined) return;
    this.isJoined = false;
    this.#onLost(BEACON_TIMEOUT);
    if (this.#cancel === null && !this.#chip.isOver) this.#wait(AGAIN);
  }
}

/**
 * `wifi` as https://nodemcu.readthedocs.io/en/release/modules/wifi/ (ESP8266: one handler for each event; `disconnected`
 * comes at every attempt that fails, too) and .../dev-esp32/modules/wifi/ (ESP32: nothing before `wifi.start`) have it.
 */
export function wifiModule(chip: Chip): Record<string, LuaValue> {
  return chip.around.kind === 'esp8266' ? esp8266Wifi(chip) : esp32Wifi(chip);
}

const information = { ip: '10.42.0.23', netmask: '255.255.255.0', gateway: '10.42.0.1', gw: '10.42.0.1' };

function checked(settings: { ssid?: unknown; pwd?: unknown }): void {
  const { ssid, pwd } = settings;
  if (typeof ssid !== 'string' || ssid.length < 1 || ssid.length > 32)
    throw new Error('ssid must be a string of 1 to 32');
  if (pwd !== undefined && pwd !== '' && (typeof pwd !== 'string' || pwd.length < 8 || pwd.length > 64)) {
    throw new Error('pwd must be a string of 8 to 64');
  }
}

function esp8266Wifi(chip: Chip): Record<string, LuaValue> {
  const handlers = new Map<number, LuaFunction>();
  const tell = (event: number, said: LuaValue): void => chip.run(handlers.get(event), said);
  const station = new Station(
    chip,
    () => {
      tell(0, { SSID: 'network', BSSID: '18:fe:34:00:00:01', channel: 6 });
      tell(3, { IP: information.ip, netmask: information.netmask, gateway: information.gateway });
    },
    (reason) => tell(1, { SSID: 'network', BSSID: '18:fe:34:00:00:01', reason }),
  );
  return {
    STATION: 1,
    SOFTAP: 2,
    STATIONAP: 3,
    setmode: (mode: number) => mode,
    getmode: () => 1,
    eventmon: {
      STA_CONNECTED: 0,
      STA_DISCONNECTED: 1,
      STA_AUTHMODE_CHANGE: 2,
      STA_GOT_IP: 3,
      STA_DHCP_TIMEOUT: 4,
      register: (event: number, then: LuaFunction) => {
        handlers.get(event)?.release();
        handlers.set(event, then);
      },
    },
    sta: {
      config: (settings: { ssid: string; pwd: string; auto?: boolean }) => {
        checked(settings);
        station.network = settings.ssid;
        if (settings.auto !== false) station.connect();
        return true;
      },
      connect: () => station.connect(),
      disconnect: () => undefined,
      getrssi: () => (station.isJoined ? chip.around.air.rssi : nil),
      getip: () => (station.isJoined ? information.ip : nil),
    },
  };
}

function esp32Wifi(chip: Chip): Record<string, LuaValue> {
  const handlers = new Map<string, LuaFunction>();
  const tell = (event: string, said: LuaValue): void => chip.run(handlers.get(event), event, said);
  let mode = 0;
  let isStarted = false;
  let isConfigured = false;
  const station = new Station(
    chip,
    () => {
      tell('connected', { ssid: 'network', bssid: '18:fe:34:00:00:01', channel: 6, auth: 3 });
      tell('got_ip', { ip: information.ip, netmask: information.netmask, gw: information.gw });
    },
    (reason) => tell('disconnected', { ssid: 'network', bssid: '18:fe:34:00:00:01', reason }),
  );
  return {
    STATION: 1,
    SOFTAP: 2,
    STATIONAP: 3,
    mode: (wanted: number) => {
      mode = wanted;
    },
    start: () => {
      isStarted = true;
      chip.after(1, () => {
        tell('start', {});
        if (isConfigured) station.connect();
      });
    },
    sta: {
      config: (settings: { ssid: string; pwd: string }) => {
        if (mode !== 1 && mode !== 3) throw new Error('failed to set wifi config, code 12292');
        checked(settings);
        station.network = settings.ssid;
        isConfigured = true;
      },
      connect: () => {
        // ESP_ERR_WIFI_NOT_STARTED
        if (!isStarted) throw new Error('connect failed, code 12290');
        station.connect();
      },
      disconnect: () => undefined,
      on: (event: string, then?: LuaFunction) => {
        handlers.get(event)?.release();
        if (then === undefined) handlers.delete(event);
        else handlers.set(event, then);
      },
    },
  };
}
