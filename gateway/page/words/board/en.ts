import type { BoardWords } from '../board/words.ts';

const count = (one: string, many: string) => (number: number) => `${number} ${number === 1 ? one : many}`;

export const boardEn: BoardWords = {
  contacts: 'Contacts',
  notKnown: 'not known',
  since: (time) => `since ${time}`,
  relays: 'Can be switched',
  state: { off: 'Off', warning: 'Warning', on: 'On', unknown: 'Not known' },
  goesOnAt: (time) => `goes on at ${time}`,
  goesOffAt: (time) => `goes off by itself at ${time}`,
  byPage: (account) => `asked for on the page by ${account}`,
  byPlatform: (uplink) => `asked for by the platform ${uplink}`,
  cause: {
    asked: 'as was asked',
    warning: 'it warns of something that is about to be switched on',
    'time-over': 'its time was over',
    'locked-out': 'the switch at the machine was opened, or its state is not known',
    'board-lost': 'the board is lost: look at the machine; its relays fall off when it is opened again',
    'not-confirmed': 'the board did not confirm it: look at the machine',
    'asker-lost': 'the platform that asked for it could not be reached any more',
    stopping: 'the gateway stopped',
  },
  notAllowed: 'The site file does not allow it to be switched.',
  switchOn: 'Switch on …',
  switchOff: 'Switch off',
  howLong: 'For how long',
  seconds: count('second', 'seconds'),
  minutes: count('minute', 'minutes'),
  hours: count('hour', 'hours'),
  happens: (name, warning, duration) =>
    warning === 0
      ? `At once the ${name} goes on, for ${duration}; then it goes off by itself. It can be switched off here before.`
      : `A warning begins at once. After ${warning} s the ${name} goes on, for ${duration}; then it goes off by itself. It can be stopped here before.`,
  lookFirst: 'Look first: nobody may stand where it reaches.',
  lockedBy: (contact) => `It stops at once when “${contact}” is opened, and does not start while that is open.`,
  confirm: (name) => `Switch the ${name} on`,
  cancel: 'Cancel',
  waiting: 'The gateway is told …',
  next: {
    'no-answer':
      'A board that says nothing: load StandardFirmata onto it. A sensor in the cabinet: check its four wires (A4 is SDA, A5 is SCL) and its address, 0x76 or 0x77.',
    garbled: 'The board runs another sketch. Load StandardFirmata onto it with the Arduino IDE.',
    'foreign-answer': 'Another chip answers in its place, such as a BMP280, which measures no humidity.',
    'not-a-number':
      'The sensor in the cabinet did not measure when it was told to, or reads what no cabinet is: check its four wires, which stay under half a metre, and its 3.3 V.',
    'line-lost': 'Check the USB cable and the supply of the board. It is opened again by itself.',
    'not-sent': 'The board is there, but has ceased to send this. Unplug it and plug it in again.',
    'warm-up': 'Wait some seconds: a value is made of a whole window of samples.',
    'status-unknown': 'The contact does not stand still: check its wire, its screws and what moves it.',
    'broken-loop':
      'Check wire and supply of the transmitter: below 3.6 mA is no measurement. At a clamp: its mid-point is not at half the supply.',
    'over-range':
      'Look for a short circuit, or a fault of the transmitter. At a clamp: its burden is too large for this current.',
  },
  refused: {
    'no-board': 'The board is not connected. See its line below.',
    'locked-out': 'The switch at the machine is open, or its state is not known. Whoever works there closes it.',
    resting: 'It was switched off a moment ago, and its pump must rest. Try again in 10 s.',
    'too-long': 'That is longer than its profile allows.',
    'not-confirmed': 'The board did not confirm it, and was told to let the relay fall off. Look at the machine.',
    superseded:
      'Something else was asked of it meanwhile, the switch at the machine was opened, or the board was lost. Ask again.',
    'not-recorded': 'Its record could not be made durable, so nothing was switched. See the storage below.',
    'not-allowed': 'The site file does not allow it to be switched.',
    relay: 'The site file does not allow it to be switched.',
    role: 'Your account may not switch it on.',
  },
};
