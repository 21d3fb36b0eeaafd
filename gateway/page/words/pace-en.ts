import type { PaceWords } from './pace-words.ts';

export const paceEn: PaceWords = {
  drainsIn: (time) => `drains in about ${time}`,
  drainUnknown: 'not draining now',
  roomFor: (time) => `room for ${time}`,
  order: 'New minutes go first; what is held follows, oldest first, marked late.',
  opensAt: (time) => `This site sends from ${time}.`,
  waits: {
    spread: 'Held data waits its turn after the outage, so that the gateways of a region do not all begin at once.',
    month: "Held data waits: this month's data plan has none left for it yet. New minutes are sent.",
  },
  rate: 'Line carries',
  month: (month) => `Data in ${month}, estimated`,
  monthOf: (used, limit) => `${used} of ${limit}`,
  usedUp: (uplink) => `Uplink ${uplink} has used up this month's data plan`,
};
