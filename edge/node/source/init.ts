import type { Hardware } from './hardware.ts';

const chip = file.exists('esp8266.lua') ? 'esp8266' : 'esp32';
const shared = dofile('node.lua') as { /** @noSelf */ start(this: void, hardware: Hardware): void };
const own = dofile(`${chip}.lua`) as { hardware(this: void): Hardware };
shared.start(own.hardware());
