import type { LineWords } from '../line/words.ts';
import { plural } from '../plural.ts';

const bytes = (count: number): string => plural(count, 'byte', 'bytes');

export const lineEn: LineWords = {
  transactions: 'Transactions',
  transactionsOf: (count) => plural(count, 'transaction', 'transactions'),
  request: 'Request',
  answer: 'Answer',
  pause: 'Pause',
  goOn: 'Go on',
  paused: 'Paused: newer ones are not shown.',
  save: 'Save as text',
  notFetched: 'They could not be fetched from the gateway. Trying again…',
  notShown: (count) => `${count} older ones are not shown; the text holds the last 200.`,
  omitted: (count) => `${plural(count, 'transaction', 'transactions')} before these are not shown.`,

  facts: (facts) => facts.join('; '),
  named: (name, value) => `${name}: ${value}`,
  search: 'search',
  slave: (address) => (address === null ? 'talks unasked' : `slave address ${address}`),
  connection: (generation) => `connection ${generation}`,
  exception: (refused, code) => `${refused} (exception ${code})`,
  firstByte: (time) => `first byte after ${time}`,
  lastByte: (time) => `last byte after ${time}`,
  longestGap: (time) => `longest gap ${time}`,
  bytesCame: (came, expected) => (expected === null ? bytes(came) : `${came} of ${bytes(expected)}`),
  inAll: (time) => `${time} in all`,
  moreBytes: (count) => `and ${count} more ${count === 1 ? 'byte' : 'bytes'}`,
  junkBefore: (count) => `${bytes(count)} of junk before`,
  junkAfter: (count) => `${bytes(count)} of junk behind`,
  echoed: (count) => `${bytes(count)} of echo`,
  late: (count) => `${bytes(count)} came too late for the request before`,

  silence: {
    listening: 'It is listened to first, so that no other master is disturbed. Polling begins in a few seconds.',
    notUnderstood: (junk) =>
      `Before polling began, ${junk} were heard that make no Modbus frame. Noise, or somebody with other line settings: compare baud rate and parity with the other instruments.`,
    otherMaster: (asked) =>
      `Another master polls this line (slave addresses ${asked}). The gateway sends nothing, so as not to disturb it, and takes what values it overhears. Ask who owns the line; if it is to stay so, set "listen": true on this link, else use another line.`,
    onlyListening: 'The gateway only listens on this line, as the site file says.',
    onlyListeningTo: (asked) =>
      `The gateway only listens on this line, as the site file says. Heard so far: requests to slave addresses ${asked}.`,
  },

  recent: 'The last 100 requests of each slave',
  slaveAddress: 'Slave address',
  requests: 'Requests',
  response: 'Answer time',
  responseOf: (median, largest) => `${median}, at most ${largest}`,
  junkBytes: 'Bytes of junk',
  echoes: 'Echoes',
  lateAnswers: 'Late',
  hearsItself: (share) =>
    `The adapter hears itself: ${share} of the last requests came back to it. The gateway takes the echo out, so it does no harm while answers come.`,

  readNow: 'Read now',
  reading: 'Waiting for the line and the instrument…',
  readAt: (time, took) => `Read at ${time}, after ${took}`,
  close: 'Close',
  noReading: {
    notAllowed: 'Your account may look but not read. Log in as a technician or administrator.',
    leftOut: 'It is left out, because the site file does not allow it to run.',
    tooMany: 'Too many people and programs wait for a reading. Try again in a few seconds.',
    notRunning: 'Its line does not run; the gateway is stopping. Try again once it has started.',
    noTime: 'The line had no time for it within 30 s. It may be overloaded, or be listening only.',
  },

  text: {
    title: 'Fenceline: transactions of a line',
    version: 'Software',
    line: 'Line',
    timezone: 'Time zone',
    madeAt: 'Made at',
    held: (held, total, since) => `The newest ${held} of ${total} since ${since}, newest last.`,
    lastRequests: (count) => `last ${plural(count, 'request', 'requests')}`,
    sinceStart: (count) => `${count} since the start`,
  },
};
