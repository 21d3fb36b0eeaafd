import type { LineSilence } from '../driver/events.ts';
import type { Sentence } from '../site/check-site.ts';

/** Why a line is not spoken on yet, or at all; undefined where there is nothing to say. `listenFirst` in milliseconds. */
export function lineSilenceText({ state, asked, link }: LineSilence, listenFirst: number): Sentence | undefined {
  const addresses = asked.join(', ');
  const told: Partial<Record<LineSilence['state'], Sentence>> = {
    listening: {
      en: `${link}: listening for ${listenFirst / 1000} s first, so that no other master is disturbed`,
      zh: `${link}：先监听 ${listenFirst / 1000} 秒，以免干扰其他主站`,
    },
    'other-master': {
      en: `${link}: another master polls this line (slave addresses ${addresses}); nothing is sent`,
      zh: `${link}：另有主站在轮询本线路（从站地址 ${addresses}），不发送任何数据`,
    },
    'only-listening': {
      en: `${link}: the site file says only to listen on this line`,
      zh: `${link}：站点文件规定本线路只旁听`,
    },
  };
  return told[state];
}
