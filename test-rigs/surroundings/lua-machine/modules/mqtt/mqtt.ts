import type { Chip } from '../../chip/chip.ts';
import type { LuaValue } from '../../crossing.ts';
import { Esp32Client } from './esp32-client.ts';
import { Esp8266Client } from './esp8266-client.ts';

/** `mqtt` as https://nodemcu.readthedocs.io/en/release/modules/mqtt/ and .../dev-esp32/modules/mqtt/ have it. */
export function mqttModule(chip: Chip): Record<string, LuaValue> {
  if (chip.around.kind === 'esp32') {
    return {
      Client: (id: string, keepAlive: number, user?: string, password?: string) =>
        // luaX_alloc_string cuts what is too long, without a word (components/lua/common/lnodeaux.c).
        new Esp32Client(chip, {
          clientId: id.slice(0, 32),
          keepAlive,
          user: user?.slice(0, 32),
          password: password?.slice(0, 65),
        }),
    };
  }
  return {
    Client: (id: string, keepAlive: number, user?: string, password?: string, _clean = 1, longest = 1024) =>
      new Esp8266Client(chip, { clientId: id, keepAlive: keepAlive === 0 ? 60 : keepAlive, user, password }, longest),
    CONN_FAIL_SERVER_NOT_FOUND: -5,
    CONN_FAIL_NOT_A_CONNACK_MSG: -4,
    CONN_FAIL_DNS: -3,
    CONN_FAIL_TIMEOUT_RECEIVING: -2,
    CONN_FAIL_TIMEOUT_SENDING: -1,
    CONNACK_ACCEPTED: 0,
    CONNACK_REFUSED_PROTOCOL_VER: 1,
    CONNACK_REFUSED_ID_REJECTED: 2,
    CONNACK_REFUSED_SERVER_UNAVAILABLE: 3,
    CONNACK_REFUSED_BAD_USER_OR_PASS: 4,
    CONNACK_REFUSED_NOT_AUTHORIZED: 5,
  };
}
