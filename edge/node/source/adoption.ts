import type { Configuration } from './configuration.ts';
import { decoded, writeConfiguration } from './configuration-files.ts';
import type { Hardware } from './hardware.ts';
import type { Connection, openConnection } from './sending/connection.ts';

type Open = typeof openConnection;

const HELLO_EVERY = 30;
const TICK = 5000;
/** Milliseconds for the answer to leave, whatever becomes of it, before the node starts with its account. */
const RESTART = 10000;
const WRONG_CODES = 5;

/**
 * A node without an account asks for one: it says on the broker who it is and takes an account from whoever knows the code
 * on its console, which is another one after each start. After five wrong ones it takes none until it restarts.
 */
export function seekAdoption(hardware: Hardware, configuration: Configuration, open: Open): void {
  const chip = hardware.id();
  const code = string.format('%06d', math.floor(hardware.random() * 1000000));
  let wrong = 0;
  let answerKind = '';
  let answer = '';
  let helloAt = 0;
  let isHelloDue = false;
  let isAdopted = false;
  let connection: Connection;

  const pump = (): void => {
    if (answer !== '') {
      if (connection.publish(answerKind, answer)) answer = '';
    } else if (isHelloDue) {
      isHelloDue = !connection.publish('hello', `{"l":1,"chip":"${hardware.chip}","version":"${FIRMWARE_VERSION}"}`);
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
    const fault = writeConfiguration({ node: given.node, password: given.password }, hardware.chip === 'esp32');
    if (fault !== undefined) return refuse(fault);
    isAdopted = true;
    isHelloDue = false;
    hardware.after(RESTART, () => node.restart());
    answerKind = 'adopted';
    answer = `{"node":"${given.node}"}`;
  };

  print(`fenceline: adoption code ${code}`);
  const prefix = `fenceline-node/v1/new/${chip}/`;
  connection = open(hardware, mqtt.Client(chip, 30, 'new'), configuration, prefix, ['adopt'], {
    onUp: () => {
      isHelloDue = true;
      pump();
    },
    onMessage: (_, payload) => {
      connection.prove();
      adopt(payload);
      pump();
    },
    onFree: () => pump(),
  });
  hardware.every(TICK, () => {
    connection.tick();
    const now = hardware.uptime();
    if (now - helloAt >= HELLO_EVERY) {
      helloAt = now;
      isHelloDue = !isAdopted;
    }
    pump();
  });
}
