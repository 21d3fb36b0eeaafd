import type { AdoptionWords } from '../adoption/words.ts';

export const adoptionEn: AdoptionWords = {
  none: 'No node yet. Power one and put it on the gateway’s Wi-Fi: it appears here and waits for its code.',
  waits: 'Waits to be adopted',
  heardAgo: (duration) => `heard ${duration} ago`,
  hint: 'Compare the chip id, and type the six digits that the node shows on its serial console.',
  onlyTechnician: 'Log in as a technician to adopt it.',
  code: 'Code',
  codeHint: 'Six digits; another one after every start of the node.',
  name: 'Name of the node',
  nameHint: 'Lower-case letters, digits and hyphens, at most 24; it stays.',
  adopt: 'Adopt',
  adopting: 'Waiting for the node to answer, 20 s at most…',
  close: 'Close',
  adopted: (node) => `${node} is adopted and logs in with an account of its own.`,
  isNamed: 'The site file names it already: its readings come as soon as it connects.',
  writeThis:
    'Write this into "instruments" of site.json, with the profile of what hangs on the node and a point that stands in "points", then restart the gateway:',
  replace: (node, chip) => `Put this chip in the place of ${chip} as ${node}`,
  outcome: {
    wrongCode: (wrong) =>
      `The code is wrong (${wrong} so far; after 5 the node takes none until it restarts). Read the code of its present start.`,
    refused: (why) => `The node has not taken its account: ${why}. Look at its console, restart it, and try again.`,
    silent: (node) =>
      `The node has not answered within 20 s. If its console says that it is adopted, it logs in as ${node} by itself; otherwise check its Wi-Fi signal and try again.`,
    notHeard: 'The node was not heard in the last two minutes. Check its power and Wi-Fi.',
    gone: 'The node was heard and is gone again. Check its power and Wi-Fi signal, and try again.',
    taken: (node, chip) => `${node} is the chip ${chip}. Choose another name, or put this one in its place.`,
    noName: 'That cannot be a name. Use lower-case letters, digits and hyphens, at most 24.',
    busy: 'It is being adopted already; wait 20 s.',
    notKept: 'The account could not be kept, so nothing was said to the node. Check the medium.',
  },
  connected: 'Connected',
  nobody: 'No node is connected',
  waiting: 'Wait to be adopted',
  turnedAway: 'Turned away',
  nobodyTurnedAway: 'Nobody in the last day',
  times: (count) => `${count} times`,
  unnamed: 'without a name',
  why: {
    'unknown-node': {
      what: 'no such node has an account',
      next: 'If it is one of this site: fenceline node flash --forget-account on its serial port, then adopt it anew.',
    },
    'wrong-password': {
      what: 'wrong password',
      next: 'If it is one of this site, adopt it anew; else somebody uses its name.',
    },
    'wrong-chip': {
      what: 'not the chip of that account',
      next: 'A chip that was exchanged has to be adopted; else somebody uses its name.',
    },
    'foreign-topic': {
      what: 'said or asked for what is not its own',
      next: 'Update its firmware; if it comes again, disconnect it.',
    },
    oversized: { what: 'a message too large', next: 'Update its firmware; if it comes again, disconnect it.' },
    malformed: { what: 'not what a node sends', next: 'It may be no sensor node; look for it by its address.' },
    flood: {
      what: 'too many messages',
      next: 'It is held off for a growing time. Restart the node; if it comes again, disconnect it.',
    },
    'held-off': { what: 'back too soon, or connecting too often', next: 'It is let in again by itself.' },
    stalled: { what: 'began and did not go on, or takes nothing', next: 'Check the Wi-Fi signal where it is.' },
    'no-tls': {
      what: 'speaks without TLS, or does not accept this gateway’s certificate',
      next: 'Is TLS on in its configuration (ESP32 only)? See with fenceline check whether the certificate still holds.',
    },
    full: { what: 'as many as there may be are connected', next: 'See whether strange devices are on this network.' },
    replaced: {
      what: 'the same account came from another address, the older connection was ended',
      next: 'If the node has kept its address, somebody uses its account: adopt it anew.',
    },
    forgotten: { what: 'its account was taken away', next: 'Nothing to do.' },
  },
};
