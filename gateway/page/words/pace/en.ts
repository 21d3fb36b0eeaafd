import type { PaceWords } from '../pace/words.ts';

export const paceEn: PaceWords = {
  drainsIn: (time) => `drains in ${time}`,
  drainUnknown: 'time to drain not known yet',
  drainsLater: 'drains once connected',
  turnIn: (time) => `begins to drain in ${time}`,
  waitsForMonth: 'waits for the data plan',
  ageUnknown: 'for an unknown time',
  and: ', ',
  roomUnknown: 'room for how long is not known yet',
  roomFor: (time) => `room for ${time}`,
  order: 'New minutes go first; what is held follows, oldest first, marked late.',
  opensAt: (time) => `sends from ${time}`,
  waits: {
    spread: 'Held data waits its turn after the outage, so that the gateways of a region do not all begin at once.',
    month: "Held data waits: this month's data plan has none left for it yet. New minutes are sent.",
  },
  late: 'Sent late',
  rate: 'Line carries',
  month: (month) => `Data in ${month}, estimated`,
  monthOf: (used, limit) => `${used} of ${limit}`,
  usedUp: (uplink) => `Uplink ${uplink} has used up this month's data plan`,
};
