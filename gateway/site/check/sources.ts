import { pointsOf } from '../../../device-profiles/profile.ts';
import { wantedPoints } from '../../driver/instrument.ts';
import { isListenOnly } from '../../link/settings.ts';
import type { Complain } from './fault.ts';
import type { KnownInstrument } from './instruments.ts';

/** Checks what a site says of an instrument or logger that sends HJ 212. */
export function checkSource(instrument: KnownInstrument, complain: Complain, warn: Complain): void {
  const { index, fields, wrong, profile } = instrument;
  const remedy = { en: 'delete this field', zh: '删去此项' };
  if (profile.protocol !== 'hj212') {
    for (const field of ['mn', 'acknowledge'] as const) {
      if (fields[field] === undefined) continue;
      const fault = { en: `${fields.profile} does not send HJ 212`, zh: `${fields.profile} 不是 HJ 212 上报设备` };
      complain(['instruments', index, field], fault, remedy);
    }
    return;
  }
  if (fields.acknowledge === true && !profile.wantsAcknowledgement) {
    const fault = {
      en: `${fields.profile} asks for no acknowledgement, so nothing is sent all the same`,
      zh: `${fields.profile} 不需要应答，仍不会发送任何报文`,
    };
    warn(['instruments', index, 'acknowledge'], fault, remedy);
  }
  if (fields.acknowledge === true && instrument.linkSettings && isListenOnly(instrument.linkSettings)) {
    const fault = { en: `${fields.link} says "listen": true`, zh: `${fields.link} 设为 "listen": true` };
    complain(['instruments', index, 'acknowledge'], fault, remedy);
  }
  const settings = { ...fields, point: fields.point ?? 'anywhere' };
  if (wrong.has('fitted') || wantedPoints({ settings }, pointsOf(profile)).length > 0) return;
  complain(
    ['instruments', index, 'fitted'],
    { en: 'is missing: what does it send?', zh: '缺少此项：设备上报哪些因子？' },
    {
      en: `name some of: ${pointsOf(profile)
        .map(({ id }) => id)
        .join(', ')}`,
      zh: `可写：${pointsOf(profile)
        .map(({ id }) => id)
        .join('、')}`,
    },
  );
}
