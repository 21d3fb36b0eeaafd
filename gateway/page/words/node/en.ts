import type { NodeWords } from '../node/words.ts';

export const nodeEn: NodeWords = {
  title: 'Sensor nodes',
  connected: 'Connected',
  away: 'Away',
  neverSeen: 'Not seen yet',
  connectedFor: (duration) => `Connected for ${duration}`,
  awayFor: (duration) => `Away for ${duration}; it keeps its readings and brings them when it is back`,
  went: {
    'the connection was closed': '(The connection was closed.)',
    'it connected anew': '(It connected anew.)',
    'no sign of life within its keep-alive': '(No sign of life in the time it had promised.)',
    'the connection to the broker is gone': '(The connection to the broker is gone.)',
    'the broker says that it is gone': '(The broker says that it is gone.)',
    'the gateway’s own side of the link is down': '(The gateway’s own side is down: see the link.)',
  },
  next: {
    'line-lost':
      'The node is away: its card on the page says since when and what to look at. It keeps its rows and hands them over later.',
    'not-sent':
      'The node is connected but sends no such value: see its sensor’s frames on its card, and the sensor’s supply and wire.',
    'too-few-samples':
      'The node measured only part of that minute: it had just started (its card says why), and the next one is whole; or its period is not the "every" of the site file.',
    'no-answer':
      'The node is connected but has nothing of its sensor in that period. A Plantower counts nothing for 30 s after a start: wait a minute; otherwise check the sensor’s 5 V and its wire, and the frames on the node’s card.',
  },
  awayNext: 'See that the node has power and that the network of the gateway reaches it; press its RST button.',
  neverSeenNext:
    'It has not connected since the gateway started. See that it has power and its account: fenceline node list',
  turnedAway: (what) => `It comes and is turned away: ${what}.`,
  serves: (instruments) => `serves ${instruments}`,
  noInstrument: 'no instrument of the site is on it',
  saidAgo: (duration) => `as it said ${duration} ago`,
  signal: 'Wi-Fi',
  signalIs: { strong: 'strong', fair: 'fair', weak: 'weak', faint: 'barely there' },
  weakNext:
    'Move the node or its antenna nearer to the gateway: it loses its connection when somebody parks before it.',
  memory: 'Free memory',
  memoryIs: (now, lowest) => `${now}, ${lowest} at the least`,
  starts: 'Starts',
  startsAre: (count, since) => `${count}, the last ${since} ago`,
  startingNext:
    'It starts again and again. Give it 5 V from a supply of 1 A by a short cable; if it goes on, flash it anew: fenceline node flash',
  lastStarts: (reasons) => `Last starts, newest last: ${reasons.join(', ')}`,
  startReason: {
    power: 'power on',
    external: 'RST button',
    watchdog: 'hung, or restarted by cable',
    exception: 'crashed',
    software: 'by itself',
    brownout: 'supply too weak',
    'deep-sleep': 'woke up',
    unknown: 'unknown',
    update: 'new firmware',
    configuration: 'new configuration',
    trial: 'gateway not reached on trial',
    heap: 'out of memory',
  },
  held: 'Waits on the node',
  heldIs: (rows, used) => `${rows} rows, ${used} of its flash`,
  dropped: 'Dropped for want of room',
  torn: 'Blocks torn by power cuts',
  firmware: 'Firmware',
  configuration: 'Configuration',
  frames: 'Sensor frames',
  framesAre: (good, bad) => `${good} good, ${bad} damaged`,
  silent: 'Sensor silent for',
  trouble: {
    malformed: {
      what: (count) => `${count} messages were not what a node sends`,
      next: 'See that its firmware is Fenceline’s and of the gateway’s version.',
    },
    'replayed-boot': {
      what: (count) => `${count} messages of a start that was over were not taken`,
      next: 'A node that lost its count finds it again by itself. If it goes on, another chip uses its account: adopt it again.',
    },
    'rows-lost': {
      what: (count) => `${count} rows are missing in what it brought`,
      next: 'Its flash may be worn or was full; look at the drops below.',
    },
    'clock-doubtful': {
      what: (count) => `Its clock was not the gateway’s in ${count} messages`,
      next: 'Rows of its present start are dated by their age; those of an earlier one are kept as an event. If it goes on, restart the node.',
    },
    'no-instrument': {
      what: () => 'The site names no instrument on it',
      detail: () => '',
      next: 'Its rows stay on it. Add an instrument with this node in the site file, or forget the node.',
    },
    'other-period': {
      what: () => 'It averages over another time than the site says',
      next: 'Set its period to the "every" of its instruments, or write its period there; until then minutes are called too thin.',
    },
    'rows-without-time': {
      what: (count) => `${count} rows of a start that never learned the time`,
      next: 'They are kept as an event, not as minutes: nobody knows when they were measured.',
    },
  },
  update: {
    waiting: (version) => `Firmware ${version} waits for the node’s turn`,
    sending: (version, done) => `Firmware ${version} is being fetched: ${done}`,
    delivered: (version) => `Firmware ${version} is on the node; it checks it and restarts`,
    runs: (version) => `Firmware ${version} was taken and runs`,
    refused: (version) => `Firmware ${version} was not taken by the node`,
    'rolled-back': (version) => `The node went back from firmware ${version} to the one before`,
    failed: (version) => `Firmware ${version} was given up: the node fetches the same again and again`,
    held: (version) => `Firmware ${version} is held back: another node went back from it`,
  },
  updateNext: {
    'rolled-back':
      'It could not reach the gateway with it in three starts, and works with the old one. Do not offer it to others. To leave it so, offer the version that it runs.',
    refused: 'Build the firmware anew and offer it again; if the flash is full, flash it by cable.',
    failed: 'See how strong its Wi-Fi is, then offer it again.',
    held: 'Find out why before you offer it to this node by its name.',
  },
  configured: {
    waiting: (version) => `Configuration ${version} waits for the node`,
    sent: (version) =>
      `Configuration ${version} was sent; the node tries it, and goes back by itself after about half an hour if it reaches nobody`,
    'in-force': (version) => `Configuration ${version} is in force`,
    refused: (version) => `Configuration ${version} was not taken by the node`,
    'rolled-back': (version) => `The node went back from configuration ${version} to the one before`,
  },
  field: {
    wifi: 'network',
    gateway: 'gateway’s address',
    tls: 'TLS',
    sensor: 'sensor',
    adc: 'analogue input',
    period: 'averaging period',
  },
  fieldsAre: (fields) => `(${fields.join(', ')})`,
  configuredNext: 'Nothing has changed on the node. Correct the values and send them again: fenceline node configure',
  problem: {
    away: (node, duration) => `Node ${node} is away for ${duration}`,
    neverSeen: (node) => `Node ${node} has not been seen`,
    dropped: (node, rows) => `Node ${node} was full and dropped ${rows} rows`,
    rolledBack: (node, version) => `Node ${node} went back from firmware ${version}`,
    notTaken: (node, version) => `Node ${node} did not take firmware ${version}`,
    configuration: (node) => `Node ${node} did not take its configuration`,
    replayed: (node) => `Node ${node} repeats an earlier start`,
    lost: (node, rows) => `${rows} rows of node ${node} are lost`,
    nearlyFull: (node, used) => `Node ${node} is ${used} full`,
  },
};
