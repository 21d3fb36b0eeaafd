import type { TimeWords } from './time-words.ts';

export const timeEn: TimeWords = {
  title: 'Time',
  trusted: 'Known',
  notTrusted: 'Not known',
  now: 'Time of the gateway',
  source: 'By',
  sources: {
    ntp: 'NTP',
    platform: 'the platform',
    technician: 'a technician',
    'battery-clock': 'the battery clock',
    system: 'the operating system',
  },
  nobody: 'nobody',
  since: 'Since',
  uncertainty: 'Largest error',
  unbounded: 'not known',
  upTo: (time) => `up to ${time}`,
  systemClock: 'Clock of the machine',
  systemAhead: (time) => `${time} ahead of this`,
  systemBehind: (time) => `${time} behind this`,
  held: (readings, time) =>
    `${readings} readings wait in the holding table${time === null ? '' : `, the first since ${time}`}. They become minutes once the time is known.`,
  releasing: (readings) => `The time is known: ${readings} readings from the holding table become minutes now.`,
  earlier: (readings) =>
    `${readings} readings of earlier starts are kept; their time was never known, and a gap says so.`,
  jumps: 'The time moved',
  jump: {
    suspended: (by) => `The machine slept, ${by}`,
    set: (by) => `The clock was set, ${by}`,
    corrected: (by) => `Corrected by a better source, ${by}`,
  },
  forward: (time) => `${time} forward`,
  back: (time) => `${time} back`,
  offered: (who, time, taken) => `${who} said ${time}: ${taken ? 'taken' : 'not taken'}`,
  tell: 'Take the time of this phone',
  tellHint: (phone) => `This phone says ${phone}.`,
  taken: 'Taken.',
  notTaken: 'Not taken:',
  problem: 'The time is not known: readings wait',
  problemHeld: (readings) => `The time is not known: ${readings} readings wait`,
};
