import type { ExportWords } from '../export/words.ts';
import { plural } from '../plural.ts';

export const exportEn: ExportWords = {
  problem: (days, from) =>
    `Records of ${plural(days, 'day', 'days')}, not yet exported or acknowledged, will be let go from ${from} on`,
  leaving: (days, since, from, by) =>
    `${plural(days, 'day', 'days')} of records, since ${since}, are not yet exported or acknowledged; from ${from} on they are let go ${by === 'age' ? 'by age' : 'to make room'}.`,
  command: (since) => `On the gateway: fenceline export --site DIR --out /media/usb/records --from ${since}`,
  download: 'Download records',
  what: 'What',
  minutesOf: (factor) => `Minutes: ${factor}`,
  events: 'Events and gaps',
  firstDay: 'First day',
  lastDay: 'Last day',
  save: 'Save as CSV',
};
