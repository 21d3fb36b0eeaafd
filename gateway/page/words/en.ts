import { adoptionEn } from './adoption/en.ts';
import { apartEn } from './apart.ts';
import { boardEn } from './board/en.ts';
import { commandEn } from './command/en.ts';
import { exportEn } from './export/en.ts';
import { lineEn } from './line/en.ts';
import { nodeEn } from './node/en.ts';
import { paceEn } from './pace/en.ts';
import { plural } from './plural.ts';
import { timeEn } from './time/en.ts';
import type { Words } from './words.ts';

export const en: Words = {
  code: 'en',
  self: 'English',
  gateway: 'Gateway',
  platform: 'Platform',
  language: 'Language',
  logOut: 'Log out',

  logIn: 'Log in',
  password: 'Password',
  logInHint: 'Enter the password of this gateway.',
  wrongPassword: 'That password is wrong. Try again.',
  setUp: 'First use',
  setUpHint:
    'This gateway has no password yet. Enter the set-up code to show that you are at the machine, then choose the administrator’s password.',
  setUpCode: 'Set-up code',
  setUpCodeHint: 'In the gateway’s terminal, and in the file secrets/setup-code of the site directory.',
  newPassword: 'New password',
  repeatPassword: 'Once more',
  passwordRule: 'At least 8 characters.',
  passwordsDiffer: 'The two passwords differ.',
  passwordTooShort: 'Too short: at least 8 characters are needed.',
  wrongCode: 'That set-up code is wrong. Compare it with the terminal.',
  setAlready: 'Somebody has set a password already. Log in with it.',
  showPassword: 'Show',
  hidePassword: 'Hide',
  savePassword: 'Set password and enter',
  tooManyTries: (seconds) => `Too many wrong tries. Wait ${seconds} s.`,
  accountsDamaged: 'The account file is damaged. On the machine, set a new password with: fenceline password',
  gatewayUnreachable: 'The gateway cannot be reached. Is this phone in its network, and is it powered?',
  requestFailed: 'That did not work. Try again.',

  loading: 'Reading…',
  allGood: 'All good',
  problems: (count) => plural(count, 'problem', 'problems'),
  lost: 'Lost the gateway',
  lostDetail: (since, stamp) =>
    `Nothing heard for ${since}. The values below are from ${stamp} and may be out of date. Trying again…`,
  stale: 'Out of date',
  gatewayTime: 'Gateway time',

  instruments: 'Instruments',
  noInstruments: 'The site file holds no instruments.',
  condition: {
    starting: 'Starting',
    answering: 'Answering',
    'not-answering': 'Not answering',
    'left-out': 'Left out',
  },
  lastAnswer: (ago) => `Last answer ${ago}`,
  neverAnswered: 'Has not answered since the start',
  address: (address) => `address ${address}`,
  talksUnasked: 'talks unasked',
  everySeconds: (seconds) => `every ${seconds} s`,
  localProfile: 'local profile',
  unprovenProfile: 'unproven profile',
  aboutProfile: 'What to know about this model, and where the facts come from',
  unprovenMeans: 'No frame of a real one is public that would prove it: compare the values with the display.',
  sources: 'Sources:',
  confidence: {
    A: 'Confidence A: the maker’s manual, or three independent sources that agree',
    B: 'Confidence B: two independent sources that agree',
    C: 'Confidence C: one source only; compare the values with the display',
    X: 'Confidence X: the sources contradict each other, see above',
  },
  simulated: 'simulated, not measured',
  lateAnswers: (count) => `Answers that came too late and were thrown away: ${count}`,
  instrumentSays: (state) => `The instrument says: ${state}`,
  variantUndecided: (fitting) =>
    fitting.length === 0
      ? 'It answers like none of the known variants'
      : `It answers like more than one variant: ${fitting.join(', ')}`,
  chooseVariant: (profile) =>
    `Find the model and year on the type plate and write the variant in site.json: "profile": "${profile.split('@')[0]}@…"; fenceline profiles show lists them.`,
  noValue: 'no value',
  minute: 'Minute',
  minuteCoverage: (count, expected) => `${count} of ${expected}`,
  noMinuteYet: 'No minute yet',
  notReadYet: 'Not read yet',
  old: 'old',
  whatToTry: 'Try:',
  moreValues: (count) => `${count} more values`,
  concerning: (factors, what) => `${factors.join(', ')}: ${what.charAt(0).toLowerCase()}${what.slice(1)}`,
  remedy: 'Instead:',

  flag: {
    N: 'normal',
    F: 'out of service',
    M: 'maintenance',
    S: 'by hand',
    D: 'instrument fault',
    C: 'calibration',
    T: 'above range',
    B: 'no communication',
  },
  reason: {
    'no-answer': {
      what: 'Nothing comes back from the instrument',
      next: ({ address, settings, link }) =>
        settings === 'modbus-tcp'
          ? `The connection ${link} stands, so look behind it: has the instrument power, and is its slave address (unit id)${address === null ? '' : ` ${address}`} the one set there?`
          : `See that the instrument has power. Compare its slave address${address === null ? '' : ` (${address} expected)`} and line settings${settings === '' ? '' : ` (${settings} expected)`}. Then look for swapped or loose A and B wires on ${link}.`,
    },
    garbled: {
      what: 'What comes back is garbled',
      next: ({ settings, link }) =>
        `Compare baud rate and parity${settings === '' ? '' : ` (${settings} expected)`}. Check shield, ground and the 120 Ω terminators of ${link}.`,
    },
    'foreign-answer': {
      what: 'Another slave’s answer came back',
      next: ({ address }) =>
        `Look for two devices with the same address${address === null ? '' : ` (${address})`}, or for a second master on the line.`,
    },
    refused: {
      what: 'The instrument refused the request',
      next: ({ exception }) =>
        `Compare model and firmware: it may not have the registers this profile reads${exception === null ? '' : ` (exception ${exception})`}.`,
    },
    'line-lost': {
      what: 'The line is gone',
      next: ({ link }) =>
        `Check the USB adapter, cable or serial server of ${link}. Polling resumes by itself when it is back.`,
    },
    listening: {
      what: 'Nothing is heard from the instrument',
      next: ({ link }) =>
        `Check its power and its TX wire on ${link}. Where another master polls the line, see that it is running.`,
    },
    'not-sent': {
      what: 'The instrument sends, but not this value',
      next: () =>
        'See that it has the sensor and sends it. If it uses another code, choose the variant that fits; take what is not fitted out of "fitted".',
    },
    'wrong-time': {
      what: 'What it sends is not of now',
      next: () =>
        'Set the clock of the instrument (Beijing time). If it is sending what it had kept, wait until that is done.',
    },
    configuration: {
      what: 'The site file does not allow it to run',
      next: () => 'Correct site.json as said here, prove it with fenceline check, and restart the gateway.',
    },
    sentinel: {
      what: 'The instrument itself says it has no value',
      next: () => 'Check that the probe of this factor is plugged in, clean and alive.',
    },
    'not-a-number': {
      what: 'What came back is no number',
      next: () => 'Compare the model with the chosen profile; the byte order may differ.',
    },
    'warm-up': {
      what: 'The instrument is warming up',
      next: () => 'Wait a few minutes. If it stays so, check the instrument.',
    },
    'above-range': {
      what: 'Above the measuring range',
      next: () => 'If the air is not that bad, look for moisture, a blocked inlet or interference.',
    },
    'below-range': {
      what: 'Below the measuring range',
      next: () => 'Check the zero point and the wiring of the probe; it may need calibration.',
    },
    'instrument-status': {
      what: 'The instrument itself reports a state',
      next: () => 'Look at its display: calibration and maintenance end by themselves, a fault does not.',
    },
    'status-unknown': {
      what: 'The state of the instrument could not be read',
      next: () => 'Compare model and firmware with the profile: its state may stand in another register.',
    },
    'scale-unknown': {
      what: 'The scale or unit of the value is not known',
      next: () => 'Check the unit and decimals set on the instrument, and the parameters in site.json.',
    },
    'broken-loop': {
      what: 'The current loop is broken',
      next: () => 'Check wires and supply of the sensor: less than 3.6 mA is no measurement.',
    },
    'over-range': {
      what: 'The signal is too high to be a measurement',
      next: () => 'Look for a short circuit or a fault of the sensor.',
    },
    'outside-curve': {
      what: 'The signal is outside the curve of the profile',
      next: () => 'Check the sensor and the span in the profile.',
    },
    'not-listed': {
      what: 'The instrument does not list this parameter',
      next: () => 'Look at its own list of parameters, and at "fitted" in site.json.',
    },
    'too-fast': {
      what: 'The value jumped faster than it can',
      next: () => 'Look for loose wires, electrical noise or a second device with the same address.',
    },
    stuck: {
      what: 'The value has not moved for too long',
      next: () => 'Look for a blocked inlet, a dead sensor or a frozen instrument; switch it off and on.',
    },
    'too-few-samples': {
      what: 'Too few valid readings in that minute',
      next: () => 'Look at the line: answers come and go, or the instrument is asked too seldom.',
    },
    'gateway-not-running': {
      what: 'The gateway did not run at that time',
      next: () => 'Check the power of the gateway.',
    },
    'clock-jumped': {
      what: 'The clock was set and jumped over that time',
      next: () => 'See under “Time” on this page who set the clock, and whether NTP keeps it.',
    },
  },
  outcome: {
    ok: 'answered',
    'no-bytes': 'silent',
    echo: 'only our own echo',
    short: 'cut short',
    crc: 'check sum wrong',
    'foreign-slave': 'another slave answered',
    'foreign-function': 'wrong function or identifier',
    'foreign-length': 'wrong length',
    'wrong-time': 'not of now',
    exception: 'refused by instrument',
    junk: 'unreadable bytes',
    'line-lost': 'line lost',
  },

  links: 'Lines',
  linkKind: {
    serial: 'Serial',
    tcp: 'Network',
    'tcp-server': 'Network, listening',
    nodes: 'Sensor nodes',
    firmata: 'Board with pins',
  },
  linkState: { open: 'Open', closed: 'Closed' },
  linkFault: {
    serial: {
      absent: 'There is no such port. Plug the USB adapter in, or correct the path in the site file.',
      taken: 'Another program has the port. Stop that program.',
      denied: 'The gateway may not use the port. Put its user into the group dialout.',
      refused: 'That device cannot be used as a serial port. Correct the path in the site file.',
      lost: 'The port is gone. Check the USB adapter; it is opened again by itself.',
    },
    tcp: {
      absent: 'That address cannot be reached. Check cable, address and power.',
      taken: 'Another master is connected to the device. Disconnect it.',
      denied: 'The network does not allow the connection. Check the firewall.',
      refused: 'The connection was refused. Check the port, and whether another master is connected already.',
      lost: 'The connection is gone. Check cable and power; it is made again by itself.',
    },
    'tcp-server': {
      absent:
        'No device has connected to this port. Add this gateway to the targets of the device, and check its network.',
      taken: 'Another program has the port. Stop that program, or choose another port.',
      denied: 'The gateway may not listen on that port. Choose one above 1023.',
      refused: 'That address cannot be listened on. Correct it in the site file.',
      lost: 'The device has gone. It is heard again as soon as it connects.',
    },
    nodes: {
      absent:
        'This machine does not have that address, or the broker cannot be reached. Bring the nodes’ network up, or correct the address in the site file.',
      taken: 'Another program has the port. Stop that program, or choose another port.',
      denied:
        'Not allowed: a port must be above 1023; with the site’s own broker, check user, password file and access list.',
      refused: 'That address or certificate cannot be used. Correct the site file.',
      lost: 'The connection to the broker is gone; it is made again by itself. Nodes keep their readings meanwhile.',
    },
    firmata: {
      absent: 'There is no such board. Plug its USB cable in, or correct the path in the site file.',
      taken: 'Another program has the board. Close it, such as the Arduino IDE with its serial monitor.',
      denied: 'The gateway may not use the port. Put its user into the group dialout.',
      refused:
        'The board does not answer as StandardFirmata: it runs nothing, or something else. Load StandardFirmata onto it with the Arduino IDE, or correct the path in the site file.',
      lost: 'The board is gone, or has started anew. Check cable and supply; it is opened again by itself, with all relays off.',
    },
  },
  utilisation: 'Busy',
  utilisationUnknown: 'not known yet',
  overload: (needed) =>
    `The site asks for ${needed} of the line’s time, which is more than there is. Ask less often, or use a second line.`,
  transactions: 'Requests',
  noTransactions: 'None yet',
  bytes: (received, sent) => `${received} in, ${sent} out`,
  line: lineEn,
  board: boardEn,
  nodes: nodeEn,
  adoption: adoptionEn,
  command: commandEn,
  time: timeEn,
  pace: paceEn,
  exports: exportEn,

  uplinks: 'Uplink',
  uplinksAndStore: 'Uplink and store',
  noUplinks: 'The site file names no platform.',
  uplinkState: {
    connecting: 'Connecting',
    connected: 'Connected',
    waiting: 'Waiting to retry',
    scheduled: 'Waiting for its hours',
    stopped: 'Stopped',
  },
  held: 'Held back',
  heldNothing: 'Nothing; all is acknowledged',
  heldFor: (age, records) => `${age}, ${records} records`,
  heldSamples: (samples) => `and ${samples} sample blocks`,
  sent: 'Sent',
  acknowledged: 'Acknowledged',
  again: 'Sent again',
  refused: 'Refused',
  malformed: 'Malformed messages',
  lastReceipt: 'Last receipt',
  acknowledgedBy: { broker: 'acknowledged by the broker', platform: 'acknowledged by the platform' },
  never: 'none yet',
  certificateUntil: { gateway: "Gateway's certificate until", broker: "Broker's certificate until" },
  refusal: (stream, seq) => `refused: ${stream === 'records' ? 'record' : 'sample block'} ${seq}`,

  store: 'Store',
  storeRecords: 'Records',
  storeSamples: 'Sample blocks',
  storeSize: 'Size',
  storeRoom: 'Room left',
  storeRoomFor: (time) => `for ${time}`,
  storeSalvage: 'Damaged old store',
  storeSalvaging: (share, entries) => `${share} read, ${entries} entries recovered`,
  storeSalvaged: (entries) => `read to its end, ${entries} entries recovered; the file is kept`,
  storeDropped: 'Dropped',
  storeLastCommit: 'Last write',
  storeWorks: 'Works',
  storeFault: 'At fault',
  discarded: 'Thrown away',
  discardedMalformed: (where, count) => `Malformed, from ${where}: ${count}`,
  discardedDropped: (where, count) => `Over the bound, ${where}: ${count}`,

  siteFaults: 'Faults in the site file',
  fingerprint: (digits) => `Key fingerprint ${digits}`,
  version: (version, site) => `Version ${version}, site ${site}`,
  runningSince: (stamp) => `Running since ${stamp}`,

  apart: apartEn,
  problem: {
    siteFaults: (count) => plural(count, 'fault in the site file', 'faults in the site file'),
    leftOut: (name) => `${name}: left out`,
    notAnswering: (name) => `${name}: not answering`,
    marked: (name, count) =>
      `${name}: ${plural(count, 'factor without a normal value', 'factors without normal values')}`,
    old: (name) => `${name}: values are old`,
    linkClosed: (link) => `Line ${link} is closed`,
    overload: (link) => `Line ${link} is asked for too much`,
    otherMaster: (link) => `Another master polls line ${link}; nothing is sent`,
    store: 'The store is at fault',
    dropped: (count) => `The store dropped ${count} entries`,
    uplink: (uplink) => `Uplink ${uplink} is not connected`,
    refused: (uplink, count) => `${uplink} refused ${count} entries`,
    credentials: (uplink, fault) => `Uplink ${uplink}: ${fault}`,
  },

  ago: (duration) => `${duration} ago`,
  unit: { second: 's', minute: 'min', hour: 'h', day: 'd' },
};
