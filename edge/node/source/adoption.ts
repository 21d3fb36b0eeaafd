import type { Configuration } from './configuration.ts';
import { decoded, writeConfiguration } from './configuration-files.ts';
import type { Hardware } from './hardware.ts';
import { openSession, type Session } from './sending/session.ts';

const HELLO_EVERY = 30;
const TICK = 5000;
/** Milliseconds for the answer to leave, whatever becomes of it, before the node starts with its account. */
const RESTART = 10000;
const WRONG_CODES = 5;

/**
 * A node without an account asks for one: it says on the broker who it is and takes an account from whoever knows the code
 * on its console, which is another one after each start. After five wrong ones it takes none until it restarts.
 */
export function seekAdoption(hardware: Hardware, configuration: Configuration): void {
  const chip = hardware.id();
  const code = string.format('%06d', math.floor(hardware.random() * 1000000));
  let wrong = 0;
  let answerKind = '';
  let answer = '';
  let helloAt = 0;
  let isHelloDue = false;
  let isAdopted = false;
  let session: Session;

  const pump = (): void => {
    if (answer !== '') {
      if (session.publish(answerKind, answer)) answer = '';
    } else if (isHelloDue) {
      isHelloDue = !session.publish('hello', `{"l":1,"chip":"${hardware.chip}","version":"${FIRMWARE_VERSION}"}`);
    }
  };

  const refuse = (why: string): void => {
    answerKind = 'refused';
    answer = `{"what":"adopt","why":"${why}"}`;
  };

  const adopt = (payload: string): void => {
    const given = decoded(payload);
    if (isAdopted) return;
    if (given === undefined) return refuse('syntax');
    if (wrong >= WRONG_CODES || given.code !== code) {
      wrong += 1;
      return refuse('code');
    }
    const fault = writeConfiguration({ node: given.node, password: given.password }, hardware.secure);
    if (fault !== undefined) return refuse(fault);
    isAdopted = true;
    isHelloDue = false;
    hardware.after(RESTART, () => hardware.restart());
    answerKind = 'adopted';
    answer = `{"node":"${given.node}"}`;
  };

  print(`fenceline: adoption code ${code}`);
  session = openSession({
    hardware,
    account: { id: chip, user: 'new', password: undefined },
    wifi: configuration.wifi,
    host: configuration.gateway[0],
    port: configuration.gateway[1],
    isSecure: configuration.tls,
    prefix: `fenceline-node/v1/new/${chip}/`,
    kinds: ['adopt'],
    hasWill: false,
    onUp: () => {
      isHelloDue = true;
      pump();
    },
    onMessage: (_, payload) => {
      session.proven();
      adopt(payload);
      pump();
    },
    onFree: () => pump(),
  });
  hardware.every(TICK, () => {
    session.tick();
    const now = hardware.uptime();
    if (now - helloAt >= HELLO_EVERY) {
      helloAt = now;
      isHelloDue = session.isUp() && !isAdopted;
    }
    pump();
  });
}
