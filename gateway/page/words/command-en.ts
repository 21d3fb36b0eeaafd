import type { CommandWords } from './command-words.ts';

export const commandEn: CommandWords = {
  title: 'Commands from the platform',
  trial: (from, to, left) =>
    `Site version ${to} is on trial. Unless the platform is reached with it, ${from} comes back in ${left}.`,
  trialEnds: 'Nothing needs to be done here: it is decided by itself.',
  kind: {
    'read-now': 'Read an instrument now',
    intervals: 'Change intervals',
    'site-change': 'Change the site document',
    resend: 'Send again',
    time: 'Tell the time',
  },
  outcome: { accepted: 'under way', done: 'done', refused: 'refused', failed: 'failed' },
};
