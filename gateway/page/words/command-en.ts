import type { CommandWords } from './command-words.ts';

export const commandEn: CommandWords = {
  title: 'Commands from the platform',
  kind: {
    'read-now': 'Read an instrument now',
    resend: 'Send again',
    time: 'Tell the time',
  },
  outcome: { accepted: 'under way', done: 'done', refused: 'refused', failed: 'failed' },
};
