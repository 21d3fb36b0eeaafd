import type { CommandWords } from '../command/words.ts';

export const commandEn: CommandWords = {
  title: 'Commands from the platform',
  trial: (from, to, left) =>
    `Site version ${to} is on trial. Unless the platform is reached with it, ${from} comes back in ${left}.`,
  trialEnds: 'Nothing needs to be done here: it is decided by itself.',
  retiring: (uplink, since) => `The platform retired uplink ${uplink} on ${since}. What is held is still being sent.`,
  retired: (uplink, since) =>
    `The platform retired uplink ${uplink} on ${since}. Everything was sent; nothing is sent any more.`,
  notReading: 'No platform wants data of this gateway: no instrument is read. The store is kept.',
  resume: 'To take it back, on this machine: fenceline resume --site DIR',
  kind: {
    'read-now': 'Read an instrument now',
    intervals: 'Change intervals',
    'site-change': 'Change the site document',
    retire: 'Retire',
    resend: 'Send again',
    time: 'Tell the time',
  },
  outcome: { accepted: 'under way', done: 'done', refused: 'refused', failed: 'failed' },
};
