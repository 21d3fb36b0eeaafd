import type { Configuration } from './configuration.ts';
import type { Core, Link } from './core.ts';
import { decoded } from './decoded.ts';
import type { Hardware } from './hardware.ts';

const HELLO_EVERY = 30;
const TICK = 5000;
/** Seconds after which a PUBACK does not come any more. */
const ANSWER = 20;
/** Milliseconds for the answer to leave, whatever becomes of it, before the node starts with its account. */
const RESTART = 10000;
const WRONG_CODES = 5;
const KEEP_ALIVE = 30;
const FIRST_WAIT = 5;

/**
 * A node without an account asks for one: it says on the broker who it is and takes an account from whoever knows the code
 * on its console, which is another one after each start. After five wrong ones it takes none until it restarts.
 */
export function seekAdoption(hardware: Hardware, configuration: Configuration): void {
  const chip = hardware.id();
  const { uptime } = hardware;
  const code = string.format('%06d', math.floor(hardware.random() * 1000000));
  // Mosquitto lets nobody in without a password; this one is no secret.
  const client = mqtt.Client(chip, KEEP_ALIVE, 'new', 'new');
  const prefix = `fenceline-node/v1/new/${chip}/`;
  let wrong = 0;
  let answerKind = '';
  let answer = '';
  let isAdopted = false;
  let isJoined = false;
  let helloAt = 0;
  let freeAt = 0;
  let link: Link;

  const publish = (kind: string, payload: string): boolean => {
    freeAt = uptime() + ANSWER;
    const [isTaken, result] = pcall(() =>
      client.publish(prefix + kind, payload, 1, 0, () => {
        freeAt = 0;
        pump();
      }),
    );
    return isTaken && !!result;
  };

  const pump = (): void => {
    const now = uptime();
    if (!isJoined || now < freeAt) return;
    if (answer !== '') {
      if (publish(answerKind, answer)) answer = '';
    } else if (!isAdopted && now >= helloAt) {
      helloAt = now + HELLO_EVERY;
      publish('hello', `{"l":1,"chip":"${hardware.chip}","version":"${FIRMWARE_VERSION}"}`);
    }
  };

  const adopt = (payload: string): string | undefined => {
    const given = decoded(payload);
    if (given === undefined) return 'syntax';
    if (wrong >= WRONG_CODES || given.code !== code) {
      wrong += 1;
      return 'code';
    }
    const account = { node: given.node, password: given.password };
    const files = section<typeof import('./configuration-files.ts')>('configuration-files');
    const fault = files.writeConfiguration(account, hardware.chip === 'esp32');
    if (fault !== undefined) return fault;
    isAdopted = true;
    hardware.after(RESTART, () => node.restart());
    answerKind = 'adopted';
    answer = `{"node":"${given.node}"}`;
    return undefined;
  };

  const core = {
    hardware,
    configuration,
    client,
    prefix,
    kinds: ['adopt'],
    isUp: false,
    wait: FIRST_WAIT,
    progress: 0,
  };
  const joining = core as unknown as Core;
  joining.turn = () => {
    isJoined = true;
    helloAt = 0;
    freeAt = 0;
    joining.wait = FIRST_WAIT;
    pump();
  };
  const away = (): Link => section<typeof import('./sending/away.ts')>('sending/away').openAway(joining);
  const lost = (): void => {
    if (isJoined) {
      isJoined = false;
      pcall(() => client.close());
      link = away();
    } else link.lost();
  };
  print(`fenceline: adoption code ${code}`);
  link = away();
  client.on('offline', lost);
  client.on('message', (_, _topic, payload) => {
    if (isAdopted) return;
    const why = adopt(payload || '');
    if (why !== undefined) {
      answerKind = 'refused';
      answer = `{"what":"adopt","why":"${why}"}`;
    }
    pump();
  });
  hardware.wifi(configuration.wifi[0] as string, configuration.wifi[1] as string, (isUp) => {
    joining.isUp = isUp;
    lost();
  });
  hardware.every(TICK, () => {
    if (!isJoined) link.tick();
    pump();
  });
}
