import { isHeard } from '../../../device-profiles/framed/messages.ts';
import { isListenOnly } from '../../link/settings.ts';
import type { Complain } from './fault.ts';
import type { KnownInstrument } from './instruments.ts';

/** Checks what a site says of an instrument with frames of its own: whether it may be started, and whether it can be asked. */
export function checkFramed(
  { index, fields, wrong, profile, linkSettings }: KnownInstrument,
  complain: Complain,
): void {
  const path = ['instruments', index, 'mayStart'];
  const starts = profile.protocol === 'framed' && profile.start.length > 0;
  if (!starts && fields.mayStart !== undefined) {
    const fault = { en: `${fields.profile} needs not be started`, zh: `${fields.profile} 不需要启动` };
    complain(path, fault, { en: 'delete this field', zh: '删去此项' });
  }
  if (starts && fields.mayStart === undefined && !wrong.has('mayStart')) {
    const fault = {
      en: `is missing: ${fields.profile} has to be started or set before it can be read`,
      zh: `缺少此项：${fields.profile} 须先启动或设置才能读取`,
    };
    complain(path, fault, {
      en: 'write true where the gateway may send it what its profile lists under start, false where somebody else does',
      zh: '允许网关发送型号文件 start 中的命令时写 true；由他人启动时写 false',
    });
  }
  if (profile.protocol !== 'framed' || linkSettings === undefined || !isListenOnly(linkSettings)) return;
  if (isHeard(profile) && fields.mayStart !== true) return;
  complain(
    ['instruments', index, 'link'],
    {
      en: `${fields.profile} must be spoken to, and ${fields.link} says "listen": true`,
      zh: `${fields.profile} 需要发送命令，而 ${fields.link} 设为 "listen": true`,
    },
    { en: 'give it a link that may be sent on', zh: '改接允许发送的链路' },
  );
}
